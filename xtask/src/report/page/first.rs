//! The first screen: the answer, compile time against run time, and the summary table.

use super::super::chart::{Picture, ScaleKind};
use super::super::model::RunReport;
use super::super::overall::Overall;
use super::super::overview::{OverviewColumn, OverviewUnit, OverviewValue, RunOverview};
use super::super::{answer, pictures, units};
use super::parts::scale;
use bench::stats::ROUNDS_FOR_INTERVAL;
use maud::{Markup, html};
use std::collections::BTreeSet;

/// The first screen.
pub fn screen(report: &RunReport, overall: &Overall, overview: &RunOverview) -> Markup {
    html! {
        div class="answer" {
            @for sentence in answer::sentences(report, overall) { p { (sentence) } }
        }
        @if !overview.problems.is_empty() {
            div class="problems" role="note" aria-label="What to know first" {
                @for problem in &overview.problems { p { (problem) } }
            }
        }
        @if !overview.modules.is_empty() {
            div class="modules" { @for sentence in &overview.modules { p { (sentence) } } }
        }
        div class="first" {
            (compile_and_call(report, overall))
            (summary(report, overview))
        }
    }
}

fn compile_and_call(report: &RunReport, overall: &Overall) -> Markup {
    let picture = |kind, width, height| {
        pictures::compile_and_call(report, overall, kind).map(|scatter| scatter.picture(width, height))
    };
    let kinds = [("log", ScaleKind::Logarithmic), ("linear", ScaleKind::Linear)];
    html! {
        figure {
            figcaption { "Compile time against run time" }
            @if overall_has_both(report, overall) {
                @for (name, kind) in kinds {
                    div data-kind=(name) {
                        div class="wide-picture" { (inline(picture(kind, 560, 430))) }
                        div class="narrow" { (inline(picture(kind, 340, 360))) }
                    }
                }
                div class="under" {
                    (scale("first"))
                    button type="button" class="save" data-save="compile-and-call" { "Save as SVG" }
                }
                p class="note" {
                    "Each engine's time divided by that of the fastest, the geometric mean over the cases in common. "
                    "Left is faster to compile, low is faster to call. "
                    @if report.rounds < ROUNDS_FOR_INTERVAL {
                        "There are no intervals below ten rounds."
                    } @else { "Lines through a point are 95% intervals." }
                    @if !report.baselines.is_empty() { " The broken line is native code." }
                }
            } @else {
                p class="note" { "No engine has both a compile time and a call time in this run." }
            }
        }
    }
}

fn overall_has_both(report: &RunReport, overall: &Overall) -> bool {
    pictures::compile_and_call(report, overall, ScaleKind::Logarithmic).is_some()
}

fn inline(picture: Option<Picture>) -> Markup {
    html! { @if let Some(picture) = picture { (picture.inline()) } }
}

fn summary(report: &RunReport, overview: &RunOverview) -> Markup {
    html! {
        div {
            div class="table-box" tabindex="0" role="region" aria-label="Summary" {
                table class="sorts" id="summary" {
                    caption class="hidden" { "Summary: a line for each engine, over the cases in common" }
                    thead {
                        tr {
                            th scope="col" { "engine" }
                            @for column in &overview.columns { (head(column)) }
                        }
                    }
                    tbody {
                        @for engine in &overview.engines {
                            tr {
                                th scope="row" { (engine.name) }
                                @for column in &overview.columns {
                                    (cell(column, engine.values.get(column.name), best(report, overview, column) == Some(&engine.name)))
                                }
                            }
                        }
                    }
                }
            }
            div class="under" { button type="button" data-csv="summary" class="save" { "Save as CSV" } }
            p class="note" {
                "Times are multiples of the fastest engine's, over "
                (cases(overview)) " cases in common; artifact is a geometric mean, memory the highest peak. "
                @for (column, samples) in too_short(overview) {
                    (samples) " " @if samples.contains(", ") { "do" } @else { "does" }
                    " not count for " (column) ": a call of under 1 µs shows the way into the module alone. "
                }
            }
        }
    }
}

/// The fastest engine of a column of times, native code aside.
fn best<'a>(report: &RunReport, overview: &'a RunOverview, column: &OverviewColumn) -> Option<&'a String> {
    let runs_wasm = overview.engines.iter().filter(|engine| !report.is_baseline(&engine.name));
    let values = runs_wasm.filter_map(|engine| Some((engine.values.get(column.name)?.value, &engine.name)));
    let fastest = values.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, name)| name);
    fastest.filter(|_| column.unit == OverviewUnit::Ratio)
}

fn cases(overview: &RunOverview) -> String {
    let counts: BTreeSet<usize> = overview.columns.iter().map(|one| one.cases).collect();
    let counts: Vec<String> = counts.iter().map(ToString::to_string).collect();
    counts.join(" or ")
}

fn too_short(overview: &RunOverview) -> impl Iterator<Item = (&'static str, String)> + '_ {
    let short = overview.columns.iter().filter(|column| !column.too_short.is_empty());
    let names = |column: &OverviewColumn| {
        let names: BTreeSet<&str> = column.too_short.iter().map(String::as_str).collect();
        names.into_iter().collect::<Vec<_>>().join(", ")
    };
    short.map(move |column| (column.name, names(column)))
}

fn head(column: &OverviewColumn) -> Markup {
    let unit = match column.unit {
        OverviewUnit::Ratio => format!("{} (× fastest)", column.name),
        OverviewUnit::Bytes => format!("{} (bytes)", column.name),
    };
    html! { th scope="col" class="number" data-csv=(unit) { (column.name) br; span class="note" { (column.of) } } }
}

fn cell(column: &OverviewColumn, value: Option<&OverviewValue>, is_best: bool) -> Markup {
    let Some(value) = value else { return html! { td class="number" data-value="" { "–" } } };
    let ends = value.low.zip(value.high).map(|(low, high)| units::half_width(low, high));
    let is_ratio = column.unit == OverviewUnit::Ratio;
    html! {
        td class={ "number" @if is_best { " best" } } data-value=(value.value) {
            @if is_ratio { (units::three_digits(value.value)) } @else { (units::bytes(value.value)) }
            @if let Some(ends) = ends { " " span class="ends" { (ends) } }
        }
    }
}
