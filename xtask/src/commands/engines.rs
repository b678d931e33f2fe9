//! `cargo xtask engines`: the state of every engine, and what would enable the rest; or builds their
//! workers.

use super::cost_list;
use super::engine_choice;
use super::engine_list::{self, ListedEngine};
use super::feature_list;
use super::option_list;
use super::preparation::Preparation;
use crate::cli::exit::Exit;
use crate::cli::flags::EnginesArgs;
use crate::engines;
use crate::engines::{Build, Runtime, Wanted, WasiUse};
use crate::host::paths::Paths;
use crate::{note, out, outln};
use anyhow::Result;
use std::path::Path;

/// Runs the task.
///
/// # Errors
/// When an engine folder or the cache folder cannot be read.
pub fn run(args: &EnginesArgs, paths: &Paths) -> Result<Exit> {
    let runtimes = engine_choice::read(&args.engines, engine_choice::EVERY, paths)?;
    if let Some(folder) = &args.new {
        return write_new(folder, &runtimes, paths);
    }
    let chosen = engine_choice::chosen(&args.engines, engine_choice::EVERY, &runtimes)?;
    if args.options {
        return option_list::run(&chosen, &runtimes, args.json);
    }
    let build = if args.build { Build::Yes } else { Build::No };
    let wanted = Wanted { names: &chosen, wasi: WasiUse::Somewhere, build };
    let runtimes = runtimes.as_slice();
    let engines =
        Preparation { runtimes, wanted, samples: &[], variants: &[], modern: &[], paths }.run()?.engines;
    if args.features {
        return feature_list::run(&engines, args.json, paths);
    }
    if args.costs {
        return cost_list::run(&engines);
    }
    if args.json {
        let listed: Vec<ListedEngine> = engines.iter().map(|one| ListedEngine::of(one, runtimes)).collect();
        outln!("{}", serde_json::to_string_pretty(&listed)?);
    } else {
        out!("{}", engine_list::table(&engines));
        if args.notes || engines.len() == 1 {
            engines.iter().for_each(|engine| out!("\n{}", engine_list::notes(engine)));
        } else {
            note!("Settings, notes and reasons: --notes for all, --engines NAME for one.");
        }
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
