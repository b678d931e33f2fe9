//! What is called, from names and numbers that a person typed: an export's arguments get the
//! types of its signature.

use super::module::{FunctionType, Module};
use anyhow::{Context, Result, bail, ensure};
use protocol::{Entry, Outcome, SetupCall, Value};
use wasmparser::ValType;

/// The call of `invoke` (a function's name and its arguments) in `module`, the content of `file`.
///
/// # Errors
/// When there is no such function, or it cannot be called so; the message shows what there is.
pub fn export(file: &str, module: &Module, invoke: &[String]) -> Result<Entry> {
    let (name, texts) = invoke.split_first().context("--invoke needs the name of a function")?;
    let Some(signature) = module.function(name) else {
        match module.others.get(name) {
            Some(kind) => {
                bail!(
                    "{file}: the export {} is a {kind}, no function; {}",
                    quoted(name),
                    offers(module, name)
                )
            }
            None => bail!("{file} exports no function {}; {}", quoted(name), offers(module, name)),
        }
    };
    callable(file, name, signature)?;
    let (wanted, given) = (signature.params.len(), texts.len());
    ensure!(
        wanted == given,
        "{file}: {} takes {wanted} arguments, not {given}; its signature is {}{signature}",
        quoted(name),
        named(name)
    );
    let args = texts.iter().zip(&signature.params).enumerate().map(|(index, (text, ty))| {
        value(text, *ty).with_context(|| {
            format!("{file}: argument {} of {}{signature}", index.saturating_add(1), named(name))
        })
    });
    Ok(Entry::Export { name: name.clone(), args: args.collect::<Result<_>>()? })
}

/// The calls of `setups`, each a function's name and its arguments, separated by spaces.
///
/// # Errors
/// When there is no such function, or it cannot be called so.
pub fn setup(file: &str, module: &Module, setups: &[String]) -> Result<Vec<SetupCall>> {
    let call = |setup: &String| {
        let words: Vec<String> = setup.split_whitespace().map(str::to_owned).collect();
        let Entry::Export { name, args } = export(file, module, &words)? else {
            bail!("{file}: not a function")
        };
        let signature = module.function(&name).and_then(FunctionType::of_numbers);
        Ok(SetupCall { name, args, signature })
    };
    setups.iter().map(call).collect()
}

/// The outcome that `texts`, the values of --expect, stand for: the results of `entry` in `module`.
///
/// # Errors
/// When they are not as many as the function has, or no such numbers.
pub fn outcome(file: &str, module: &Module, entry: &Entry, texts: &[String]) -> Result<Outcome> {
    let Entry::Export { name, .. } = entry else {
        bail!("{file}: --expect needs --invoke; use --expect-exit")
    };
    let signature = module.function(name).with_context(|| format!("{file} exports no function {name}"))?;
    let (wanted, given) = (signature.results.len(), texts.len());
    ensure!(wanted == given, "{file}: {}{signature} has {wanted} results, not {given}", named(name));
    let values = texts.iter().zip(&signature.results).map(|(text, ty)| value(text, *ty));
    let values =
        values.collect::<Result<Vec<Value>>>().with_context(|| format!("{file}: {}", quoted(name)))?;
    Ok(match values.as_slice() {
        [] => Outcome::Nothing,
        [one] => Outcome::One(*one),
        _ => Outcome::Many(values),
    })
}

/// Makes sure that `module`, the content of `file`, is a command.
///
/// # Errors
/// When it is not; the message lists the functions that can be named instead.
pub fn require_start(file: &str, module: &Module) -> Result<()> {
    match module.function("_start") {
        Some(FunctionType { params, results }) if params.is_empty() && results.is_empty() => Ok(()),
        Some(signature) => {
            bail!(
                "{file} is no WASI command: its `_start` is _start{signature}; name a function with \
                 --invoke NAME ARG…; {}",
                offers(module, "_start")
            )
        }
        None => bail!(
            "{file} is no command, since it exports no function `_start`; name a function with --invoke NAME \
             ARG…, or measure what needs no call with --compile-only; {}",
            offers(module, "_start")
        ),
    }
}

/// The most names that a message lists.
const LISTED: usize = 10;

/// The exported functions whose names are most like `wanted`, in a sentence.
fn offers(module: &Module, wanted: &str) -> String {
    if module.functions.is_empty() {
        return "it exports no functions at all".to_owned();
    }
    let mut functions: Vec<(usize, &(String, FunctionType))> = module.functions.iter().enumerate().collect();
    let count = functions.len();
    if count > LISTED {
        let likeness = |name: &str| strsim::jaro_winkler(wanted, &cut(name));
        functions.sort_by(|(_, (a, _)), (_, (b, _))| likeness(b).total_cmp(&likeness(a)));
        functions.truncate(LISTED);
    }
    let shown: Vec<String> =
        functions.iter().map(|(_, (name, signature))| format!("{}{signature}", named(name))).collect();
    let more = match count.saturating_sub(LISTED) {
        0 => String::new(),
        more => format!(", and {} more", grouped(more)),
    };
    format!("it exports: {}{more}", shown.join(", "))
}

/// The most characters of a name that a message shows.
const NAME_CHARS: usize = 60;

fn cut(name: &str) -> String {
    name.chars().take(NAME_CHARS).collect()
}

/// A name between backquotes; what is no printable character is escaped, and what is too long is cut.
pub fn quoted(name: &str) -> String {
    let end = if name.chars().nth(NAME_CHARS).is_some() { "…" } else { "" };
    format!("`{}{end}`", cut(name).escape_debug().to_string().replace("\\'", "'").replace("\\\"", "\""))
}

/// A name as it is, or quoted where it is not made of the usual characters.
pub fn named(name: &str) -> String {
    let is_usual = |one: char| one.is_ascii_alphanumeric() || "_.-$:".contains(one);
    let is_plain = !name.is_empty() && name.chars().all(is_usual) && name.len() <= NAME_CHARS;
    if is_plain { name.to_owned() } else { quoted(name) }
}

/// A number with a comma between thousands.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| std::str::from_utf8(group).unwrap_or_default())
        .collect();
    groups.join(",")
}

/// Refuses a function whose arguments or results are no numbers.
fn callable(file: &str, name: &str, signature: &FunctionType) -> Result<()> {
    let is_number = |ty: &&ValType| matches!(ty, ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64);
    match signature.params.iter().chain(&signature.results).find(|ty| !is_number(ty)) {
        Some(other) => bail!(
            "{file}: {}{signature} has a {other}, and only functions of i32, i64, f32 and f64 can be called \
             from here; export one that is",
            named(name)
        ),
        None => Ok(()),
    }
}

/// A number of the type `ty`. Integers may be signed or unsigned, decimal or hexadecimal.
fn value(text: &str, ty: ValType) -> Result<Value> {
    let text = text.trim();
    match ty {
        ValType::I32 => {
            let number = integer(text, ty)?;
            let value = i32::try_from(number).or_else(|_| u32::try_from(number).map(u32::cast_signed));
            Ok(Value::I32(value.ok().with_context(|| range(text, ty, i32::MIN.into(), u32::MAX.into()))?))
        }
        ValType::I64 => {
            let number = integer(text, ty)?;
            let value = i64::try_from(number).or_else(|_| u64::try_from(number).map(u64::cast_signed));
            Ok(Value::I64(value.ok().with_context(|| range(text, ty, i64::MIN.into(), u64::MAX.into()))?))
        }
        ValType::F32 => {
            let number: f32 = text.parse().ok().with_context(|| no_number(text, ty))?;
            ensure!(number.is_finite() || names_no_finite(text), "`{text}` is too large for an f32");
            Ok(Value::F32(number.to_bits()))
        }
        ValType::F64 => {
            let number: f64 = text.parse().ok().with_context(|| no_number(text, ty))?;
            ensure!(number.is_finite() || names_no_finite(text), "`{text}` is too large for an f64");
            Ok(Value::F64(number.to_bits()))
        }
        other => bail!("a {other} cannot be written on a command line"),
    }
}

fn integer(text: &str, ty: ValType) -> Result<i128> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let number = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(digits) => i128::from_str_radix(digits, 16),
        None => digits.parse(),
    };
    // No number has two signs.
    let number = number.ok().filter(|_| !digits.contains(['+', '-']));
    Ok(sign * number.with_context(|| no_number(text, ty))?)
}

fn names_no_finite(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.contains("inf") || text.contains("nan")
}

fn no_number(text: &str, ty: ValType) -> String {
    let how = match ty {
        ValType::I32 | ValType::I64 => "-1, 4294967295 or 0xff",
        _ => "1.5, -2e10, inf or nan",
    };
    format!("`{text}` is no {ty}; write it as {how}")
}

fn range(text: &str, ty: ValType, least: i128, greatest: i128) -> String {
    format!("`{text}` does not fit an {ty}, which goes from {least} to {greatest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn integers(text: &str) -> [Option<Value>; 2] {
        [ValType::I32, ValType::I64].map(|ty| value(text, ty).ok())
    }

    #[test]
    fn integers_are_signed_or_unsigned_decimal_or_hexadecimal() {
        assert_eq!(integers("-1"), [Some(Value::I32(-1)), Some(Value::I64(-1))]);
        assert_eq!(integers("4294967295"), [Some(Value::I32(-1)), Some(Value::I64(4_294_967_295))]);
        assert_eq!(integers("0xff"), [Some(Value::I32(255)), Some(Value::I64(255))]);
        assert_eq!(integers("-0x80000000"), [Some(Value::I32(i32::MIN)), Some(Value::I64(-0x8000_0000))]);
        assert_eq!(integers("18446744073709551615"), [None, Some(Value::I64(-1))]);
        for wrong in ["", "-", "--1", "0x-1", "1.5", "ten", "0x", "18446744073709551616"] {
            assert_eq!(integers(wrong), [None, None], "{wrong}");
        }
    }

    fn module(functions: impl Iterator<Item = String>) -> Module {
        let ty = FunctionType { params: vec![ValType::I32], results: vec![ValType::F64] };
        Module { functions: functions.map(|name| (name, ty.clone())).collect(), ..Module::default() }
    }

    #[test]
    fn of_thousands_of_exports_the_ten_most_alike_are_listed_quoted_and_cut() {
        let many = module((0..5000).map(|number| format!("line\nbreak{number}")));
        let words = export("m.wasm", &many, &["line\nbreak77".to_owned() + "7x"]).unwrap_err().to_string();
        assert!(
            words
                .starts_with("m.wasm exports no function `line\\nbreak777x`; it exports: `line\\nbreak777`(")
        );
        assert!(words.ends_with(", and 4,990 more") && words.len() < 600, "{words}");
        assert_eq!(quoted(&"x".repeat(5000)).chars().count(), 60 + 3);
        assert_eq!(grouped(1_234_567), "1,234,567");
    }

    #[test]
    fn setup_calls_and_expected_results_have_the_types_of_their_signatures() {
        let module = module(["init".to_owned()].into_iter());
        let setup = setup("m", &module, &["init 0x10".to_owned()]).unwrap();
        assert_eq!((setup[0].name.as_str(), &setup[0].args), ("init", &vec![Value::I32(16)]));
        assert!(setup[0].signature.is_some());
        let entry = Entry::Export { name: "init".to_owned(), args: Vec::new() };
        let one = outcome("m", &module, &entry, &["1.5".to_owned()]).unwrap();
        assert_eq!(one, Outcome::One(Value::F64(1.5f64.to_bits())));
        assert!(outcome("m", &module, &entry, &[]).unwrap_err().to_string().contains("has 1 results, not 0"));
    }

    #[test]
    fn the_ends_of_the_range_fit_and_the_next_number_is_named_with_the_range() {
        assert_eq!(value("-2147483648", ValType::I32).unwrap(), Value::I32(i32::MIN));
        let error = value("4294967296", ValType::I32).unwrap_err().to_string();
        assert_eq!(error, "`4294967296` does not fit an i32, which goes from -2147483648 to 4294967295");
        assert!(value("-2147483649", ValType::I32).is_err());
    }

    #[test]
    fn floats_may_be_infinite_or_no_number_and_never_overflow_in_silence() {
        let f64_of = |text: &str| match value(text, ValType::F64) {
            Ok(Value::F64(bits)) => Some(f64::from_bits(bits)),
            _ => None,
        };
        assert_eq!(f64_of("-2.5e3"), Some(-2500.0));
        assert_eq!(f64_of("-inf"), Some(f64::NEG_INFINITY));
        assert!(f64_of("nan").is_some_and(f64::is_nan));
        assert_eq!(f64_of("1e309"), None);
        assert!(value("1e39", ValType::F32).is_err() && value("1e38", ValType::F32).is_ok());
        assert!(value("0x10", ValType::F64).is_err());
    }
}
