//! What a module's instructions are: how many of them call, load, store, or compute with floats
//! or vectors. Counted as they stand in the file, not as often as they are executed.

use serde::{Deserialize, Serialize};
use wasmparser::{FunctionBody, Operator};

/// Numbers of instructions. One counts in one class at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mix {
    /// All.
    pub instructions: u64,
    /// Direct calls.
    pub calls: u64,
    /// Calls through a table or a reference.
    pub indirect_calls: u64,
    /// Loads of numbers.
    pub loads: u64,
    /// Stores of numbers.
    pub stores: u64,
    /// Other instructions on floats, conversions among them.
    pub float: u64,
    /// All instructions on vectors, their loads and stores among them.
    pub simd: u64,
}

impl Mix {
    /// Counts the instructions of a function.
    ///
    /// # Errors
    /// When they cannot be decoded.
    pub fn add(&mut self, body: &FunctionBody<'_>) -> wasmparser::Result<()> {
        for operator in body.get_operators_reader()? {
            self.instructions += 1;
            if let Some(class) = self.class(&operator?) {
                *class += 1;
            }
        }
        Ok(())
    }

    /// `count` as a percentage of all instructions.
    pub fn percent(&self, count: u64) -> f64 {
        100.0 * count as f64 / self.instructions.max(1) as f64
    }

    fn class(&mut self, operator: &Operator<'_>) -> Option<&mut u64> {
        let (proposal, name) = name(operator);
        match name {
            _ if proposal.ends_with("simd") => Some(&mut self.simd),
            "visit_call" | "visit_return_call" => Some(&mut self.calls),
            "visit_call_indirect"
            | "visit_return_call_indirect"
            | "visit_call_ref"
            | "visit_return_call_ref" => Some(&mut self.indirect_calls),
            _ if name.contains("_load") => Some(&mut self.loads),
            _ if name.contains("_store") => Some(&mut self.stores),
            _ if name.contains("f32") || name.contains("f64") => Some(&mut self.float),
            _ => None,
        }
    }
}

/// The operator's proposal and its name, both as wasmparser spells them.
fn name(operator: &Operator<'_>) -> (&'static str, &'static str) {
    macro_rules! define {
        ($(@$proposal:ident $op:ident $({ $($arg:ident: $ty:ty),* })? => $visit:ident ($($arity:tt)*))*) => {
            match operator {
                $(Operator::$op { .. } => (stringify!($proposal), stringify!($visit)),)*
                // The enum may grow.
                _ => ("", ""),
            }
        };
    }
    wasmparser::for_each_operator!(define)
}
