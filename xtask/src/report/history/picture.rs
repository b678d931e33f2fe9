//! A history as a picture: a point with its interval for each run, a line for each level, and the changes.

use super::super::chart::{Axis, Picture, at};
use super::super::units;
use super::History;
use bench::stats::Estimate;
use maud::{Markup, html};

const LEFT: f64 = 62.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 26.0;
const BOTTOM: f64 = 44.0;
/// What a run takes at most along the axis.
const WIDEST: f64 = 90.0;
/// The letters of a date.
const DATE: usize = 10;

/// The history of a cell in a size.
pub fn picture(history: &History, width: u32, height: u32) -> Picture {
    let greatest = history.runs.iter().map(|run| history.value(run).value).fold(0.0, f64::max);
    let (divisor, name) = match &history.reference {
        Some(reference) => (1.0, format!("× {reference}")),
        None => {
            let (divisor, unit) = units::unit(greatest);
            (divisor, format!("time, {unit}"))
        }
    };
    let values: Vec<Estimate> = history.runs.iter().map(|run| scaled(history.value(run), divisor)).collect();
    let ends = values.iter().flat_map(|one| [one.low, one.value, one.high]);
    let bottom = f64::from(height) - BOTTOM;
    let axis = Axis::around(ends, (bottom, TOP));
    let step = ((f64::from(width) - LEFT - RIGHT) / history.runs.len().max(1) as f64).min(WIDEST);
    let frame = Frame { history, axis, step, bottom, right: f64::from(width) - RIGHT };
    let content = html! {
        (frame.axis.horizontal_grid(LEFT, frame.right))
        text class="axis" x="12" y=(at((TOP + bottom) / 2.0)) text-anchor="middle"
            transform={ "rotate(-90 12 " (at((TOP + bottom) / 2.0)) ")" } { (name) }
        (frame.changes())
        (frame.levels(divisor))
        @for (number, value) in values.iter().enumerate() { (frame.point(number, value)) }
        (frame.dates())
    };
    Picture { width, height, title: title(history), content }
}

fn scaled(value: Estimate, divisor: f64) -> Estimate {
    Estimate { low: value.low / divisor, value: value.value / divisor, high: value.high / divisor, ..value }
}

fn title(history: &History) -> String {
    let runs = history.runs.len();
    let changes = match history.changes.len() {
        0 => "no change of level".to_owned(),
        1 => "one change of level".to_owned(),
        count => format!("{count} changes of level"),
    };
    format!("{} over {runs} runs, the earliest at the left: {changes}.", history.cell)
}

struct Frame<'a> {
    history: &'a History,
    axis: Axis,
    step: f64,
    bottom: f64,
    right: f64,
}

impl Frame<'_> {
    fn across(&self, number: usize) -> f64 {
        LEFT + self.step * (number as f64 + 0.5)
    }

    fn point(&self, number: usize, value: &Estimate) -> Markup {
        let run = &self.history.runs[number];
        let (x, low, high) = (self.across(number), self.axis.place(value.low), self.axis.place(value.high));
        let [lowest, middle, highest] = [value.low, value.value, value.high].map(units::significant);
        html! {
            g {
                title { (run.name) ": " (middle) ", from " (lowest) " to " (highest) }
                path class="interval" d={ "M" (at(x)) " " (at(low)) "V" (at(high)) } {}
                circle class="point" cx=(at(x)) cy=(at(self.axis.place(value.value))) r="3.5" {}
            }
        }
    }

    fn levels(&self, divisor: f64) -> Markup {
        html! {
            @for (runs, level) in self.history.levels() {
                @let y = at(self.axis.place(level / divisor));
                @let ends = (self.across(runs.start) - self.step / 2.0, self.across(runs.end) - self.step / 2.0);
                path class="middle" d={ "M" (at(ends.0)) " " (y) "H" (at(ends.1)) } {}
            }
        }
    }

    /// A line between two levels, with the change above.
    fn changes(&self) -> Markup {
        html! {
            @for change in &self.history.changes {
                @let x = at(self.across(change.point.at) - self.step / 2.0);
                path class="native" d={ "M" (x) " " (at(TOP)) "V" (at(self.bottom)) } {}
                text class="value" x=(x) y=(at(TOP - 8.0)) text-anchor="middle" {
                    (super::text::percent(change))
                }
            }
        }
    }

    /// The days of the first and the last run, and of every change that there is room for.
    fn dates(&self) -> Markup {
        let last = self.history.runs.len().saturating_sub(1);
        let wanted = [0, last].into_iter().chain(self.history.changes.iter().map(|change| change.point.at));
        let mut shown: Vec<(f64, usize)> = Vec::new();
        for number in wanted {
            let x = self.across(number).clamp(LEFT + 34.0, self.right - 34.0);
            if shown.iter().all(|(other, _)| (other - x).abs() > 76.0) {
                shown.push((x, number));
            }
        }
        html! {
            @for (x, number) in shown {
                text class="tick" x=(at(x)) y=(at(self.bottom + 16.0)) text-anchor="middle" {
                    (self.history.runs[number].started_utc.chars().take(DATE).collect::<String>())
                }
            }
            text class="axis" x=(at((LEFT + self.right) / 2.0)) y=(at(self.bottom + 36.0)) text-anchor="middle" {
                "runs, in the order of time"
            }
        }
    }
}
