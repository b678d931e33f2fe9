//! `cargo xtask engines`: the state of every engine, and what would enable the rest; or builds their
//! workers.

use super::engine_choice;
use crate::cli::exit::Exit;
use crate::cli::flags::EnginesArgs;
use crate::engines;
use crate::engines::{Build, Modules, PreparedEngine, Runtime, State, Wanted};
use crate::host::paths::Paths;
use crate::outln;
use crate::report::sheet;
use anyhow::Result;
use protocol::{Ability, Hello};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

/// Runs the task.
///
/// # Errors
/// When an engine folder or the cache folder cannot be read.
pub fn run(args: &EnginesArgs, paths: &Paths) -> Result<Exit> {
    let runtimes = engines::read(paths)?;
    if let Some(folder) = &args.new {
        return write_new(folder, &runtimes, paths);
    }
    let chosen = engine_choice::chosen(&args.engines, engine_choice::EVERY, &runtimes)?;
    let build = if args.build { Build::Yes } else { Build::No };
    let engines =
        engines::prepare(&runtimes, Wanted { names: &chosen, modules: Modules::Both, build }, paths)?;
    if args.json {
        let listed: Vec<ListedEngine> = engines.iter().map(|one| ListedEngine::of(one, &runtimes)).collect();
        outln!("{}", serde_json::to_string_pretty(&listed)?);
    } else {
        print_table(&engines);
    }
    let lacks_one = engines.iter().any(|engine| engine.ready().is_none());
    Ok(if args.build && lacks_one { Exit::SomeFailed } else { Exit::Done })
}

/// Writes a new engine folder and says what to do with it.
fn write_new(folder: &Path, runtimes: &[Runtime], paths: &Paths) -> Result<Exit> {
    let names = engines::write_skeleton(folder, runtimes, paths)?;
    let found_by_itself = folder.canonicalize()?.starts_with(paths.engines());
    let dir = if found_by_itself { String::new() } else { format!(" --engine-dir {}", folder.display()) };
    outln!("{} has the engines {}. Next:", folder.display(), names.join(", "));
    outln!("  cargo xtask engines --build{dir} --engines {}", names.join(","));
    outln!("  cargo xtask test --engine-dir {}", folder.display());
    outln!("  cargo xtask bench --quick{dir} --engines {},@default", names[0]);
    Ok(Exit::Done)
}

/// An engine in the JSON list. What only its worker knows is `null` until that is built.
#[derive(Serialize)]
struct ListedEngine {
    engine: String,
    runtime: String,
    homepage: String,
    licence: String,
    /// `ready`, `not-built` or `unavailable`.
    state: &'static str,
    needs: Vec<String>,
    version: Option<String>,
    compiler: Option<String>,
    /// Threads that compilation may use.
    threads: Option<u32>,
    flags: Option<String>,
    notes: Vec<String>,
    /// Of `parse`, `jit`, `aot` and `wasi`.
    can: Vec<&'static str>,
    /// The others, with the reason.
    cannot: BTreeMap<&'static str, String>,
    /// Why it is unavailable, and the command that would help.
    reason: Option<String>,
    command: Option<String>,
}

impl ListedEngine {
    fn of(engine: &PreparedEngine, runtimes: &[Runtime]) -> ListedEngine {
        let PreparedEngine { homepage, configuration, state } = engine;
        let hello = engine.ready().map(|spec| &spec.hello);
        let missing = match state {
            State::Unavailable(missing) => Some(missing),
            State::Ready(_) | State::NotBuilt => None,
        };
        let abilities =
            hello.map_or(Vec::new(), |hello| abilities(hello, ["parse", "jit", "aot", "wasi"]).to_vec());
        let is_of =
            |runtime: &&Runtime| runtime.configurations.iter().any(|one| one.name == configuration.name);
        ListedEngine {
            engine: configuration.name.clone(),
            runtime: runtimes.iter().find(is_of).map(|runtime| runtime.name.clone()).unwrap_or_default(),
            homepage: homepage.clone(),
            licence: configuration.licence.clone(),
            state: match state {
                State::Ready(_) => "ready",
                State::NotBuilt => "not-built",
                State::Unavailable(_) => "unavailable",
            },
            needs: configuration.needs.clone(),
            version: hello.map(|hello| hello.version.clone()),
            compiler: hello.map(|hello| hello.compiler.clone()),
            threads: hello.map(|hello| hello.threads),
            flags: hello.map(|hello| hello.flags.clone()),
            notes: hello.map(|hello| hello.notes.clone()).unwrap_or_default(),
            can: able(&abilities).collect(),
            cannot: unable(&abilities).map(|(name, reason)| (name, reason.to_owned())).collect(),
            reason: missing.map(|missing| missing.reason.clone()),
            command: missing.map(|missing| missing.command.clone()),
        }
    }
}

fn print_table(engines: &[PreparedEngine]) {
    let mut table = sheet::table(["engine", "version", "compiler", "threads", "can do"]);
    for engine in engines {
        table.add_row(row(engine));
    }
    outln!("{table}");
    for engine in engines {
        print_notes(engine);
    }
}

fn row(engine: &PreparedEngine) -> [String; 5] {
    let name = engine.configuration.name.clone();
    match &engine.state {
        State::Ready(spec) => {
            let hello = &spec.hello;
            let threads = hello.threads.to_string();
            [name, hello.version.clone(), hello.compiler.clone(), threads, shown_abilities(hello)]
        }
        State::NotBuilt => [name, "-".into(), "-".into(), "-".into(), "not built yet".into()],
        State::Unavailable(_) => [name, "-".into(), "-".into(), "-".into(), "unavailable".into()],
    }
}

/// What tables call the abilities.
const SHOWN: [&str; 4] = ["parse", "JIT", "AOT", "WASI"];

/// What the worker says of its abilities, which are called `names` in this order.
fn abilities<'a>(hello: &'a Hello, names: [&'static str; 4]) -> [(&'static str, &'a Ability); 4] {
    let can = &hello.can;
    let [parse, jit, aot, wasi] = names;
    [(parse, &can.parse), (jit, &can.jit), (aot, &can.aot), (wasi, &can.wasi)]
}

fn able<'a>(abilities: &'a [(&'static str, &Ability)]) -> impl Iterator<Item = &'static str> + 'a {
    abilities.iter().filter(|(_, ability)| **ability == Ability::Yes).map(|(name, _)| *name)
}

fn unable<'a>(
    abilities: &'a [(&'static str, &Ability)],
) -> impl Iterator<Item = (&'static str, &'a str)> + 'a {
    abilities.iter().filter_map(|(name, ability)| Some((*name, ability.reason()?)))
}

fn shown_abilities(hello: &Hello) -> String {
    let able: Vec<&str> = able(&abilities(hello, SHOWN)).collect();
    if able.is_empty() { "execute".to_owned() } else { able.join(", ") }
}

/// What a reader must know of an engine, and what it cannot do and why.
fn print_notes(engine: &PreparedEngine) {
    let name = &engine.configuration.name;
    outln!("\n{name} ({}): licence {}", engine.homepage, engine.configuration.licence);
    match &engine.state {
        State::Ready(spec) => {
            outln!("  {}", spec.hello.flags);
            for note in &spec.hello.notes {
                outln!("  {note}");
            }
            for (what, reason) in unable(&abilities(&spec.hello, SHOWN)) {
                outln!("  no {what}: {reason}");
            }
        }
        State::NotBuilt => {
            outln!(
                "  built when first needed; to build it now: cargo xtask engines --build --engines {name}"
            );
        }
        State::Unavailable(missing) => {
            outln!("  unavailable: {}\n  to enable it: {}", missing.reason, missing.command);
        }
    }
}
