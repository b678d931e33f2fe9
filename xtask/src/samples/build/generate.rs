//! The scale family: one kind of program in many sizes, generated as Rust source, so that wasm
//! and native code look as a compiler makes them. Every function differs from all others in its
//! constants and in the order of its statements, so that none is folded into another; all are
//! called through a table, so that none is removed or inlined.

use serde::Deserialize;
use std::fmt::Write;

/// What decides about the source besides a [`Shape`]: the code here.
pub const RECIPE: &str = include_str!("generate.rs");

/// The shape of a generated program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// Functions, besides the entry.
    pub functions: u32,
    /// Statements in each of them.
    pub statements: u32,
}

/// The program of a shape: always the same.
pub fn source(shape: Shape) -> String {
    let mut random =
        Random(0x9e37_79b9_7f4a_7c15 ^ u64::from(shape.functions) << 32 ^ u64::from(shape.statements));
    let Shape { functions, statements } = shape;
    let mut text = format!(
        "//! Generated: {functions} functions of {statements} statements.\n\n\
         #![allow(unused_mut, unused_variables)]\n\n\
         type Memory = [u64; 256];\n\n{}",
        entry(functions)
    );
    text.push_str("static FUNCTIONS: [fn(&mut Memory, u64, u32) -> u64; ");
    let names: Vec<String> = (0..functions).map(|number| format!("f{number}")).collect();
    let _ = writeln!(text, "{functions}] = [{}];", names.join(", "));
    for number in 0..functions {
        function(&mut text, number, shape, &mut random);
    }
    text
}

/// Calls one function after the other, each with what the last returned.
fn entry(functions: u32) -> String {
    format!(
        "/// Calls `size` functions in an order that visits all, and returns what came of it.\n\
         #[unsafe(no_mangle)]\n\
         pub extern \"C\" fn run(size: u32) -> u64 {{\n    \
             let mut memory = [0; 256];\n    \
             for (index, word) in (0..).zip(&mut memory) {{\n        \
                 *word = index ^ u64::from(size);\n    \
             }}\n    \
             (0..size).fold(u64::from(size), |value, call| {{\n        \
                 let number = call.wrapping_mul(2_654_435_761) % {functions};\n        \
                 FUNCTIONS[number as usize](&mut memory, value, call).rotate_left(9)\n    \
             }})\n\
         }}\n\n"
    )
}

/// Functions of odd numbers call those of even ones, so that a call's cost has a bound.
fn function(text: &mut String, number: u32, shape: Shape, random: &mut Random) {
    let _ = writeln!(text, "\nfn f{number}(memory: &mut Memory, mut x: u64, b: u32) -> u64 {{");
    let _ = writeln!(text, "    let mut y = x ^ {};", random.constant());
    for _ in 0..shape.statements {
        let callee = (number % 2 == 1).then(|| random.below(shape.functions.div_ceil(2)) * 2);
        text.push_str(&statement(callee, random));
    }
    let _ = writeln!(text, "    x ^ y.rotate_left({})\n}}", random.below(63) + 1);
}

/// A statement of what real code is made of: arithmetic, loads, stores, branches, loops, jumps
/// through tables, floats and calls.
fn statement(callee: Option<u32>, random: &mut Random) -> String {
    let (k, m, s) = (random.constant(), random.constant(), random.below(40) + 5);
    let at = random.below(256);
    match random.below(16) {
        0 | 1 => format!("    x = x.wrapping_mul({k} | 1).rotate_left({s}) ^ y;\n"),
        2 | 3 => format!("    y = y.wrapping_add(memory[(x >> {s}) as usize & 255] ^ {k});\n"),
        4 | 5 => format!("    memory[(y >> {s}) as usize & 255] = x ^ {k};\n"),
        6 => format!("    x = x.wrapping_add(memory[{at}]).wrapping_sub(y >> {s});\n"),
        7 | 8 => format!(
            "    if (x ^ {k}) >> {s} & 3 == 1 {{\n        y = y.wrapping_sub(x) ^ {m};\n        \
             memory[{at}] = y;\n    }} else {{\n        x ^= y >> 7;\n    }}\n"
        ),
        9 => format!(
            "    for step in 0..y & 7 {{\n        \
             x = x.rotate_left(5) ^ memory[(step ^ {at}) as usize & 255].wrapping_mul({k});\n    }}\n"
        ),
        10 => format!(
            "    y = match x >> {s} & 7 {{\n        0 => y ^ {k},\n        1 => y.wrapping_mul({m}),\n        \
             2 => memory[{at}],\n        3 => x.count_ones().into(),\n        4 => !x,\n        \
             5 => {{\n            memory[{at}] ^= x;\n            y\n        }}\n        \
             6 => x.swap_bytes(),\n        _ => y >> 3,\n    }};\n"
        ),
        11 => format!("    y ^= u64::from((x as u32).wrapping_mul({} | 1) ^ b);\n", k >> 32),
        12 => format!("    x ^= (f64::from(b) * {at}.5 + f64::from((y >> {s}) as u32)).to_bits() >> 12;\n"),
        13 => format!("    x = x.wrapping_add(y / ({} | 1));\n", k >> 40),
        14 => format!("    y = y.max(x ^ {k}).wrapping_add(u64::from(x.leading_zeros()));\n"),
        _ => match callee {
            Some(callee) => {
                format!("    if y & 3 != 0 {{\n        x ^= f{callee}(memory, y, b ^ {});\n    }}\n", k >> 32)
            }
            None => format!("    (x, y) = (y.rotate_left({s}), x ^ {k});\n"),
        },
    }
}

/// A xorshift generator: the same numbers on every machine.
struct Random(u64);

impl Random {
    fn constant(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: u32) -> u32 {
        // The remainder is below `end`, which is 32 bits wide.
        u32::try_from((self.constant() >> 16) % u64::from(end)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_same_shape_is_the_same_program_and_another_is_another() {
        let shape = Shape { functions: 20, statements: 5 };
        assert_eq!(source(shape), source(shape));
        assert_ne!(source(shape), source(Shape { functions: 20, statements: 6 }));
    }

    #[test]
    fn no_function_is_like_another() {
        let text = source(Shape { functions: 500, statements: 3 });
        let bodies: BTreeSet<&str> =
            text.split("\nfn f").skip(1).filter_map(|function| Some(function.split_once('{')?.1)).collect();
        assert_eq!(bodies.len(), 500);
    }
}
