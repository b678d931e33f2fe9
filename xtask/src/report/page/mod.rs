//! `report.html`: a run as one file that opens from the disk without a network. Its first screen is
//! complete without any script; the script draws single cases from the data in the page.

mod all_cases;
mod data;
mod failures;
mod first;
mod method;
mod numbers;
mod one_case;
mod parts;
mod policy;
mod sheets;

use super::chart;
use super::model::RunReport;
use super::overall::Overall;
use super::overview::RunOverview;
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("assets/page.css");

/// The parts of the script, in the order of their use.
const SCRIPT: [&str; 9] = [
    include_str!("assets/data.js"),
    include_str!("assets/axis.js"),
    include_str!("assets/charts.js"),
    include_str!("assets/table.js"),
    include_str!("assets/case.js"),
    include_str!("assets/all.js"),
    include_str!("assets/tables.js"),
    include_str!("assets/window.js"),
    include_str!("assets/main.js"),
];

/// The page of `report`, whose summary has the AOT totals.
pub fn html(report: &RunReport, overall: &Overall, overview: &RunOverview) -> String {
    let script = format!("(() => {{\n\"use strict\";\n{}}})();\n", SCRIPT.concat());
    let policy = policy::policy(&[chart::STYLE, STYLE], &script);
    let title = format!("wasm-phases: {}", overview.heading);
    html! {
        (DOCTYPE)
        html lang="en" data-scale="log" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title { (title) }
                link rel="icon" href="data:,";
                style id="chart-style" { (PreEscaped(chart::STYLE)) }
                style { (PreEscaped(STYLE)) }
            }
            body { (body(report, overall, overview)) script { (PreEscaped(script)) } }
        }
    }
    .into_string()
}

fn body(report: &RunReport, overall: &Overall, overview: &RunOverview) -> Markup {
    html! {
        a class="skip" href="#main" { "Skip to the answer" }
        header {
            h1 { (overview.heading) }
            p class="meta" {
                "wasm-phases, run of " time { (overview.started_utc) } ". Words and methods: docs/method.md; files: docs/results.md."
            }
            nav aria-label="Parts of the page" {
                ul {
                    @for (id, name) in [("all-cases", "All cases"), ("one-case", "One case"), ("failures", "Failures"), ("method", "How this was measured")] {
                        li { a href={ "#" (id) } { (name) } }
                    }
                }
            }
        }
        main id="main" {
            (first::screen(report, overall, overview))
            noscript {
                p class="problems" { "Without a script the page ends with the pictures over all cases; every value is in the files beside it." }
            }
            (all_cases::section(report, overall))
            (one_case::section())
            (method::failures(report))
            (method::section(report, overall))
        }
        footer {
            p class="meta" { "Made by " code { "cargo xtask report" } " from the files in " code { (overview.files) } "." }
        }
        dialog id="cell" aria-labelledby="cell-name" {
            form { button type="button" class="close" autofocus { "Close" } }
            h2 id="cell-name" {}
            div class="content" {}
        }
        script type="application/json" id="data" { (PreEscaped(safe(&data::of(report).to_string()))) }
    }
}

/// JSON that cannot end its element: `<` is only in its texts.
fn safe(json: &str) -> String {
    json.replace('<', "\\u003c")
}
