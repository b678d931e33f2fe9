//! A history as text: a line for each run, and a sentence for each change.

use super::super::sheet::{Sheet, SheetCell};
use super::super::text::wrapped;
use super::super::units;
use super::{History, HistoryRun, LevelChange};
use bench::stats::FEWEST_FOR_CHANGES;

impl History {
    /// The history in lines of at most `width` characters.
    pub fn text(&self, width: usize) -> String {
        let ratio = self.reference.as_ref().map(|name| format!("× {name}"));
        let columns = ["rounds".to_owned(), "time".to_owned()].into_iter().chain(ratio);
        let columns = columns.chain(["level".to_owned()]).chain(self.change_column());
        let mut sheet = Sheet::new(format!("{}: {} runs", self.cell, self.runs.len()), &["run"], columns);
        for (number, run) in self.runs.iter().enumerate() {
            sheet.row(vec![run.name.clone()], self.cells(number, run));
        }
        let mut lines: Vec<String> = sheet.render(width).lines().map(str::to_owned).collect();
        for sentence in self.sentences() {
            lines.extend(wrapped(&sentence, width, 2));
        }
        lines.iter().map(|line| format!("{line}\n")).collect()
    }

    fn cells(&self, number: usize, run: &HistoryRun) -> Vec<SheetCell> {
        let value = SheetCell::Value;
        let mut cells = vec![value(run.rounds.to_string()), value(units::interval(&run.time))];
        if self.reference.is_some() {
            let ratio = run.ratio.map(|one| {
                let [low, middle, high] = [one.low, one.value, one.high].map(units::significant);
                format!("[{low} {middle} {high}]")
            });
            cells.push(SheetCell::or_without(ratio, "the run has no time of the reference"));
        }
        let change = self.changes.iter().find(|change| change.point.at == number);
        let level = 1 + self.changes.iter().filter(|change| change.point.at <= number).count();
        cells.push(value(level.to_string()));
        if self.change_column().is_some() {
            cells.push(change.map_or(SheetCell::Blank, |change| value(percent(change))));
        }
        cells
    }

    /// A column without any value would be explained below the table.
    fn change_column(&self) -> Option<String> {
        (!self.changes.is_empty()).then(|| "change".to_owned())
    }

    fn sentences(&self) -> Vec<String> {
        let mut sentences = Vec::new();
        let of = self.reference.as_ref().map_or("the time".to_owned(), |name| format!("the ratio to {name}"));
        for change in &self.changes {
            let run = &self.runs[change.point.at];
            let with = match run.differences.as_slice() {
                [] => "nothing else that is known changed there".to_owned(),
                differences => format!("changed there: {}", differences.join("; ")),
            };
            sentences.push(format!(
                "{}: {of} changed its level by {} (p = {:.3}); {with}",
                run.name,
                percent(change),
                change.point.p
            ));
        }
        if self.changes.is_empty() {
            let fewest = match self.runs.len() < FEWEST_FOR_CHANGES {
                true => format!("; it takes {FEWEST_FOR_CHANGES} runs to see one"),
                false => String::new(),
            };
            sentences.push(format!("{of} shows no change of level{fewest}"));
        }
        let is_change = |number: &usize| self.changes.iter().any(|change| change.point.at == *number);
        for (number, run) in self.runs.iter().enumerate().filter(|(number, _)| !is_change(number)) {
            if !run.differences.is_empty() {
                let name = &self.runs[number].name;
                sentences.push(format!("{name}, no change of level: {}", run.differences.join("; ")));
            }
        }
        if self.reference.is_none() {
            sentences.push(
                "these are times, in which the machine's own speed is contained; --reference ENGINE divides by it"
                    .to_owned(),
            );
        }
        sentences.extend(self.left_out.iter().cloned());
        sentences
    }
}

/// By how much more time the slower of two levels takes; negative where the new one is faster.
pub fn percent(change: &LevelChange) -> String {
    let log = change.ratio.ln();
    format!("{:+.1}%", 100.0 * log.abs().exp_m1().copysign(log))
}
