//! `cargo xtask engines --options`: what can be changed about each engine.

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
            listed.push(Listed { engine, options });
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
