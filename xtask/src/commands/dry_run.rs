//! What `bench --dry-run` shows besides the plan: the samples that would be built, and how long the
//! measurement takes, as far as it is known.

use crate::host::paths::Paths;
use crate::host::progress::rounded;
use crate::samples::Variant;
use crate::samples::inspect::list;
use crate::toolchain;
use anyhow::Result;
use bench::plan::Effort;
use indicatif::DecimalBytes;

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
    /// How much is measured.
    pub effort: &'a Effort,
    /// Engines times modules.
    pub cells: usize,
    /// Whether the memory of the phases is measured, too.
    pub memory: bool,
}

impl RunEstimate<'_> {
    /// The time of the measurement.
    pub fn text(&self) -> String {
        format!("measuring: {}", self.measuring())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_estimate_names_rounds_cells_and_the_budget() {
        let effort = Effort::full();
        let estimate = RunEstimate { effort: &effort, cells: 12, memory: false };
        let text = estimate.measuring();
        assert!(text.starts_with("10 rounds of 12 cells, at least "), "{text}");
        assert!(text.ends_with("no round begins after 10m"), "{text}");
        assert!(RunEstimate { effort: &Effort::quick(), ..estimate }.measuring().contains("no time budget"));
    }
}
