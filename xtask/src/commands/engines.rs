//! `cargo xtask engines`: the state of every engine, and what would enable the rest.

use crate::cli::exit::Exit;
use crate::cli::flags::EnginesArgs;
use crate::engines;
use crate::engines::{Build, Engine, Runtime, State};
use crate::host::paths::Paths;
use crate::report::sheet;
use anyhow::Result;
use protocol::Ability;
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
    let build = if args.build { Build::Yes } else { Build::No };
    let engines = engines::prepare(&runtimes, &engines::names(&runtimes), paths, build)?;
    let mut table = sheet::table(["engine", "version", "compiler", "threads", "can do"]);
    for engine in &engines {
        table.add_row(row(engine));
    }
    println!("{table}");
    for engine in &engines {
        print_notes(engine);
    }
    Ok(Exit::Done)
}

/// Writes a new engine folder and says what to do with it.
fn write_new(folder: &Path, runtimes: &[Runtime], paths: &Paths) -> Result<Exit> {
    let names = engines::write_skeleton(folder, runtimes, paths)?;
    let found_by_itself = folder.canonicalize()?.starts_with(paths.engines());
    let dir = if found_by_itself { String::new() } else { format!(" --engine-dir {}", folder.display()) };
    println!("{} has the engines {}. Next:", folder.display(), names.join(", "));
    println!("  cargo xtask engines --build{dir}");
    println!("  cargo xtask test --engine-dir {}", folder.display());
    println!("  cargo xtask bench --quick{dir} --engines {},@default", names[0]);
    Ok(Exit::Done)
}

fn row(engine: &Engine) -> [String; 5] {
    let name = engine.configuration.name.clone();
    match &engine.state {
        State::Ready(spec) => {
            let hello = &spec.hello;
            let threads = hello.threads.to_string();
            [name, hello.version.clone(), hello.compiler.clone(), threads, abilities(engine)]
        }
        State::NotBuilt => [name, "-".into(), "-".into(), "-".into(), "not built yet".into()],
        State::Unavailable(_) => [name, "-".into(), "-".into(), "-".into(), "unavailable".into()],
    }
}

fn abilities(engine: &Engine) -> String {
    let Some(spec) = engine.ready() else { return String::new() };
    let can = &spec.hello.can;
    let named = [("parse", &can.parse), ("JIT", &can.jit), ("AOT", &can.aot), ("WASI", &can.wasi)];
    let able: Vec<&str> =
        named.iter().filter(|(_, ability)| **ability == Ability::Yes).map(|(name, _)| *name).collect();
    if able.is_empty() { "execute".to_owned() } else { able.join(", ") }
}

/// What a reader must know of an engine, and what it cannot do and why.
fn print_notes(engine: &Engine) {
    let name = &engine.configuration.name;
    println!("\n{name} ({}): licence {}", engine.homepage, engine.configuration.licence);
    match &engine.state {
        State::Ready(spec) => {
            let can = &spec.hello.can;
            println!("  {}", spec.hello.flags);
            for note in &spec.hello.notes {
                println!("  {note}");
            }
            let lacks = [("parse", &can.parse), ("JIT", &can.jit), ("AOT", &can.aot), ("WASI", &can.wasi)];
            for (what, ability) in lacks {
                if let Some(reason) = ability.reason() {
                    println!("  no {what}: {reason}");
                }
            }
        }
        State::NotBuilt => {
            println!("  built when first needed; to build it now: cargo xtask engines --build");
        }
        State::Unavailable(missing) => {
            println!("  unavailable: {}\n  to enable it: {}", missing.reason, missing.command);
        }
    }
}
