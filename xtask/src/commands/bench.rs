//! `cargo xtask bench`: prepares samples and engines, measures them, and prints the summary.

use super::dry_run::{self, RunEstimate};
use super::engine_choice;
use super::preparation::{Preparation, Prepared};
use super::{Measurement, check_output, run_folder};
use crate::cli::exit::Exit;
use crate::cli::measure::BenchArgs;
use crate::cli::select;
use crate::cli::values::wrong_value;
use crate::engines::{self, Build, Runtime, Wanted};
use crate::host::interrupt;
use crate::host::paths::Paths;
use crate::run::criterion::{self, CriterionChoice};
use crate::run::describe::describe;
use crate::run::plan::{plan, ready};
use crate::run::{Looks, exclusive, probes, shard};
use crate::samples::{SizeName, Variant};
use crate::{outln, samples};
use anyhow::Result;
use bench::plan::manifest::Manifest;
use bench::plan::{Case, Effort, Shard};
use bench::record::Run;

/// Runs the task.
///
/// # Errors
/// When nothing could be measured, or results could not be written.
pub fn run(args: &BenchArgs, paths: &Paths) -> Result<Exit> {
    let request = Request::check(args, paths)?;
    if args.dry_run {
        request.print(args, paths)?;
        return Ok(Exit::Done);
    }
    let counting = args.counters.map(|source| probes::Counting::check(source.into())).transpose()?;
    if args.criterion {
        let Request { engines, samples, .. } = &request;
        let choice = CriterionChoice { engines, samples, arguments: &args.trailing };
        let all_measured = criterion::run(choice, paths)?;
        return Ok(if all_measured { Exit::Done } else { Exit::SomeFailed });
    }
    let names: Vec<&str> = request.engines.iter().map(String::as_str).collect();
    let runtimes = engines::read_for(names.iter().copied(), paths)?;
    let Prepared { manifest, engines } = request.preparation(&runtimes, &names, paths)?.run()?;
    let cases = request.cases(&manifest, paths);
    let mut plan = plan(ready(&engines)?, cases, request.effort, args.seed, paths);
    let shard = request.shard.map(|shard| shard::share(&mut plan, shard, &manifest)).transpose()?;
    let _alone = exclusive::wait(paths)?;
    let interrupted = interrupt::measuring();
    let folder = run_folder(args, paths)?;
    let file = Run { shard, ..describe(&manifest, &engines, &plan) };
    let looks = Looks { memory: super::reads_memory(args), counting };
    Measurement {
        plan,
        file,
        looks,
        folder: &folder,
        tables: &args.tables,
        baseline: args.save_baseline.as_deref(),
    }
    .report(interrupted, paths)
}

/// The share of the `samples` that is asked for.
fn asked_shard(args: &BenchArgs, samples: usize) -> Result<Option<Shard>, clap::Error> {
    let Some(choice) = args.shard else { return Ok(None) };
    let shard = choice.shard(|name| std::env::var(name).ok())?;
    if shard.count > samples {
        let reason = format!("there are fewer samples than shards: {samples}");
        return Err(wrong_value("--shard <K/N>", &shard.to_string(), &reason));
    }
    Ok(Some(shard))
}

/// What was asked for, every name checked, before anything is built.
struct Request {
    engines: Vec<String>,
    samples: Vec<String>,
    variants: Vec<Variant>,
    /// Samples that are measured in [`Variant::Modern`], too: the oldest features, which the others have, are not
    /// what a runtime of today is made for.
    modern: Vec<String>,
    size: SizeName,
    effort: Effort,
    shard: Option<Shard>,
}

impl Request {
    fn check(args: &BenchArgs, paths: &Paths) -> Result<Request> {
        args.invoke()?;
        check_output(args)?;
        let runtimes = engine_choice::read(&args.selection.engines, engine_choice::DEFAULT, paths)?;
        let engines = engine_choice::chosen(&args.selection.engines, engine_choice::DEFAULT, &runtimes)?;
        let samples = select::samples(&args.selection.samples, &samples::names(paths)?)?;
        Ok(Request {
            shard: asked_shard(args, samples.len())?,
            engines: engines.into_iter().map(str::to_owned).collect(),
            samples,
            variants: variants(args),
            modern: if is_default(args) { samples::programs(paths)? } else { Vec::new() },
            size: args.size,
            effort: super::effort(args),
        })
    }

    fn preparation<'a>(
        &'a self,
        runtimes: &'a [Runtime],
        names: &'a [&'a str],
        paths: &'a Paths,
    ) -> Result<Preparation<'a>> {
        let wasi = samples::wasi_use(&self.samples, paths)?;
        let wanted = Wanted { names, wasi, build: Build::Yes };
        let Request { samples, variants, modern, .. } = self;
        Ok(Preparation { runtimes, wanted, samples, variants, modern, paths })
    }

    fn print(&self, args: &BenchArgs, paths: &Paths) -> Result<()> {
        let variants: Vec<&str> = self.variants.iter().map(|variant| variant.name()).collect();
        let mut cells = self.engines.len() * (self.samples.len() * variants.len() + self.modern.len());
        outln!("engines:  {}", self.engines.join(", "));
        outln!("samples:  {}", self.samples.join(", "));
        let also = match self.modern.as_slice() {
            [] => String::new(),
            modern => format!("; {} also {}", modern.join(", "), Variant::Modern.name()),
        };
        outln!("variants: {}{also}", variants.join(", "));
        outln!("size:     {}", self.size.name());
        if let Some(shard) = self.shard {
            cells = cells.div_ceil(shard.count);
            outln!("shard:    {shard}; which samples it has depends on the size of all modules");
            outln!("cells:    about {cells}");
        } else {
            outln!("cells:    {cells}");
        }
        let names: Vec<&str> = self.engines.iter().map(String::as_str).collect();
        let runtimes = engines::read_for(names.iter().copied(), paths)?;
        outln!("{}", dry_run::samples(&self.samples, &self.variants, paths)?);
        outln!("{}", self.preparation(&runtimes, &names, paths)?.cost()?.text());
        let estimate = RunEstimate { effort: &self.effort, cells, memory: super::reads_memory(args) };
        outln!("{}", estimate.text());
        Ok(())
    }

    fn cases(&self, manifest: &Manifest, paths: &Paths) -> Vec<Case> {
        let wasm = paths.wasm();
        let chosen = manifest.samples.iter().filter(|sample| self.samples.contains(&sample.name));
        let cases = chosen.flat_map(|sample| {
            let modern = Some(&Variant::Modern).filter(|_| self.modern.contains(&sample.name));
            let variants = self.variants.iter().chain(modern);
            variants.filter_map(|variant| Case::new(sample, variant.name(), self.size.name(), &wasm))
        });
        cases.collect()
    }
}

/// The variants that are asked for, in their order.
fn variants(args: &BenchArgs) -> Vec<Variant> {
    if args.variants.is_empty() {
        return vec![Variant::Stripped];
    }
    Variant::ALL.into_iter().filter(|one| args.variants.contains(one)).collect()
}

/// Whether it is the default run, which answers the most questions.
fn is_default(args: &BenchArgs) -> bool {
    args.variants.is_empty() && args.selection.samples.is_empty() && args.phases.is_empty() && !args.quick
}
