//! What an embedder of wasm2c writes by hand for one module, written from the header that wasm2c
//! generates: C that makes an instance, and calls each export with numbers as their bits.

use std::fmt::Write as _;
use worker::marks;
use worker::protocol::{Error, Result};

/// The module's name in C.
pub const MODULE: &str = "m";

/// The types of the table of exports, which `library.rs` reads.
const DECLARATIONS: &str = r#"
struct worker_export {
  const char* name;
  u64 name_bytes;
  const char* params;
  const char* results;
  void (*wrapper)(void*, const u64*, u64*);
  void (*function)(void);
};
#define WORKER_FLOAT(TYPE, BITS, NAME)                                                                  \
  static inline TYPE NAME##_of(u64 slot) { BITS bits = (BITS)slot; TYPE value; memcpy(&value, &bits, sizeof value); return value; } \
  static inline u64 NAME##_to(TYPE value) { BITS bits; memcpy(&bits, &value, sizeof bits); return bits; }
WORKER_FLOAT(f32, u32, worker_f32)
WORKER_FLOAT(f64, u64, worker_f64)
"#;

/// The C file that is compiled with the module, from the module's `header`.
///
/// # Errors
/// [`ErrorKind::Link`](worker::protocol::ErrorKind::Link) for an import that the worker does not have.
pub fn write(header: &str) -> Result<String> {
    let mut text = format!("#include \"{MODULE}.h\"\n#include <string.h>\n{DECLARATIONS}");
    let mut table = String::new();
    let mut count = 0;
    let mut lines = header.lines().map(str::trim);
    while let Some(line) = lines.next() {
        if let Some(import) = line.strip_prefix("/* import: ") {
            check_import(import.trim_end_matches(" */"))?;
        } else if let Some(instantiate) = line.strip_prefix("void wasm2c_m_instantiate(") {
            // The host functions need no instance of their modules.
            let instances = ", NULL".repeat(instantiate.matches(',').count());
            let _ = writeln!(
                text,
                "void worker_instantiate(void* i) {{ wasm2c_m_instantiate((w2c_m*)i{instances}); }}"
            );
        } else if let Some(name) =
            line.strip_prefix("/* export: '").and_then(|rest| rest.strip_suffix("' */"))
            && let Some(function) = lines.next().and_then(Function::read)
        {
            function.write(count, &unescape(name), &mut text, &mut table);
            count += 1;
        }
    }
    let _ = writeln!(
        text,
        "void worker_free(void* i) {{ wasm2c_m_free((w2c_m*)i); }}\n\
         const u64 worker_instance_bytes = sizeof(w2c_m);\n\
         const u64 worker_export_count = {count};\n\
         const struct worker_export worker_exports[] = {{\n{table}{{0}}}};"
    );
    Ok(text)
}

/// `import` is as in the header: `'module' 'name'`.
fn check_import(import: &str) -> Result<()> {
    let (start, end) = (marks::START, marks::END);
    let known = [start, end].map(|name| format!("'{}' '{name}'", marks::MODULE));
    if known.iter().any(|known| known == import) {
        return Ok(());
    }
    Err(Error::link(format!("nothing provides the import {import}: wasm2c comes without host functions")))
}

/// The bytes of a name in a comment of the header: `\` and two digits stand for bytes that are not plain.
fn unescape(name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = name.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(escaped) if byte == b'\\' => {
                bytes.push(escaped);
                rest = &after[2..];
            }
            _ => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    bytes
}

/// An exported function as the header declares it.
struct Function<'a> {
    result: &'a str,
    symbol: &'a str,
    params: Vec<&'a str>,
}

impl<'a> Function<'a> {
    /// Reads a declaration; `None` for exports of other kinds, whose parameter has a name.
    fn read(line: &'a str) -> Option<Function<'a>> {
        let (head, params) = line.strip_suffix(");")?.split_once('(')?;
        let (result, symbol) = head.rsplit_once(' ')?;
        let mut params = params.split(", ");
        (params.next()? == "w2c_m*").then(|| Function { result, symbol, params: params.collect() })
    }

    /// Letters of the result types: `i`, `j`, `f`, `d`, and others for what is no number. A structure of
    /// several results has them in its name.
    fn results(&self) -> String {
        match self.result.strip_prefix("struct wasm_multi_") {
            Some(letters) => letters.to_owned(),
            None if self.result == "void" => String::new(),
            None => letter(self.result).to_string(),
        }
    }

    /// Writes the wrapper and the line of the table.
    fn write(&self, number: usize, name: &[u8], text: &mut String, table: &mut String) {
        let params: String = self.params.iter().map(|ty| letter(ty)).collect();
        let results = self.results();
        let is_number = |letter| "ijfd".contains(letter);
        let wrapper = if params.chars().chain(results.chars()).all(is_number) {
            self.write_wrapper(number, &params, &results, text);
            format!("worker_wrapper_{number}")
        } else {
            "NULL".to_owned()
        };
        let quoted: String = name.iter().map(|byte| format!("\\{byte:03o}")).collect();
        let symbol = self.symbol;
        let _ = writeln!(
            table,
            "{{\"{quoted}\", {}, \"{params}\", \"{results}\", {wrapper}, (void (*)(void)){symbol}}},",
            name.len()
        );
    }

    fn write_wrapper(&self, number: usize, params: &str, results: &str, text: &mut String) {
        let Function { result, symbol, .. } = self;
        let args: String = params
            .chars()
            .enumerate()
            .map(|(at, letter)| match letter {
                'f' => format!(", worker_f32_of(a[{at}])"),
                'd' => format!(", worker_f64_of(a[{at}])"),
                'i' => format!(", (u32)a[{at}]"),
                _ => format!(", a[{at}]"),
            })
            .collect();
        let store = |at: usize, letter: char, value: &str| match letter {
            'f' => format!("r[{at}] = worker_f32_to({value}); "),
            'd' => format!("r[{at}] = worker_f64_to({value}); "),
            _ => format!("r[{at}] = {value}; "),
        };
        let call = format!("{symbol}((w2c_m*)i{args})");
        let mut letters = results.chars();
        let body = match (letters.next(), letters.next()) {
            (None, _) => format!("{call}; "),
            (Some(letter), None) => store(0, letter, &call),
            _ => {
                let stores: String = results
                    .chars()
                    .enumerate()
                    .map(|(at, letter)| store(at, letter, &format!("all.{letter}{at}")))
                    .collect();
                format!("{result} all = {call}; {stores}")
            }
        };
        let _ =
            writeln!(text, "static void worker_wrapper_{number}(void* i, const u64* a, u64* r) {{ {body}}}");
    }
}

/// One letter for a type of C; what is no number has the first letter of its name in WebAssembly, large.
fn letter(ty: &str) -> char {
    match ty {
        "u32" => 'i',
        "u64" => 'j',
        "f32" => 'f',
        "f64" => 'd',
        "v128" => 'V',
        "wasm_rt_funcref_t" => 'F',
        "wasm_rt_externref_t" => 'E',
        _ => 'X',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_becomes_a_wrapper_and_a_line_of_the_table() {
        let header = "void wasm2c_m_instantiate(w2c_m*, struct w2c_bench*);\n\
            /* import: 'bench' 'start' */\n\
            /* export: 'a\\2F' */\nstruct wasm_multi_id w2c_m_a0x2F(w2c_m*, u32, f32);\n\
            /* export: 'g' */\nu32* w2c_m_g(w2c_m* instance);\n\
            /* export: 'v' */\nv128 w2c_m_v(w2c_m*);\n";
        let text = write(header).expect("all imports are known");
        assert!(text.contains("wasm2c_m_instantiate((w2c_m*)i, NULL);"), "{text}");
        let call = "struct wasm_multi_id all = w2c_m_a0x2F((w2c_m*)i, (u32)a[0], worker_f32_of(a[1]));";
        assert!(text.contains(&format!("{call} r[0] = all.i0; r[1] = worker_f64_to(all.d1); }}")), "{text}");
        assert!(text.contains(r#"{"\141\057", 2, "if", "id", worker_wrapper_0, "#), "{text}");
        assert!(text.contains(r#"{"\166", 1, "", "V", NULL, "#), "{text}");
        assert!(text.contains("worker_export_count = 2;"), "{text}");
    }

    #[test]
    fn an_import_that_nothing_provides_is_named() {
        let error = write("/* import: 'env' 'f' */\n").expect_err("there is no such import");
        assert_eq!(error.kind, worker::protocol::ErrorKind::Link);
        assert!(error.message.contains("'env' 'f'"), "{error}");
    }
}
