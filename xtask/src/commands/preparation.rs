//! What a run prepares: it says first what that takes, downloads beside the builds, builds the cheapest
//! engines first and gives a first look at each, and says how long the rest takes.

use crate::engines::{self, BuildCost, PreparedEngine, Runtime, TimeLeft, Wanted};
use crate::host::paths::Paths;
use crate::host::progress::{self, rounded};
use crate::report::first_look::{self as lines, LookLine};
use crate::run::first_look::{self, Look};
use crate::run::kernel;
use crate::samples::Variant;
use crate::{note, samples, toolchain};
use anyhow::Result;
use bench::plan::Case;
use bench::plan::manifest::Manifest;
use indicatif::DecimalBytes;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The samples of a first look, where they are among those of the run; the last is a real program.
const LOOK_SAMPLES: [&str; 3] = ["fibonacci", "sha256", "json"];

/// The arguments of a first look.
const LOOK_SIZE: &str = "small";

/// Processor time of building std for one target; it is built once a toolchain.
const STD_CPU: Duration = Duration::from_secs(110);

/// The calibration kernel's time on the machine that build costs were measured on, in nanoseconds.
const REFERENCE_LEVEL_NS: f64 = 2_200_000.0;

/// Disk space of the samples' compiler and one std.
const COMPILER_DISK_BYTES: u64 = 900_000_000;

/// What a run needs.
#[derive(Clone, Copy)]
pub struct Preparation<'a> {
    /// The runtimes that there are.
    pub runtimes: &'a [Runtime],
    /// The engines.
    pub wanted: Wanted<'a>,
    /// The samples; none for modules of the user's own.
    pub samples: &'a [String],
    /// Their variants.
    pub variants: &'a [Variant],
    /// Those that are built in [`Variant::Modern`], too, when every engine is ready.
    pub modern: &'a [String],
    /// Where everything is.
    pub paths: &'a Paths,
}

/// What is ready.
pub struct Prepared {
    /// The samples.
    pub manifest: Manifest,
    /// The engines, ready or not.
    pub engines: Vec<PreparedEngine>,
}

/// What preparing takes.
pub struct PreparationCost {
    /// Bytes of the samples' compiler that are downloaded.
    compiler_bytes: u64,
    /// Runtimes to build.
    builds: Vec<BuildCost>,
    /// Configurations under the BUSL among the engines to build.
    busl: Vec<String>,
    /// How much slower this machine is than the one that costs were measured on.
    slower: f64,
}

impl Preparation<'_> {
    /// Prepares everything.
    ///
    /// # Errors
    /// When the samples or the cache folder cannot be had; an engine that cannot is a state.
    pub fn run(&self) -> Result<Prepared> {
        let all = || Ok(Prepared { manifest: self.samples()?, engines: self.engines()? });
        if !self.wanted.build.builds() {
            return all();
        }
        let cost = self.cost()?;
        if cost.is_nothing() {
            return all();
        }
        note!("{}", cost.text());
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| engines::fetch(self.runtimes, self.wanted, self.paths, &stop));
            let prepared = self.build(&cost);
            stop.store(true, Ordering::Relaxed);
            progress::expect_end_in(None);
            prepared
        })
    }

    /// What preparing takes.
    ///
    /// # Errors
    /// When the cache folder cannot be read.
    pub fn cost(&self) -> Result<PreparationCost> {
        let names = self.wanted.names;
        let is_wanted =
            |runtime: &&Runtime| runtime.configurations.iter().any(|one| names.contains(&one.name.as_str()));
        let (mut builds, mut busl) = (Vec::new(), Vec::new());
        for runtime in self.runtimes.iter().filter(is_wanted) {
            let Some(cost) = BuildCost::of(runtime, self.wanted, self.paths)? else { continue };
            builds.push(cost);
            let restricted = runtime.configurations.iter().filter(|one| one.licence.starts_with("BUSL"));
            let wanted = restricted.filter(|one| names.contains(&one.name.as_str()));
            busl.extend(wanted.map(|one| one.name.clone()));
        }
        builds.sort_by_key(BuildCost::waiting);
        let compiler_bytes = if self.samples.is_empty() { 0 } else { toolchain::download_bytes(self.paths) };
        let slower = if builds.is_empty() && compiler_bytes == 0 { 1.0 } else { slower(self.paths) };
        Ok(PreparationCost { compiler_bytes, builds, busl, slower })
    }

    fn engines(&self) -> Result<Vec<PreparedEngine>> {
        engines::prepare(self.runtimes, self.wanted, self.paths)
    }

    fn samples(&self) -> Result<Manifest> {
        if self.samples.is_empty() {
            return Ok(Manifest::default());
        }
        let toolchain = toolchain::prepare(self.paths)?;
        let manifest = samples::build(self.paths, &toolchain, self.samples, self.variants)?;
        if self.modern.is_empty() {
            return Ok(manifest);
        }
        // The manifest lists what was built before, too.
        samples::build(self.paths, &toolchain, self.modern, &[Variant::Modern])
    }

    fn build(&self, cost: &PreparationCost) -> Result<Prepared> {
        let mut time_left = cost.time_left();
        let mut start = Instant::now();
        progress::expect_end_in(Some(time_left.left()));
        let cases = self.look_cases()?;
        time_left.note(0, start.elapsed());
        start = Instant::now();
        progress::expect_end_in(Some(time_left.left()));
        let mut shown = false;
        let engines = engines::prepare_each(self.runtimes, self.wanted, self.paths, |ready| {
            if let Some(step) = cost.step_of(ready, self.runtimes) {
                time_left.note(step, start.elapsed());
            }
            start = Instant::now();
            let looks = first_look::look(ready, &cases, self.paths)?;
            show(&looks, &mut shown);
            let left = time_left.left();
            progress::expect_end_in(Some(left));
            if !left.is_zero() {
                note!("about {} left until every engine is ready", rounded(left));
            }
            start = Instant::now();
            Ok(())
        })?;
        Ok(Prepared { manifest: self.samples()?, engines })
    }

    /// The cases of the first looks: three samples that are called in a library, built before all others.
    fn look_cases(&self) -> Result<Vec<Case>> {
        let usual = LOOK_SAMPLES.map(str::to_owned);
        let chosen: Vec<String> = if usual.iter().all(|name| self.samples.contains(name)) {
            usual.to_vec()
        } else {
            self.samples.iter().take(usual.len()).cloned().collect()
        };
        let Some(variant) = self.variants.first() else { return Ok(Vec::new()) };
        if chosen.is_empty() {
            return Ok(Vec::new());
        }
        let toolchain = toolchain::prepare(self.paths)?;
        let manifest = samples::build(self.paths, &toolchain, &chosen, &[*variant])?;
        let of_look = manifest.samples.iter().filter(|sample| chosen.contains(&sample.name));
        let case = |sample| Case::new(sample, variant.name(), LOOK_SIZE, &self.paths.wasm());
        Ok(of_look.filter_map(case).collect())
    }
}

impl PreparationCost {
    /// Whether everything is there; samples are compiled within seconds and do not count.
    pub fn is_nothing(&self) -> bool {
        self.builds.is_empty() && self.compiler_bytes == 0
    }

    /// The first step is the samples' compiler; then one for each runtime, in the order of building.
    fn time_left(&self) -> TimeLeft {
        let std = if self.compiler_bytes > 0 { STD_CPU } else { Duration::ZERO };
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        TimeLeft::of(
            [std].into_iter().chain(self.builds.iter().map(|cost| cost.cpu)),
            processors,
            self.slower,
        )
    }

    fn step_of(&self, engines: &[PreparedEngine], runtimes: &[Runtime]) -> Option<usize> {
        let name = &engines.first()?.configuration.name;
        let of_engine = |runtime: &&Runtime| runtime.configurations.iter().any(|one| one.name == *name);
        let runtime = &runtimes.iter().find(of_engine)?.name;
        self.builds.iter().position(|cost| cost.runtime == *runtime).map(|step| step + 1)
    }

    /// What is said before anything is fetched.
    pub fn text(&self) -> String {
        if self.is_nothing() {
            return "nothing to prepare: every engine is built".to_owned();
        }
        let names: Vec<&str> = self.builds.iter().map(|cost| cost.runtime.as_str()).collect();
        let std = (self.compiler_bytes > 0).then(|| "the samples' compiler and its std".to_owned());
        let engines = match names.len() {
            0 => None,
            1 => Some(format!("the worker of {}", names[0])),
            count => Some(format!("the workers of {count} runtimes ({})", names.join(", "))),
        };
        let what: Vec<String> = std.into_iter().chain(engines).collect();
        let download = self.compiler_bytes + self.builds.iter().map(|cost| cost.download_bytes).sum::<u64>();
        let compiler = if self.compiler_bytes > 0 { COMPILER_DISK_BYTES } else { 0 };
        let disk = compiler + self.builds.iter().map(|cost| cost.disk_bytes).sum::<u64>();
        let mut text = format!(
            "to prepare, once: {}\n  about {} to download, {} of disk space, {} on this machine",
            what.join("; "),
            DecimalBytes(download),
            DecimalBytes(disk),
            rounded(self.time_left().left()),
        );
        if !self.busl.is_empty() {
            text.push_str(&format!(
                "\n  under the BUSL 1.1, no production use without an agreement: {}",
                self.busl.join(", ")
            ));
        }
        if names.len() > 1 {
            text.push_str(
                "\n  fewer engines are ready sooner: --engines NAME,…; `cargo xtask engines` lists them",
            );
        }
        text
    }
}

/// How much slower this machine is than the one that costs were measured on, by the calibration kernel.
fn slower(paths: &Paths) -> f64 {
    kernel::level_ns(paths).map_or(1.0, |level_ns| level_ns as f64 / REFERENCE_LEVEL_NS)
}

fn show(looks: &[Look], shown: &mut bool) {
    if !looks.is_empty() && !*shown {
        *shown = true;
        note!("{}", lines::header());
    }
    for look in looks {
        let line = LookLine {
            engine: &look.engine,
            sample: &look.sample,
            compile_ns: look.compile_ns,
            instantiate_ns: look.instantiate_ns,
            call_ns: look.call_ns,
            artifact_bytes: look.artifact_bytes,
            failure: look.failure.as_deref(),
        };
        note!("{}", lines::line(&line));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn cost() -> PreparationCost {
        let build = |runtime: &str, seconds| BuildCost {
            runtime: runtime.to_owned(),
            cpu: Duration::from_secs(seconds),
            download_bytes: 20_000_000,
            disk_bytes: 500_000_000,
            needs: BTreeMap::new(),
        };
        PreparationCost {
            compiler_bytes: 140_000_000,
            builds: vec![build("small", 20), build("large", 900)],
            busl: vec!["large-a".to_owned()],
            slower: 1.0,
        }
    }

    #[test]
    fn the_plan_says_what_it_takes_and_what_the_licence_restricts() {
        let text = cost().text();
        for part in ["small, large", "180.00 MB to download", "1.90 GB of disk", " min on this", "large-a"] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn nothing_is_said_to_be_nothing() {
        let nothing =
            PreparationCost { compiler_bytes: 0, builds: Vec::new(), busl: Vec::new(), slower: 1.0 };
        assert!(nothing.is_nothing());
        assert_eq!(nothing.text(), "nothing to prepare: every engine is built");
    }
}
