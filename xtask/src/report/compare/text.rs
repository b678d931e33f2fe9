//! A comparison of two runs as text: what is compared, a table of changes, and what they come to.

use super::super::sheet::{Sheet, SheetCell};
use super::super::text::wrapped;
use super::super::units;
use super::{Counts, RunComparison};
use bench::analysis::changes::CellChange;
use bench::machine::CALIBRATION;
use bench::stats::ChangeVerdict;

/// The most changes that are shown of those that were not found.
const MOST_OTHERS: usize = 12;

/// What names a row.
const KEYS: [&str; 3] = ["sample", "engine", "phase"];
const COLUMNS: [&str; 6] =
    ["change of the ratio", "rounds", "base", "new", "change of the time", "reference"];

impl RunComparison {
    /// The comparison in lines of at most `width` characters; of the changes that were not found the
    /// greatest alone, unless `all` are asked for.
    pub fn text(&self, all: bool, width: usize) -> String {
        let mut lines = Vec::new();
        for (name, run) in [("base", &self.base), ("new", &self.new)] {
            let plural = if run.rounds == 1 { "" } else { "s" };
            lines.push(format!(
                "{name:<5} {} ({}, {} round{plural})",
                run.folder, run.started_utc, run.rounds
            ));
        }
        for difference in &self.differences {
            lines.extend(wrapped(&format!("different: {}: {}", difference.what, difference.how), width, 2));
        }
        if let Some(change) = self.level_change_percent {
            lines.push(format!("the calibration kernel took {change:+.1}% time in the new run"));
        }
        let found = self.cells.iter().filter(|one| one.tested.verdict.is_changed()).count();
        let shown = if all { self.cells.len() } else { self.cells.len().min(found + MOST_OTHERS) };
        lines.extend(self.sheet(shown).render(width).lines().map(str::to_owned));
        if shown < self.cells.len() {
            lines.push(format!("and {} more, none of them a change (--all)", self.cells.len() - shown));
        }
        lines.push(String::new());
        let notes = self.notes.iter().cloned().chain(self.failed_line());
        lines.extend(notes.flat_map(|note| wrapped(&note, width, 2)));
        lines.extend(wrapped(&self.sentence(), width, 2));
        lines.extend(self.gate().iter().flat_map(|line| wrapped(line, width, 2)));
        lines.iter().map(|line| format!("{line}\n")).collect()
    }

    fn sheet(&self, shown: usize) -> Sheet {
        let several_variants = self.cells.iter().any(|one| one.cell.variant != self.cells[0].cell.variant);
        let heading = format!(
            "Changes from base to new: ratios to a reference of the same run, with intervals that hold together \
             in 95% (corrected over {} changes)",
            self.tests
        );
        let mut sheet = Sheet::new(heading, &KEYS, COLUMNS);
        for change in &self.cells[..shown] {
            let sample = match several_variants {
                true => format!("{} {}", change.cell.sample, change.cell.variant),
                false => change.cell.sample.clone(),
            };
            sheet.row(vec![sample, change.cell.engine.clone(), change.phase.to_string()], cells(change));
        }
        sheet.below("times and ratios: by how much more time the slower of the two runs takes; - is the new run faster".to_owned());
        sheet.below("rounds: how many more in each run would decide".to_owned());
        sheet.below("the change of the time includes the drift of the machine between the runs".to_owned());
        sheet
    }

    fn failed_line(&self) -> Option<String> {
        let first = self.failed.first()?;
        Some(format!("failed: {} of the cells in both runs, first {first}", self.failed.len()))
    }

    /// How many changes there are of each kind.
    fn sentence(&self) -> String {
        let Counts { slower, faster, same, not_resolved, .. } = self.counts;
        let within = units::short_percent(self.margin_percent);
        format!(
            "{slower} slower, {faster} faster, {same} the same within {within}, {not_resolved} not resolved{}",
            self.noise_floors()
        )
    }

    fn noise_floors(&self) -> String {
        let floors = self.changes.iter().filter_map(|row| row.noise_floor_percent);
        let greatest = floors.max_by(f64::total_cmp);
        let text = |percent| format!("; the ratio of an engine to itself changed by up to {percent:.1}%");
        greatest.map(text).unwrap_or_default()
    }

    /// What the gate says, where there is one.
    fn gate(&self) -> Option<String> {
        let limit = units::short_percent(self.fail_if_slower_percent?);
        let stopped = self.too_slow();
        Some(match stopped.as_slice() {
            [] => format!("nothing is slower by more than {limit}"),
            stopped => format!("slower by more than {limit}: {}", stopped.join(", ")),
        })
    }
}

fn cells(change: &CellChange) -> Vec<SheetCell> {
    let value = |text: String| SheetCell::Value(text);
    let more_rounds = match change.tested.verdict {
        ChangeVerdict::NotResolved { more_rounds: Some(rounds) } => value(format!("+{rounds}")),
        ChangeVerdict::NotResolved { more_rounds: None } => value("many".to_owned()),
        _ => SheetCell::Blank,
    };
    let time = change.time.map(|time| signed(time.ratio, Some((time.low, time.high))));
    let reference = change.reference.as_deref().map(|name| match name {
        CALIBRATION => "calibration kernel".to_owned(),
        engine => engine.to_owned(),
    });
    vec![
        value(verdict(change)),
        more_rounds,
        value(units::duration(change.base_ns)),
        value(units::duration(change.new_ns)),
        SheetCell::or_without(time, "times are compared from ten rounds on, on one machine"),
        SheetCell::or_without(
            reference,
            "neither native code nor the calibration kernel is common to both runs",
        ),
    ]
}

/// The verdict with its interval.
fn verdict(change: &CellChange) -> String {
    let ends = change.tested.interval.map(|(low, high)| format!(" [{}, {}]", percent(low), percent(high)));
    let ends = ends.unwrap_or_default();
    match (change.tested.verdict, change.ratio) {
        (ChangeVerdict::NotResolved { .. }, _) => format!("not resolved{ends}"),
        (ChangeVerdict::TooFewRounds, Some(ratio)) => format!("{}, not tested", percent(ratio)),
        (verdict @ ChangeVerdict::Same { .. }, _) => format!("{verdict}{ends}"),
        (verdict, _) => verdict.to_string(),
    }
}

/// A ratio as a signed percentage, with its interval.
fn signed(ratio: f64, ends: Option<(f64, f64)>) -> String {
    let ends = ends.map(|(low, high)| format!(" [{}, {}]", percent(low), percent(high)));
    format!("{}{}", percent(ratio), ends.unwrap_or_default())
}

/// By how much more time the slower of two takes; negative where the second is the faster one.
fn percent(ratio: f64) -> String {
    let log = ratio.ln();
    let percent = 100.0 * log.abs().exp_m1().copysign(log);
    // A zero has no sign.
    if percent.abs() < 0.05 { "0.0%".to_owned() } else { format!("{percent:+.1}%") }
}
