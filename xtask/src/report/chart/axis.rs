//! An axis: from values to coordinates, and where its ticks are.

use super::super::units::three_digits;
use super::at;
use maud::{Markup, html};

/// How values are spread over an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScaleKind {
    /// Every factor takes the same room.
    Logarithmic,
    /// Every difference does; it begins at 0.
    Linear,
}

/// A scale from values to coordinates.
#[derive(Clone, Copy, Debug)]
pub struct Axis {
    kind: ScaleKind,
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Axis {
    /// An axis that has room for `values`, from the coordinate `from` to `to`.
    pub fn of(kind: ScaleKind, values: impl Iterator<Item = f64>, (from, to): (f64, f64)) -> Axis {
        let (mut low, mut high) = (f64::INFINITY, 0.0_f64);
        for value in values.filter(|value| value.is_finite() && *value > 0.0) {
            (low, high) = (low.min(value), high.max(value));
        }
        if !low.is_finite() {
            (low, high) = (1.0, 10.0);
        }
        let (low, high) = match kind {
            ScaleKind::Logarithmic => {
                // At least from one to two, so that there are ticks.
                let room = (high / low).max(2.0).powf(0.06);
                let high = high.max(2.0 * low);
                (low / room, high * room)
            }
            ScaleKind::Linear => (0.0, 1.05 * high),
        };
        Axis { kind, low, high, from, to }
    }

    /// A logarithmic axis that begins at 1, where the fastest is.
    pub fn from_one(values: impl Iterator<Item = f64>, ends: (f64, f64)) -> Axis {
        let high = values.filter(|value| value.is_finite()).fold(2.0, f64::max);
        let kind = ScaleKind::Logarithmic;
        Axis { kind, low: 1.0, high: high * high.powf(0.03), from: ends.0, to: ends.1 }
    }

    /// A linear axis around `values`, which need not begin at 0: for changes, not for sizes.
    pub fn around(values: impl Iterator<Item = f64>, (from, to): (f64, f64)) -> Axis {
        let finite = values.filter(|value| value.is_finite());
        let (low, high) = finite
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
        let (low, high) = if low <= high { (low, high) } else { (0.0, 1.0) };
        // At least a hundredth, so that noise does not look like a change.
        let room = (0.08 * (high - low)).max(0.005 * high.abs()).max(f64::MIN_POSITIVE);
        Axis { kind: ScaleKind::Linear, low: low - room, high: high + room, from, to }
    }

    /// Where `value` is, kept on the axis.
    pub fn place(&self, value: f64) -> f64 {
        let share = match self.kind {
            ScaleKind::Logarithmic => (value.max(self.low) / self.low).ln() / (self.high / self.low).ln(),
            ScaleKind::Linear => (value - self.low) / (self.high - self.low),
        };
        self.from + share.clamp(0.0, 1.0) * (self.to - self.from)
    }

    /// Where bars begin.
    pub fn base(&self) -> f64 {
        self.from
    }

    /// The values that have a tick, about as many as there is room for.
    pub fn ticks(&self) -> Vec<f64> {
        let room = ((self.to - self.from).abs() / 42.0).floor().max(2.0);
        match self.kind {
            ScaleKind::Linear => linear_ticks(self.low, self.high, room),
            ScaleKind::Logarithmic => {
                let all = [&[1.0, 2.0, 5.0][..], &[1.0, 3.0], &[1.0]];
                let fits =
                    |steps: &&[f64]| logarithmic_ticks(self.low, self.high, steps).len() as f64 <= room;
                let steps = all.into_iter().find(fits).unwrap_or(&[1.0]);
                let ticks = logarithmic_ticks(self.low, self.high, steps);
                let every = (ticks.len() as f64 / room).ceil().max(1.0);
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small count")]
                ticks.into_iter().step_by(every as usize).collect()
            }
        }
    }

    /// A grid of vertical lines between two heights, with a number above each.
    pub fn vertical_grid(&self, top: f64, bottom: f64) -> Markup {
        self.verticals(top, bottom, top - 5.0)
    }

    /// The same with the numbers below.
    pub fn vertical_grid_below(&self, top: f64, bottom: f64) -> Markup {
        self.verticals(top, bottom, bottom + 15.0)
    }

    fn verticals(&self, top: f64, bottom: f64, numbers: f64) -> Markup {
        html! {
            @for tick in self.ticks() {
                @let x = at(self.place(tick));
                path class="grid" d={ "M" (x) " " (at(top)) "V" (at(bottom)) } {}
                text class="tick" x=(x) y=(at(numbers)) text-anchor="middle" { (tick_text(tick)) }
            }
        }
    }

    /// A grid of horizontal lines between two sides, with a number at the left of each.
    pub fn horizontal_grid(&self, left: f64, right: f64) -> Markup {
        html! {
            @for tick in self.ticks() {
                @let y = self.place(tick);
                path class="grid" d={ "M" (at(left)) " " (at(y)) "H" (at(right)) } {}
                text class="tick" x=(at(left - 5.0)) y=(at(y + 4.0)) text-anchor="end" { (tick_text(tick)) }
            }
        }
    }
}

fn linear_ticks(low: f64, high: f64, room: f64) -> Vec<f64> {
    let rough = (high - low) / room;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|one| one * power).find(|step| *step >= rough);
    let step = step.unwrap_or(10.0 * power);
    let ticks = std::iter::successors(Some((low / step).ceil()), |number| Some(number + 1.0));
    ticks.map(|number| number * step).take_while(|tick| *tick <= high).collect()
}

fn logarithmic_ticks(low: f64, high: f64, steps: &[f64]) -> Vec<f64> {
    #[allow(clippy::cast_possible_truncation, reason = "small powers")]
    let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
    let ticks = (first..=last).flat_map(|power| steps.iter().map(move |step| step * 10_f64.powi(power)));
    ticks.filter(|tick| (low..=high).contains(tick)).collect()
}

fn tick_text(value: f64) -> String {
    let text = three_digits(value);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logarithmic_axis_gives_every_factor_the_same_room_and_has_ticks() {
        let axis = Axis::of(ScaleKind::Logarithmic, [1.0, 10.0, 100.0].into_iter(), (0.0, 300.0));
        let places = [1.0, 10.0, 100.0].map(|value| axis.place(value));
        assert!((places[1] - places[0] - (places[2] - places[1])).abs() < 1e-9, "{places:?}");
        assert!(places[0] > 0.0 && places[2] < 300.0);
        assert_eq!(axis.ticks(), [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0]);
        let narrow = Axis::of(ScaleKind::Logarithmic, [1.0].into_iter(), (0.0, 100.0));
        assert!(!narrow.ticks().is_empty() && narrow.place(1.0).is_finite());
    }

    #[test]
    fn a_linear_axis_begins_at_nothing() {
        let axis = Axis::of(ScaleKind::Linear, [3.0, 9.0].into_iter(), (100.0, 0.0));
        assert!((axis.place(0.0) - 100.0).abs() < 1e-9);
        assert_eq!(axis.ticks().first(), Some(&0.0));
        assert!(Axis::of(ScaleKind::Linear, std::iter::empty(), (0.0, 1.0)).place(5.0).is_finite());
    }
}
