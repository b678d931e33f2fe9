//! What a module is, in a few lines: before anything is built or run, a person can see what was understood.

use super::arguments::named;
use super::input::shown;
use super::reference::call;
use super::subject::OwnModule;
use super::support::Support;
use crate::samples::inspect::survey::Survey;
use protocol::marks;
use std::path::Path;

/// The most names that a line lists.
const LISTED: usize = 6;

/// What `own` is, a line for each thing; the first has its name.
pub fn lines(own: &OwnModule) -> Vec<String> {
    let module = &own.module;
    let forms: String = own.forms.iter().map(|form| format!(", from {form}")).collect();
    let mut lines = vec![
        format!(
            "module:   {}: {} ({} bytes{forms}): {}",
            own.name,
            shown(&own.file),
            own.wasm.len(),
            called(own)
        ),
        format!("  kind:     {}", kind(own)),
    ];
    if let Ok(survey) = Survey::of(&own.wasm) {
        let custom = match survey.custom_section_bytes {
            0 => String::new(),
            bytes => format!(", {bytes} bytes of custom sections"),
        };
        lines.push(format!(
            "  code:     {} functions, {} bytes{custom}",
            survey.functions, survey.code_section_bytes
        ));
        lines.push(format!("  features: {}", survey.features_text()));
        if survey.looks_unoptimised() {
            lines.push(
                "  hint:     it looks like a debug build (names, and a stack frame in half of its functions); measure what is \
                 shipped: cargo build --release, clang -O2"
                    .to_owned(),
            );
        }
    }
    lines.push(format!("  imports:  {}", imports(own)));
    let exported = if module.exports_memory() { ", exported as memory" } else { "" };
    let memory = match module.memories.as_slice() {
        [] => "none".to_owned(),
        some => format!("{}{exported}", some.join("; ")),
    };
    lines.push(format!("  memory:   {memory}"));
    if module.has_start {
        lines.push("  start:    it has a start section, which is part of c".to_owned());
    }
    lines.push(format!("  exports:  {}", exports(own)));
    lines
}

/// Which of `engines` can take `own`, as far as it is known of them; `None` where nothing is known.
pub fn plan(own: &OwnModule, engines: &[(String, Option<Support>)]) -> Option<String> {
    let features = Survey::of(&own.wasm).map(|survey| survey.features).unwrap_or_default();
    let (mut takes, mut refuses, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
    for (name, support) in engines {
        match support.as_ref().map(|support| support.lacks(&features, &own.module.wasi_functions)) {
            None => unknown.push(name.clone()),
            Some(lacks) if lacks.is_empty() => takes.push(name.clone()),
            Some(lacks) => refuses.push(format!("{name} ({})", lacks.join(", "))),
        }
    }
    if takes.is_empty() && refuses.is_empty() {
        return None;
    }
    let parts = [("can take it", takes), ("cannot, for what they lack", refuses), ("not known", unknown)];
    let parts = parts.iter().filter(|(_, names)| !names.is_empty());
    let parts: Vec<String> = parts.map(|(what, names)| format!("{what}: {}", names.join(", "))).collect();
    Some(format!("  engines:  {}", parts.join("; ")))
}

fn called(own: &OwnModule) -> String {
    match (&own.entry, &own.compile_only) {
        (_, Some(reason)) => format!("compiled only: {reason}"),
        (Some(entry), None) => call(entry),
        (None, None) => call(&own.case(Path::new(""), None).entry),
    }
}

fn kind(own: &OwnModule) -> String {
    let module = &own.module;
    let mut kinds = Vec::new();
    if module.function("_start").is_some() {
        kinds.push("a WASI command (_start)");
    }
    if module.is_reactor() {
        kinds.push("a reactor (_initialize is called once, in c)");
    }
    if kinds.is_empty() {
        kinds.push("a library of exported functions");
    }
    if module.marks.len() == 2 {
        kinds.push("marks the timed part of its call");
    }
    kinds.join("; ")
}

/// The imports, and who provides them.
fn imports(own: &OwnModule) -> String {
    let module = &own.module;
    let mut parts = Vec::new();
    for (from, count) in &module.imports {
        let who = match from.as_str() {
            protocol::WASI_PREVIEW_1 => "WASI preview 1, by the engines".to_owned(),
            protocol::WASI_UNSTABLE => {
                "WASI before preview 1, by few engines; build the module for preview 1 (wasm32-wasip1)"
                    .to_owned()
            }
            marks::MODULE if module.marks.len() == *count => "by the worker".to_owned(),
            _ => continue,
        };
        parts.push(format!("{count} of {from} ({who})"));
    }
    let unmet = module.not_provided();
    if !unmet.is_empty() {
        parts.push(format!("not provided: {}", listed(&unmet)));
    }
    if !own.stubbed.is_empty() {
        parts.push(format!("by stubs: {}", listed(&own.stubbed)));
    }
    if parts.is_empty() { "none".to_owned() } else { parts.join("; ") }
}

fn exports(own: &OwnModule) -> String {
    let names: Vec<String> = own
        .module
        .functions
        .iter()
        .map(|(name, ty)| format!("{}{ty}", named(name)))
        .chain(own.module.others.iter().map(|(name, kind)| format!("{} (a {kind})", named(name))))
        .collect();
    if names.is_empty() { "none".to_owned() } else { listed(&names) }
}

fn listed(names: &[String]) -> String {
    let shown = names.iter().take(LISTED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(LISTED) {
        0 => shown,
        more => format!("{shown}, and {more} more"),
    }
}
