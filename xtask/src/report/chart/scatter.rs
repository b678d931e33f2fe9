//! Points with the intervals of both values, each with its engine's name where there is room.

use super::super::units::three_digits;
use super::axis::{Axis, ScaleKind};
use super::{Picture, at, text_width};
use maud::{Markup, html};

const RIGHT: f64 = 12.0;
const LEFT: f64 = 52.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 44.0;
/// Half the height of a label, and how far it is from its point.
const HALF: f64 = 7.0;
const GAP: f64 = 7.0;

/// A value with the ends of its interval.
#[derive(Clone, Copy, Debug)]
pub struct Coordinate {
    /// The value.
    pub value: f64,
    /// The ends.
    pub interval: Option<(f64, f64)>,
}

/// What a point or a line stands for.
pub struct Label {
    /// The engine.
    pub name: String,
    /// Along the horizontal axis; none for a line across, such as native code.
    pub x: Option<Coordinate>,
    /// Along the vertical one.
    pub y: Coordinate,
}

/// A chart of points.
pub struct Scatter {
    /// What it shows.
    pub title: String,
    /// What the horizontal axis is.
    pub x_name: String,
    /// What the vertical axis is.
    pub y_name: String,
    /// The points and lines.
    pub labels: Vec<Label>,
    /// How values are spread over both axes.
    pub kind: ScaleKind,
}

/// A rectangle: left, top, right, bottom.
type Area = (f64, f64, f64, f64);

impl Scatter {
    /// The chart in a size.
    pub fn picture(&self, width: u32, height: u32) -> Picture {
        let (right, bottom) = (f64::from(width) - RIGHT, f64::from(height) - BOTTOM);
        let ends = |place: &Coordinate| {
            let (low, high) = place.interval.unwrap_or((place.value, place.value));
            [place.value, low, high]
        };
        let x = self.labels.iter().filter_map(|label| label.x.as_ref()).flat_map(ends);
        let x = Axis::of(self.kind, x, (LEFT, right));
        let y = Axis::of(self.kind, self.labels.iter().flat_map(|label| ends(&label.y)), (bottom, TOP));
        let labels = self.placed(&x, &y, (LEFT, TOP, right, bottom));
        let content = html! {
            (x.vertical_grid_below(TOP, bottom))
            (y.horizontal_grid(LEFT, right))
            text class="axis" x=(at((LEFT + right) / 2.0)) y=(at(bottom + 34.0)) text-anchor="middle" {
                (self.x_name)
            }
            text class="axis" x="12" y=(at((TOP + bottom) / 2.0)) text-anchor="middle"
                transform={ "rotate(-90 12 " (at((TOP + bottom) / 2.0)) ")" } { (self.y_name) }
            @for (label, area) in self.labels.iter().zip(&labels) {
                (mark(label, *area, (&x, &y), (LEFT, right)))
            }
        };
        Picture { width, height, title: self.title.clone(), content }
    }

    /// Where the names stand, so that none covers another or a point; `None` where there is no room.
    fn placed(&self, x: &Axis, y: &Axis, inside: Area) -> Vec<Option<Area>> {
        let points = self.labels.iter().filter_map(|label| {
            let (x, y) = (x.place(label.x?.value), y.place(label.y.value));
            Some((x - 5.0, y - 5.0, x + 5.0, y + 5.0))
        });
        let mut taken: Vec<Area> = points.collect();
        let mut placed = Vec::new();
        for label in &self.labels {
            // Letters differ in width.
            let width = text_width(&label.name) + 6.0;
            let middle = y.place(label.y.value);
            let choices = match label.x {
                Some(place) => around(x.place(place.value), middle, width),
                None => along(inside, middle, width),
            };
            let is_free =
                |area: &Area| is_inside(area, &inside) && !taken.iter().any(|one| overlap(one, area));
            let free = choices.into_iter().find(is_free);
            taken.extend(free);
            placed.push(free);
        }
        placed
    }
}

/// The places for a name beside a point, the best first.
fn around(x: f64, y: f64, width: f64) -> Vec<Area> {
    let right = |dy: f64| (x + GAP, y + dy - HALF, x + GAP + width, y + dy + HALF);
    let left = |dy: f64| (x - GAP - width, y + dy - HALF, x - GAP, y + dy + HALF);
    let centred = |dy: f64| (x - width / 2.0, y + dy - HALF, x + width / 2.0, y + dy + HALF);
    vec![
        right(0.0),
        left(0.0),
        centred(-13.0),
        centred(13.0),
        right(-10.0),
        right(10.0),
        left(-10.0),
        left(10.0),
        right(-20.0),
        right(20.0),
        left(-20.0),
        left(20.0),
    ]
}

/// The places for a name above or below a line across.
fn along((left, _, right, _): Area, y: f64, width: f64) -> Vec<Area> {
    let above = |from: f64| (from, y - 2.0 * HALF - 1.0, from + width, y - 1.0);
    let below = |from: f64| (from, y + 1.0, from + width, y + 2.0 * HALF + 1.0);
    let starts = [right - width - 2.0, left + 2.0, (left + right) / 2.0];
    starts.iter().flat_map(|from| [above(*from), below(*from)]).collect()
}

fn is_inside(area: &Area, inside: &Area) -> bool {
    area.0 >= inside.0 && area.1 >= inside.1 - 6.0 && area.2 <= inside.2 + RIGHT && area.3 <= inside.3 + 2.0
}

fn overlap(one: &Area, other: &Area) -> bool {
    one.0 < other.2 && other.0 < one.2 && one.1 < other.3 && other.1 < one.3
}

fn mark(label: &Label, area: Option<Area>, (x, y): (&Axis, &Axis), (left, right): (f64, f64)) -> Markup {
    let middle = y.place(label.y.value);
    let vertical = label.y.interval.map(|(low, high)| (y.place(low), y.place(high)));
    html! {
        g {
            title { (said(label)) }
            @if let Some(place) = label.x {
                @let across = x.place(place.value);
                @if let Some((low, high)) = place.interval {
                    path class="interval" d={
                        "M" (at(x.place(low))) " " (at(middle)) "H" (at(x.place(high)))
                    } {}
                }
                @if let Some((low, high)) = vertical {
                    path class="interval" d={ "M" (at(across)) " " (at(low)) "V" (at(high)) } {}
                }
                circle class="point" cx=(at(across)) cy=(at(middle)) r="4" {}
            } @else {
                path class="native" d={ "M" (at(left)) " " (at(middle)) "H" (at(right)) } {}
            }
            @if let Some(area) = area {
                text class="name" x=(at(area.0)) y=(at(area.3 - 3.0)) { (label.name) }
            }
        }
    }
}

fn said(label: &Label) -> String {
    let value = |place: &Coordinate| {
        let interval = place
            .interval
            .map(|(low, high)| format!(" (95% interval {} to {})", three_digits(low), three_digits(high)));
        format!("× {}{}", three_digits(place.value), interval.unwrap_or_default())
    };
    match &label.x {
        Some(x) => format!("{}: compile {}, call {}", label.name, value(x), value(&label.y)),
        None => format!("{}: call {}", label.name, value(&label.y)),
    }
}
