//! `report.md`: the answer, the summary and what went wrong, for a pull request or the summary of a job.

use super::model::RunReport;
use super::overall::Overall;
use super::overview::{OverviewColumn, OverviewEngine, OverviewUnit, RunOverview};
use super::{answer, facts, rows, units};

/// A picture beside the text.
pub struct PictureFile {
    /// Its file, as seen from the text.
    pub file: String,
    /// What it shows.
    pub words: String,
}

/// The most failed cells that are listed.
const MOST_FAILED: usize = 20;

/// The text.
pub fn text(
    report: &RunReport,
    overall: &Overall,
    overview: &RunOverview,
    pictures: &[PictureFile],
) -> String {
    let mut parts = vec![format!("## {}", escaped(&overview.heading))];
    parts.push(
        answer::sentences(report, overall).iter().map(|one| escaped(one)).collect::<Vec<_>>().join(" "),
    );
    let problems: Vec<String> = overview.problems.iter().map(|one| format!("> {}  ", escaped(one))).collect();
    parts.push(problems.join("\n"));
    parts.push(
        overview.modules.iter().map(|one| format!("- {}", escaped(one))).collect::<Vec<_>>().join("\n"),
    );
    parts.push(table(overview));
    parts.push("Times are multiples of the fastest engine's, the geometric mean over the cases in common; ± is half of the 95% interval.".to_owned());
    parts.extend(pictures.first().map(|picture| image(picture, "")));
    let others: Vec<String> = pictures.iter().skip(1).map(|picture| image(picture, "")).collect();
    if !others.is_empty() {
        parts.push(folded("Totals over the cases in common", &others.join("\n\n")));
    }
    parts.push(failed(report));
    parts.push(folded("Machine, run and engines", &method(report)));
    parts.push(notes(overview));
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n") + "\n"
}

fn table(overview: &RunOverview) -> String {
    let heads = overview.columns.iter().map(|column| format!("{} ({})", column.name, column.of));
    let mut lines = vec![row(["engine".to_owned()].into_iter().chain(heads))];
    lines.push(row(["---".to_owned()].into_iter().chain(overview.columns.iter().map(|_| "---:".to_owned()))));
    let counts = overview.columns.iter().map(|column| column.cases.to_string());
    for engine in &overview.engines {
        let cells = overview.columns.iter().map(|column| cell(column, engine));
        lines.push(row([escaped(&engine.name)].into_iter().chain(cells)));
    }
    lines.push(row(["*cases in common*".to_owned()].into_iter().chain(counts)));
    lines.join("\n")
}

fn row(cells: impl Iterator<Item = String>) -> String {
    format!("| {} |", cells.collect::<Vec<_>>().join(" | "))
}

fn cell(column: &OverviewColumn, engine: &OverviewEngine) -> String {
    let Some(value) = engine.values.get(column.name) else { return "–".to_owned() };
    let ends = value.low.zip(value.high).map(|(low, high)| format!(" {}", units::half_width(low, high)));
    match column.unit {
        OverviewUnit::Ratio => format!("{}{}", units::three_digits(value.value), ends.unwrap_or_default()),
        OverviewUnit::Bytes => units::bytes(value.value),
    }
}

fn image(picture: &PictureFile, before: &str) -> String {
    format!("{before}![{}]({})", escaped(&picture.words), picture.file)
}

fn failed(report: &RunReport) -> String {
    let failed = report.failed_cells();
    let mut lines: Vec<String> =
        failed.iter().take(MOST_FAILED).map(|one| format!("- {}", escaped(&rows::failed(one)))).collect();
    if failed.len() > MOST_FAILED {
        lines.push(format!("- and {} more, in failures.csv", failed.len() - MOST_FAILED));
    }
    if lines.is_empty() {
        String::new()
    } else {
        format!("### Failed cells: {}\n\n{}", failed.len(), lines.join("\n"))
    }
}

fn method(report: &RunReport) -> String {
    let pairs = facts::machine(report).into_iter().chain(facts::run(report));
    let pairs = pairs.filter(|(_, value)| !value.is_empty());
    let mut lines = vec!["| | |".to_owned(), "| --- | --- |".to_owned()];
    lines.extend(pairs.map(|(name, value)| row([name.to_owned(), escaped(&value)].into_iter())));
    lines.push(String::new());
    lines.push("| engine | version | flags | licence |".to_owned());
    lines.push("| --- | --- | --- | --- |".to_owned());
    for engine in &report.run.engines {
        let cells = [&engine.name, &engine.hello.version, &engine.hello.flags, &engine.licence];
        lines.push(row(cells.into_iter().map(|text| escaped(text))));
    }
    lines.join("\n")
}

fn notes(overview: &RunOverview) -> String {
    overview.notes.iter().map(|note| format!("- {}", escaped(note))).collect::<Vec<_>>().join("\n")
}

fn folded(summary: &str, content: &str) -> String {
    format!("<details><summary>{summary}</summary>\n\n{content}\n\n</details>")
}

/// Text that Markdown and HTML take as it is.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\n' | '\r' => escaped.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '@' => {
                escaped.push('\\');
                escaped.push(letter);
            }
            _ => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_markup() {
        assert_eq!(escaped("<script>|`a`|[x](y)\n# b"), "&lt;script&gt;\\|\\`a\\`\\|\\[x\\](y) \\# b");
    }
}
