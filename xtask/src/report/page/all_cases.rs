//! The part of the page about all cases: the totals over them, the heat map, and cost against size.

use super::super::model::RunReport;
use super::super::overall::Overall;
use super::super::{pictures, scaling, variants};
use super::parts::table;
use super::sheets;
use maud::{Markup, html};

/// The width of a chart of bars.
const WIDTH: u32 = 295;

/// The part.
pub fn section(report: &RunReport, overall: &Overall) -> Markup {
    html! {
        section aria-labelledby="all-cases" {
            h2 id="all-cases" { "All cases" }
            (totals(report, overall))
            (heat_map())
            (growth(report))
            (variants_table(report))
        }
    }
}

fn totals(report: &RunReport, overall: &Overall) -> Markup {
    html! {
        h3 { "Totals over the cases in common" }
        p class="note" {
            "How much longer each engine takes than the fastest, the geometric mean over the cases that all engines of the picture have, with 95% intervals from ten rounds on. The scale is logarithmic and begins at 1, the fastest."
        }
        div class="grid three" {
            @for (quantity, chart) in pictures::totals(report, overall) {
                figure {
                    figcaption { (quantity.name()) " " span class="note" { (quantity.formula()) } }
                    (chart.picture(WIDTH).inline())
                    div class="under" {
                        button type="button" class="save" data-save={ "overall " (quantity.name()) } { "Save as SVG" }
                    }
                }
            }
        }
        (table("heat", "Table: the same in proportion to the fastest, on each sample"))
    }
}

fn heat_map() -> Markup {
    html! {
        h3 { "Samples by engines" }
        p class="note" {
            "Each time in proportion to the fastest engine on the sample. Choose a cell to see all of its values and rounds. ✕ failed, – is not offered by the engine or was not measured."
        }
        div class="under" {
            label { "What " select id="heat-of" {} }
            span aria-hidden="true" {
                @for (place, words) in ["1", "1.05", "1.25", "1.6", "2.5", "4", "8", "20"].iter().enumerate() {
                    span class={ "shade h" (place) } { "≥ " (words) }
                }
            }
        }
        div class="table-box" id="heat" tabindex="0" role="region" aria-label="Heat map" {}
    }
}

/// The engines in each variant of the same samples; nothing where there is one.
fn variants_table(report: &RunReport) -> Markup {
    let sheets = variants::tables(report);
    html! {
        @if !sheets.is_empty() {
            h3 { "In another variant" }
            p class="note" {
                "The summary and the totals are of one variant, which every engine takes. Runtimes of today are made for what compilers use by default, so the real programs stand here in both."
            }
            @for sheet in &sheets { (sheets::details(sheet)) }
        }
    }
}

fn growth(report: &RunReport) -> Markup {
    let sheets = scaling::tables(report);
    html! {
        h3 { "Cost against the size of the code" }
        p class="note" {
            @if sheets.is_empty() {
                "One dot a sample: samples differ in more than their size. "
                code { "--samples @scale" } " measures one generated program in many sizes, and gives the exponent of growth. "
            } @else { "The generated program in many sizes; the exponent of growth is in the table below. " }
            "The first six of the chosen engines have colours."
        }
        div class="under" { label { "What " select id="growth-of" {} } }
        figure data-chart="growth" data-nothing="The size of the code is not known, or there are too few samples." {
            figcaption { "Cost against the bytes of the code section" }
            div class="drawing" {}
            div class="under" { button type="button" class="save" data-save="growth" { "Save as SVG" } }
        }
        (table("growth", "Table: cost and size of every case"))
        @for sheet in &sheets { (sheets::details(sheet)) }
    }
}
