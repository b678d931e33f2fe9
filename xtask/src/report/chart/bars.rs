//! Bars that lie, one an engine, each with its interval.

use super::super::units::three_digits;
use super::axis::Axis;
use super::{Picture, at, text_width};
use maud::{Markup, html};

const ROW: f64 = 20.0;
const TOP: f64 = 26.0;
/// What stands at the right of the bars.
const VALUES: f64 = 52.0;
/// A bar of the smallest value, so that it can be seen.
const LEAST: f64 = 2.0;

/// One bar.
pub struct Bar {
    /// The engine.
    pub name: String,
    /// The value.
    pub value: f64,
    /// The ends of its interval.
    pub interval: Option<(f64, f64)>,
    /// Whether it is what others are compared with.
    pub is_baseline: bool,
}

/// A chart of bars that begin at 1: times in proportion to the fastest.
pub struct BarChart {
    /// What it shows.
    pub title: String,
    /// The bars, from above.
    pub bars: Vec<Bar>,
}

impl BarChart {
    /// The chart in a width.
    pub fn picture(&self, width: u32) -> Picture {
        let names = self.bars.iter().map(|bar| text_width(&bar.name)).fold(0.0, f64::max);
        let left = (names + 8.0).min(0.45 * f64::from(width));
        let right = f64::from(width) - VALUES;
        let values = self
            .bars
            .iter()
            .flat_map(|bar| [Some(bar.value), bar.interval.map(|one| one.0), bar.interval.map(|one| one.1)]);
        let axis = Axis::from_one(values.flatten(), (left, right));
        let bottom = TOP + ROW * self.bars.len() as f64;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small height")]
        let height = (bottom + 6.0) as u32;
        let content = html! {
            (axis.vertical_grid(TOP - 4.0, bottom))
            @for (place, bar) in self.bars.iter().enumerate() {
                (row(bar, TOP + ROW * place as f64, &axis, (left, width)))
            }
        };
        Picture { width, height, title: self.title.clone(), content }
    }
}

fn row(bar: &Bar, top: f64, axis: &Axis, (left, width): (f64, u32)) -> Markup {
    let end = axis.place(bar.value).max(axis.base() + LEAST);
    let middle = top + ROW / 2.0;
    let class = if bar.is_baseline { "bar baseline" } else { "bar" };
    let value = format!("× {}", three_digits(bar.value));
    let said = match bar.interval {
        Some((low, high)) => {
            format!("{}: {value}, 95% interval {} to {}", bar.name, three_digits(low), three_digits(high))
        }
        None => format!("{}: {value}", bar.name),
    };
    html! {
        g {
            title { (said) }
            text class="name" x=(at(left - 6.0)) y=(at(middle + 4.0)) text-anchor="end" { (bar.name) }
            rect class=(class) x=(at(axis.base())) y=(at(top + 4.0)) width=(at(end - axis.base()))
                height=(at(ROW - 8.0)) {}
            @if let Some((low, high)) = bar.interval {
                path class="interval" d=(whisker(axis.place(low), axis.place(high), middle)) {}
            }
            text class="value" x=(at(f64::from(width) - 2.0)) y=(at(middle + 4.0)) text-anchor="end" {
                (value)
            }
        }
    }
}

/// A line between two ends, with a stroke across each.
fn whisker(low: f64, high: f64, middle: f64) -> String {
    let (low, high, top, bottom) = (at(low), at(high), at(middle - 3.0), at(middle + 3.0));
    format!("M{low} {top}V{bottom}M{low} {}H{high}M{high} {top}V{bottom}", at(middle))
}
