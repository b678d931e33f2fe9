//! Rhai runs a program: a parser, and an interpreter that walks a tree of dynamically typed
//! values, with much code that is entered through function pointers.

use common::Checksum;
use rhai::{Engine, OptimizationLevel, Scope};

const PROGRAM: &str = include_str!("../program.rhai");

/// Runs the program with `size` as its input and returns a checksum of the text that it makes.
#[unsafe(no_mangle)]
pub extern "C" fn run(size: u32) -> u64 {
    let mut engine = Engine::new();
    engine.set_optimization_level(OptimizationLevel::Simple);
    let mut scope = Scope::new();
    scope.push_constant("SIZE", i64::from(size));
    let text: String = engine.eval_with_scope(&mut scope, PROGRAM).expect("the program runs");
    Checksum::of(text.as_bytes())
}
