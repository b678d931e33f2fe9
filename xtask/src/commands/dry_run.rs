//! What `bench --dry-run` shows besides the plan: what would be built and fetched, and how long that
//! and the measurement take, as far as it is known.

use crate::engines::{self, BuildCost};
use crate::host::paths::Paths;
use crate::samples::Variant;
use crate::samples::inspect::list;
use crate::toolchain;
use anyhow::Result;
use bench::plan::Effort;
use indicatif::{DecimalBytes, HumanDuration};
use std::time::Duration;

/// Processor time that building a crate of an engine took on average, C++ included. Measured once, over
/// all runtimes; another machine differs.
const PER_CRATE: Duration = Duration::from_secs(5);

/// The samples that would be built, and what their compiler would download.
///
/// # Errors
/// When the catalogue cannot be read.
pub fn samples(samples: &[String], variants: &[Variant], paths: &Paths) -> Result<String> {
    let is_missing = |one: &list::Listed| {
        variants.iter().any(|variant| !one.modules.iter().any(|module| module.variant == variant.name()))
    };
    let listed = list::read(samples, paths)?;
    let missing: Vec<&str> =
        listed.iter().filter(|one| is_missing(one)).map(|one| one.sample.as_str()).collect();
    if missing.is_empty() {
        return Ok("samples to build: none, unless their sources have changed".to_owned());
    }
    let mut text = format!("samples to build: {}", missing.join(", "));
    match toolchain::download_bytes(paths) {
        0 => {}
        bytes => text.push_str(&format!(
            "\n  their compiler is downloaded first, about {}; then std is built for wasm",
            DecimalBytes(bytes)
        )),
    }
    Ok(text)
}

/// A run whose cost is asked for.
#[derive(Clone, Copy)]
pub struct RunEstimate<'a> {
    /// The engines.
    pub engines: &'a [String],
    /// How much is measured.
    pub effort: &'a Effort,
    /// Engines times modules.
    pub cells: usize,
    /// Whether the memory of the phases is measured, too.
    pub memory: bool,
}

impl RunEstimate<'_> {
    /// The engines that would be built, and the time that everything takes.
    ///
    /// # Errors
    /// When an engine's folder or the cache folder cannot be read.
    pub fn text(&self, paths: &Paths) -> Result<String> {
        let mut lines = Vec::new();
        let mut crates = 0;
        for runtime in engines::read(paths)? {
            if !runtime.configurations.iter().any(|one| self.engines.contains(&one.name)) {
                continue;
            }
            if let Some(cost) = BuildCost::of(&runtime, paths)? {
                crates += cost.crates;
                lines.push(to_build(&cost));
            }
        }
        if lines.is_empty() {
            lines.push("engines to build: none".to_owned());
        } else {
            lines.insert(0, "engines to build:".to_owned());
            lines.push(format!("building:  roughly {}, once", rounded(build_time(crates))));
        }
        lines.push(format!("measuring: {}", self.measuring()));
        Ok(lines.join("\n"))
    }

    /// The time of the rounds. How long a sample's call or an engine's compiler takes is not known
    /// before the run, so this is the least.
    fn measuring(&self) -> String {
        let Effort { rounds, share, time_budget, passes, .. } = self.effort;
        let batches = u32::try_from(self.cells * passes.len()).unwrap_or(u32::MAX);
        let least = share.saturating_mul(batches).saturating_mul(*rounds);
        let memory = if self.memory { "; peak memory is read first" } else { "" };
        let budget = match time_budget {
            Some(budget) => format!("no round begins after {}", humantime::format_duration(*budget)),
            None => "there is no time budget".to_owned(),
        };
        format!(
            "{rounds} rounds of {} cells, at least {}; slow samples and compilers take longer; {budget}{memory}",
            self.cells,
            rounded(least)
        )
    }
}

fn to_build(cost: &BuildCost) -> String {
    let BuildCost { runtime, crates, crates_to_download, needs } = cost;
    let mut text = format!("  {runtime}: {crates} crates");
    if *crates_to_download > 0 {
        text.push_str(&format!(", {crates_to_download} of them to download (size not known)"));
    }
    for (need, disk_bytes) in needs {
        let room = format!("up to {} of disk space while it is unpacked", DecimalBytes(*disk_bytes));
        text.push_str(&format!("\n    fetches {need} where that is possible: {room}"));
    }
    text
}

fn build_time(crates: usize) -> Duration {
    let cpus = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let crates = u32::try_from(crates).unwrap_or(u32::MAX);
    PER_CRATE.saturating_mul(crates) / u32::try_from(cpus).unwrap_or(1)
}

fn rounded(duration: Duration) -> HumanDuration {
    HumanDuration(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_estimate_names_rounds_cells_and_the_budget() {
        let effort = Effort::full();
        let estimate = RunEstimate { engines: &[], effort: &effort, cells: 12, memory: false };
        let text = estimate.measuring();
        assert!(text.starts_with("10 rounds of 12 cells, at least "), "{text}");
        assert!(text.ends_with("no round begins after 10m"), "{text}");
        assert!(RunEstimate { effort: &Effort::quick(), ..estimate }.measuring().contains("no time budget"));
    }

    #[test]
    fn what_is_not_known_is_said_to_be_so() {
        let cost = BuildCost {
            runtime: "letters".to_owned(),
            crates: 3,
            crates_to_download: 2,
            needs: [("a".to_owned(), 120_000_000)].into(),
        };
        let text = to_build(&cost);
        assert!(text.starts_with("  letters: 3 crates, 2 of them to download (size not known)"), "{text}");
        assert!(text.contains("a where that is possible: up to 120.00 MB"), "{text}");
    }
}
