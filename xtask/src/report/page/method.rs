//! The end of the page: what failed, how the run was made, on what, with which versions, and how sure the
//! numbers are.

use super::super::model::RunReport;
use super::super::overall::Overall;
use super::super::units;
use super::super::{embedding, facts, notes};
use super::parts::table;
use super::sheets;
use maud::{Markup, html};

/// What has no time, with reasons.
pub fn failures(report: &RunReport) -> Markup {
    let failed = report.failed_cells().len();
    html! {
        section aria-labelledby="failures" {
            h2 id="failures" { "Failures and what engines do not offer" }
            p {
                @match failed {
                    0 => { "No cell failed." }
                    1 => { "One cell failed; it has no times." }
                    _ => { (failed) " cells failed; they have no times." }
                }
            }
            (table("failures", "Table: every failure, and what engines do not offer, with the reasons"))
            @if !report.run.skipped.is_empty() {
                h3 { "Skipped engines" }
                ul {
                    @for one in &report.run.skipped {
                        li { strong { (one.name) } ": " (one.reason) "; to enable it: " code { (one.command) } }
                    }
                }
            }
        }
    }
}

/// How the run was made.
pub fn section(report: &RunReport, overall: &Overall) -> Markup {
    html! {
        section aria-labelledby="method" {
            h2 id="method" { "How this was measured" }
            (certainty(overall))
            h3 { "Notes" }
            ul { @for note in notes::sentences(report) { li { (note) } } }
            div class="grid" {
                div { h3 { "Machine" } (table_of(&facts::machine(report))) }
                div { h3 { "Run" } (table_of(&facts::run(report))) }
            }
            h3 { "Engines" }
            (engines(report))
            (sheets::details(&embedding::sheet(report.run.engines.iter().map(|one| (one.name.as_str(), &one.embedding)))))
            (table("modules", "Table: every file that was measured, with its SHA-256"))
        }
    }
}

fn certainty(overall: &Overall) -> Markup {
    let floors: Vec<(&str, f64)> = overall
        .columns()
        .filter_map(|(quantity, column)| Some((quantity.name(), column.pairs.noise_floor_percent?)))
        .collect();
    html! {
        h3 { "Noise floor" }
        p {
            "The noise floor is how much an engine differs from itself: each run with verdicts measures one engine a second time, as if it were another. A difference that is not larger than that is never called one, whatever its interval."
        }
        @if floors.is_empty() {
            p class="note" { "This run has no noise floor: it takes ten rounds and a control." }
        } @else {
            table class="facts" {
                thead { tr { th scope="col" { "over the cases in common" } th scope="col" class="number" { "noise floor" } } }
                tbody {
                    @for (name, percent) in floors {
                        tr { th scope="row" { (name) } td class="number" { (units::percent(percent)) } }
                    }
                }
            }
        }
    }
}

fn table_of(facts: &[(&str, String)]) -> Markup {
    html! {
        table class="facts wide" {
            tbody {
                @for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
                    tr { th scope="row" { (name) } td { (value) } }
                }
            }
        }
    }
}

fn engines(report: &RunReport) -> Markup {
    html! {
        div class="table-box" tabindex="0" role="region" aria-label="Engines" {
            table class="sorts wide" id="engine-facts" {
                caption class="hidden" { "Engines with versions, flags and licences" }
                thead {
                    tr { @for name in ["engine", "version", "compiler", "flags", "threads", "licence", "notes"] { th scope="col" { (name) } } }
                }
                tbody {
                    @for engine in &report.run.engines {
                        tr {
                            th scope="row" { (engine.name) }
                            td { (engine.hello.version) }
                            td { (engine.hello.compiler) }
                            td { (engine.hello.flags) }
                            td class="number" { (engine.hello.threads) }
                            td { (engine.licence) }
                            td { (engine.hello.notes.join("; ")) }
                        }
                    }
                }
            }
        }
        button type="button" data-csv="engine-facts" class="save" { "Save as CSV" }
    }
}
