//! `cargo xtask bench`: prepares samples and engines, measures them, and prints the tables.

use super::Measurement;
use crate::cli::exit::Exit;
use crate::cli::flags::BenchArgs;
use crate::cli::select;
use crate::engines::{self, Build};
use crate::host::interrupt;
use crate::host::paths::Paths;
use crate::run::criterion::{self, Choice};
use crate::run::describe::describe;
use crate::run::folder::new_run_folder;
use crate::run::plan::{plan, ready};
use crate::run::{Looks, exclusive, probes};
use crate::{samples, toolchain};
use anyhow::Result;
use bench::plan::manifest::Manifest;
use bench::plan::{Case, Effort};

/// The sizes that every sample has.
const SIZES: [&str; 3] = ["small", "medium", "large"];

/// Runs the task.
///
/// # Errors
/// When nothing could be measured, or results could not be written.
pub fn run(args: &BenchArgs, paths: &Paths) -> Result<Exit> {
    let request = Request::check(args, paths)?;
    if args.list {
        request.print();
        return Ok(Exit::Done);
    }
    let counting = args.counters.map(|source| probes::Counting::check(source.into())).transpose()?;
    if args.criterion {
        let Request { engines, samples, .. } = &request;
        let choice = Choice { engines, samples, arguments: &args.criterion_arguments };
        let all_measured = criterion::run(choice, paths)?;
        return Ok(if all_measured { Exit::Done } else { Exit::SomeFailed });
    }
    let interrupted = interrupt::watch()?;
    let manifest = samples::build(paths, &toolchain::prepare(paths)?, &request.samples, &request.variants)?;
    let wanted: Vec<&str> = request.engines.iter().map(String::as_str).collect();
    let engines = engines::prepare(&engines::read(paths)?, &wanted, paths, Build::Yes)?;
    let plan = plan(ready(&engines)?, request.cases(&manifest, paths), request.effort, args.seed, paths);
    let _alone = exclusive::wait(paths)?;
    let folder = new_run_folder(paths, "")?;
    let file = describe(&manifest, &engines, &plan);
    let looks = Looks { memory: !args.no_memory, counting };
    Measurement { plan, file, looks, folder: &folder }.report(interrupted)
}

/// What was asked for, every name checked, before anything is built.
struct Request {
    engines: Vec<String>,
    samples: Vec<String>,
    variants: Vec<String>,
    size: String,
    effort: Effort,
}

impl Request {
    fn check(args: &BenchArgs, paths: &Paths) -> Result<Request> {
        let runtimes = engines::read(paths)?;
        let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect::<Vec<_>>();
        let selection = &args.selection;
        Ok(Request {
            engines: owned(super::engines_to_measure(&selection.engines, &runtimes)?),
            samples: select::samples(&selection.samples, &samples::names(paths)?)?,
            variants: owned(select::select("variant", &args.variants, &samples::VARIANTS)?),
            size: select::one("size", &args.size, &SIZES)?.to_owned(),
            effort: super::effort(args)?,
        })
    }

    fn print(&self) {
        println!("engines:  {}", self.engines.join(", "));
        println!("samples:  {}", self.samples.join(", "));
        println!("variants: {}", self.variants.join(", "));
        println!("size:     {}", self.size);
        println!("cells:    {}", self.engines.len() * self.samples.len() * self.variants.len());
    }

    fn cases(&self, manifest: &Manifest, paths: &Paths) -> Vec<Case> {
        let wasm = paths.wasm();
        let chosen = manifest.samples.iter().filter(|sample| self.samples.contains(&sample.name));
        let cases = chosen.flat_map(|sample| {
            self.variants.iter().filter_map(|variant| Case::new(sample, variant, &self.size, &wasm))
        });
        cases.collect()
    }
}
