//! A table of the command line as a part of the page.

use super::super::sheet::{Sheet, SheetCell};
use maud::{Markup, html};

/// The table behind its heading.
pub fn details(sheet: &Sheet) -> Markup {
    html! {
        details {
            summary { "Table: " (sheet.heading()) }
            div class="table-box" tabindex="0" role="region" aria-label=(sheet.heading()) {
                table {
                    thead { tr { @for name in sheet.header() { th scope="col" { @if name.is_empty() { "what" } @else { (name) } } } } }
                    tbody {
                        @for (keys, cells) in sheet.rows() {
                            tr {
                                @for key in keys { th scope="row" { (key) } }
                                @for cell in cells { (one(cell)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn one(cell: &SheetCell) -> Markup {
    match cell {
        SheetCell::Value(text) => html! { td class="number" { (text) } },
        SheetCell::Blank => html! { td {} },
        SheetCell::Without { mark, reason } => html! { td class="number" title=(reason) { (mark) } },
    }
}
