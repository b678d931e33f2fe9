//! `cargo xtask engines --options`: what can be changed about each engine, and which can be had in any version.

use crate::cli::exit::Exit;
use crate::engines::{EngineOption, Runtime};
use crate::outln;
use anyhow::Result;
use serde::Serialize;

/// The options of one engine, for `--json`.
#[derive(Debug, Serialize)]
struct Listed<'a> {
    engine: &'a str,
    options: Vec<&'a EngineOption>,
    /// What stands before the `@` of its other versions.
    #[serde(skip_serializing_if = "Option::is_none")]
    version_of: Option<&'a str>,
    /// The versions whose checksums are known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pinned: Vec<&'a str>,
}

/// Prints the options of the engines `chosen`.
///
/// # Errors
/// When they cannot be written as JSON.
pub fn run(chosen: &[&str], runtimes: &[Runtime], json: bool) -> Result<Exit> {
    let mut listed = Vec::new();
    for runtime in runtimes {
        let own = runtime.configurations.iter().map(|one| one.name.as_str());
        for engine in own.filter(|name| chosen.contains(name)) {
            let options = runtime.options.iter().filter(|option| option.is_for(engine)).collect();
            let versions = runtime.versions.iter().find(|versions| versions.like == engine);
            let pinned = versions.iter().flat_map(|versions| &versions.pinned);
            listed.push(Listed {
                engine,
                options,
                version_of: versions.map(|versions| versions.name.as_str()),
                pinned: pinned.map(|pinned| pinned.version.as_str()).collect(),
            });
        }
    }
    if json {
        outln!("{}", serde_json::to_string_pretty(&listed)?);
    } else {
        listed.iter().for_each(print);
    }
    Ok(Exit::Done)
}

fn print(listed: &Listed<'_>) {
    if let Some(name) = listed.version_of {
        outln!("{name}@VERSION: {} with that version, fetched without a build", listed.engine);
        outln!("  {}, or any other of the registry, of which the start is enough", listed.pinned.join(", "));
        return;
    }
    if listed.options.is_empty() {
        outln!("{}: no options", listed.engine);
        return;
    }
    outln!("{}:OPTION=VALUE", listed.engine);
    for option in &listed.options {
        let choice = format!("{}={}", option.name, option.values.join("|"));
        outln!("  {choice:<44} {} [default: {}]", option.says, option.default);
    }
}
