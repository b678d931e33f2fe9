//! Pictures as SVG, made without any script: for `report.md`, and for what a page shows first. Pictures of
//! single cases are drawn by the page itself, from its data.

mod axis;
mod bars;
mod scatter;

pub use axis::{Axis, ScaleKind};
pub use bars::{Bar, BarChart};
pub use scatter::{Coordinate, Label, Scatter};

use maud::{Markup, PreEscaped, html};

/// How every picture looks, in both colour schemes.
pub const STYLE: &str = include_str!("../page/assets/chart.css");

/// `picture` as a file of its own, on a background, with its style inside.
pub fn file(picture: &Picture) -> String {
    let Picture { width, height, title, content } = picture;
    let svg = html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (width) " " (height) }
            width=(width) height=(height) role="img" class="chart" {
            title { (title) }
            style { (PreEscaped(STYLE)) }
            rect class="paper" width="100%" height="100%" {}
            (content)
        }
    };
    format!("{}\n", svg.into_string())
}

/// A picture without what surrounds it.
pub struct Picture {
    /// Its width, in units of which a letter has about 7.
    pub width: u32,
    /// Its height.
    pub height: u32,
    /// What it shows, for those who do not see it.
    pub title: String,
    /// The elements.
    pub content: Markup,
}

impl Picture {
    /// The picture as a part of a page, whose style it takes.
    pub fn inline(&self) -> Markup {
        html! {
            svg class="chart" viewBox={ "0 0 " (self.width) " " (self.height) } role="img"
                aria-label=(self.title) width=(self.width) height=(self.height) {
                (self.content)
            }
        }
    }
}

/// A coordinate with one decimal.
pub fn at(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// How many units a text takes, about.
fn text_width(text: &str) -> f64 {
    7.1 * text.chars().count() as f64
}
