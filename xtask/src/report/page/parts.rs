//! Small parts that stand in several places of the page.

use maud::{Markup, html};

/// A table that the script makes when it is opened: its name in the script, and what it says.
pub fn table(name: &str, words: &str) -> Markup {
    html! { details data-table=(name) { summary { (words) } } }
}

/// The choice of the pictures' scale; `place` tells several of them apart.
pub fn scale(place: &str) -> Markup {
    html! {
        fieldset {
            legend { "Scale" }
            @for (value, name) in [("log", "logarithmic"), ("linear", "linear")] {
                label {
                    input type="radio" name={ "scale-" (place) } value=(value) data-scale checked[value == "log"];
                    " " (name)
                }
            }
        }
    }
}
