//! What is in a wasm file: section sizes, functions, instructions and the features that its code
//! uses, found by validating it, and the check that a base module is pure MVP.

use super::mix::Mix;
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use wasmparser::{ExternalKind, Operator, Parser, Payload, TypeRef, Validator, WasmFeatures};

/// What is in a wasm file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Survey {
    /// Content of the code section.
    pub code_section_bytes: u64,
    /// Content of all custom sections, their names included.
    pub custom_section_bytes: u64,
    /// Functions with a body.
    pub functions: u32,
    /// Names of the features beyond the MVP that validation needs.
    pub features: Vec<String>,
    /// Exported functions.
    pub exports: Vec<String>,
    /// Imported functions, as `module.name`.
    pub imports: Vec<String>,
    /// What its instructions are.
    pub mix: Mix,
    /// Functions that make a stack frame first, as compilers do for every variable where they optimise nothing.
    #[serde(default)]
    pub framed: u32,
    /// Whether functions have names.
    #[serde(default)]
    pub named: bool,
}

/// Below this many functions nothing is said of how they were compiled.
const FEW_FUNCTIONS: u32 = 10;

impl Survey {
    /// Surveys a module.
    ///
    /// # Errors
    /// When it is not valid, whatever features are allowed.
    pub fn of(wasm: &[u8]) -> Result<Survey> {
        let mut survey = Survey { features: features(wasm)?, ..Survey::default() };
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::CodeSectionStart { count, range, .. } => {
                    survey.functions = count;
                    survey.code_section_bytes = range.len() as u64;
                }
                Payload::CodeSectionEntry(body) => {
                    survey.mix.add(&body)?;
                    let first = body.get_operators_reader()?.read()?;
                    survey.framed += u32::from(matches!(first, Operator::GlobalGet { .. }));
                }
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        let import = import?;
                        if matches!(import.ty, TypeRef::Func(_) | TypeRef::FuncExact(_)) {
                            survey.imports.push(format!("{}.{}", import.module, import.name));
                        }
                    }
                }
                Payload::CustomSection(section) => {
                    survey.custom_section_bytes += section.range().len() as u64;
                    survey.named |= section.name() == "name";
                }
                Payload::ExportSection(exports) => {
                    for export in exports {
                        let export = export?;
                        if export.kind == ExternalKind::Func {
                            survey.exports.push(export.name.to_owned());
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(survey)
    }

    /// Whether it looks like a build without optimisation: functions have names, and half of them begin with a
    /// stack frame. Of optimised modules 0 to 40% do, of a Rust program in debug around an optimised standard
    /// library 64%.
    pub fn looks_unoptimised(&self) -> bool {
        self.named && self.functions >= FEW_FUNCTIONS && 2 * self.framed >= self.functions
    }

    /// The features as tables show them.
    pub fn features_text(&self) -> String {
        if self.features.is_empty() { "mvp".to_owned() } else { self.features.join(", ") }
    }
}

/// Accepts a module that WebAssembly's first release accepts.
///
/// # Errors
/// For any other; the message names the features and the first place that needs one.
pub fn require_mvp(wasm: &[u8]) -> Result<()> {
    let Err(error) = validate(wasm, WasmFeatures::MVP) else { return Ok(()) };
    let used = features(wasm)?;
    bail!("the module is not pure MVP: it uses {} ({error})", used.join(", "))
}

fn validate(wasm: &[u8], features: WasmFeatures) -> Result<()> {
    Validator::new_with_features(features).validate_all(wasm)?;
    Ok(())
}

/// The features beyond the MVP without which `wasm` is not valid.
fn features(wasm: &[u8]) -> Result<Vec<String>> {
    if validate(wasm, WasmFeatures::MVP).is_ok() {
        return Ok(Vec::new());
    }
    let mut needed = WasmFeatures::all();
    validate(wasm, needed).context("the module is not valid")?;
    // Bit by bit, since a flag may stand for a proposal and for a part of it.
    for bit in (0..u64::BITS).map(|shift| WasmFeatures::from_bits_retain(1 << shift)) {
        let fewer = needed.difference(bit);
        if !WasmFeatures::MVP.contains(bit) && fewer != needed && validate(wasm, fewer).is_ok() {
            needed = fewer;
        }
    }
    let beyond = needed.difference(WasmFeatures::MVP);
    let mut names: Vec<String> = beyond.iter_names().map(|(name, _)| proposal(name)).collect();
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

/// The name of the proposal to which a flag of wasmparser belongs.
fn proposal(flag: &str) -> String {
    match flag {
        "BULK_MEMORY_OPT" => "bulk-memory".to_owned(),
        "CALL_INDIRECT_OVERLONG" => "reference-types".to_owned(),
        flag => flag.to_lowercase().replace('_', "-"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wasm(text: &str) -> Vec<u8> {
        wat::parse_str(text).unwrap()
    }

    #[test]
    fn names_and_stack_frames_in_half_of_the_functions_look_like_a_debug_build() {
        let module = |framed: usize, name: &str| {
            let frame = "(func (drop (global.get 0)))".repeat(framed);
            let plain = "(func nop)".repeat(10 - framed);
            let text = format!("(module {name} (global (mut i32) (i32.const 0)) {frame} {plain})");
            Survey::of(&wasm(&text)).unwrap()
        };
        assert!(module(5, "$m").looks_unoptimised());
        assert!(!module(4, "$m").looks_unoptimised() && !module(10, "").looks_unoptimised());
    }

    #[test]
    fn sign_extension_is_rejected_and_named() {
        let wasm = wasm("(module (func (param i32) (result i32) local.get 0 i32.extend8_s))");
        let error = require_mvp(&wasm).unwrap_err().to_string();
        assert!(error.contains("it uses sign-extension ("), "{error}");
    }

    #[test]
    fn a_mutable_global_that_is_exported_is_rejected_and_named() {
        let wasm = wasm(r#"(module (global (export "g") (mut i32) i32.const 0))"#);
        let error = require_mvp(&wasm).unwrap_err().to_string();
        assert!(error.contains("it uses mutable-global ("), "{error}");
    }

    #[test]
    fn the_first_release_is_accepted() {
        let wasm = wasm("(module (memory 1) (func (result f64) f64.const 2 f64.sqrt))");
        require_mvp(&wasm).unwrap();
        assert_eq!(Survey::of(&wasm).unwrap().features_text(), "mvp");
    }

    #[test]
    fn exactly_the_features_in_use_are_found() {
        let wasm = wasm(
            "(module (memory 1) (func (param i32) (result i32)
               i32.const 0 i32.const 0 i32.const 0 memory.copy
               local.get 0 i32.extend16_s))",
        );
        assert_eq!(Survey::of(&wasm).unwrap().features_text(), "bulk-memory, sign-extension");
        let simd = wat::parse_str("(module (func (result v128) v128.const i64x2 1 2))").unwrap();
        assert_eq!(Survey::of(&simd).unwrap().features_text(), "simd");
    }

    #[test]
    fn sections_functions_and_exports_are_counted() {
        let wasm = wasm(r#"(module (func (export "run")) (func) (@custom "note" "12345"))"#);
        let survey = Survey::of(&wasm).unwrap();
        assert_eq!((survey.functions, survey.exports), (2, vec!["run".to_owned()]));
        // A count, and for each function its length, its locals and its end.
        assert_eq!(survey.code_section_bytes, 1 + 2 * 3);
        assert_eq!(survey.custom_section_bytes, 1 + 4 + 5);
    }

    #[test]
    fn rubbish_is_an_error() {
        assert!(Survey::of(b"rubbish").is_err());
    }

    #[test]
    fn every_instruction_counts_once() {
        let wasm = wat::parse_str(
            "(module (memory 1) (table 1 funcref) (type $t (func))
               (func (call 0) (call_indirect (type $t) (i32.const 0))
                 (f64.store (i32.const 0) (f64.add (f64.load (i32.const 0)) (f64.const 1)))
                 (drop (i32.trunc_f32_s (f32.const 1)))
                 (v128.store (i32.const 0) (v128.load (i32.const 0)))))",
        );
        let mix = Survey::of(&wasm.unwrap()).unwrap().mix;
        let counted =
            Mix { instructions: 17, calls: 1, indirect_calls: 1, loads: 1, stores: 1, float: 4, simd: 2 };
        assert_eq!(mix, counted);
        assert!((mix.percent(mix.simd) - 200.0 / 17.0).abs() < 1e-9);
    }
}
