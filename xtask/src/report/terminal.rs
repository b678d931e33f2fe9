//! The summary as text for a screen of 80 columns and 24 lines.

use super::overview::{OverviewColumn, OverviewEngine, OverviewUnit, OverviewValue, RunOverview, WIDTH};
use super::text::wrapped;
use super::units;
use super::written::PAGE_FILE;

/// What an engine shows that takes no part in a column.
const NONE: &str = "-";

/// What stands in the header above the engines' names.
const HEADER: [&str; 3] = ["times × fastest", "geometric mean", "common cases"];

/// The summary, with a line end after every line.
pub fn summary(overview: &RunOverview) -> String {
    let mut lines = vec![overview.heading.clone()];
    lines.extend(table(overview));
    if !overview.not_shown.is_empty() {
        lines.push(format!("and {} more", overview.not_shown.len()));
    }
    if !overview.verdict.is_empty() {
        lines.extend(wrapped(&overview.verdict, WIDTH, 0));
    }
    lines.extend(overview.modules.iter().flat_map(|one| wrapped(one, WIDTH, 2)));
    lines.extend(overview.problems.iter().cloned());
    let place = [format!("tables: {}", overview.tables), format!("report: {}/{PAGE_FILE}", overview.files)];
    let left = overview.lines_left(lines.len() + place.len());
    lines.extend(notes(&overview.notes, left));
    lines.extend(place);
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// The notes as far as `left` lines hold them; the last of these says how many there are beside.
fn notes(notes: &[String], left: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for (place, note) in notes.iter().enumerate() {
        let of_note = wrapped(note, WIDTH, 2);
        let is_last = place + 1 == notes.len();
        if lines.len() + of_note.len() + usize::from(!is_last) > left {
            let more = notes.len() - place;
            let plural = if more == 1 { "" } else { "s" };
            lines.push(format!("{more} more note{plural}: --tables notes"));
            break;
        }
        lines.extend(of_note);
    }
    lines
}

fn table(overview: &RunOverview) -> Vec<String> {
    let mut rows: Vec<Vec<String>> = HEADER.iter().map(|text| vec![(*text).to_owned()]).collect();
    rows.extend(overview.engines.iter().map(|engine| vec![engine.name.clone()]));
    for column in &overview.columns {
        let header = [column.name.to_owned(), column.of.to_owned(), column.cases.to_string()];
        let cells = cells(column, &overview.engines);
        rows.iter_mut().zip(header.into_iter().chain(cells)).for_each(|(row, cell)| row.push(cell));
    }
    aligned(&rows)
}

/// The cells of a column, one for each engine. Where some have an interval, ratios stand below each other.
fn cells(column: &OverviewColumn, engines: &[OverviewEngine]) -> Vec<String> {
    let values: Vec<_> = engines.iter().map(|engine| engine.values.get(column.name)).collect();
    let ends = |value: &Option<&OverviewValue>| {
        let value = (*value)?;
        Some(units::half_width(value.low?, value.high?))
    };
    let intervals: Vec<String> = values.iter().map(|value| ends(value).unwrap_or_default()).collect();
    let widest = intervals.iter().map(|interval| interval.chars().count()).max().unwrap_or(0);
    let cell = |(value, interval): (&Option<&OverviewValue>, &String)| match (value, column.unit) {
        (None, _) => format!("{NONE}{:widest$}", ""),
        (Some(value), OverviewUnit::Ratio) => {
            format!("{}{interval:widest$}", units::three_digits(value.value))
        }
        (Some(value), OverviewUnit::Bytes) => units::bytes(value.value),
    };
    values.iter().zip(&intervals).map(cell).collect()
}

/// The rows as lines: the first column to the left, the others to the right, two spaces apart where the
/// width allows it and one where not. A name for which even that leaves no room has a line of its own, whole:
/// what tells two engines apart may be its end.
fn aligned(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let numbers: usize = widths.iter().skip(1).sum();
    let gap = if widths[0] + numbers + 2 * (columns - 1) <= WIDTH { 2 } else { 1 };
    let names = widths[0].min(WIDTH.saturating_sub(numbers + gap * (columns - 1)));
    let lines = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).skip(1);
        let cells: String = cells.map(|(cell, width)| format!("{cell:>0$}", width + gap)).collect();
        let name = &row[0];
        let line = |name: &str| format!("{name:<names$}{cells}").trim_end().to_owned();
        if name.chars().count() <= names { vec![line(name)] } else { vec![name.clone(), line("")] }
    };
    rows.iter().flat_map(lines).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_has_no_room_stands_whole_above_its_numbers() {
        let row = |name: &str| vec![name.to_owned(), "1".repeat(30), "2".repeat(30)];
        let long = "wasmtime-cranelift:parallel=off";
        let lines = aligned(&[row("v8-tiers"), row(long)]);
        assert_eq!(lines[1], long);
        assert_eq!([lines[0].len(), lines[2].len()], [WIDTH, WIDTH]);
        assert_eq!(lines[2].trim_start(), lines[0].trim_start_matches("v8-tiers").trim_start());
    }
}
