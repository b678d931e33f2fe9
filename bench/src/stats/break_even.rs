//! Break-even points: after how many calls the engine that starts slower is ahead.
//!
//! It is a ratio of two differences, and the lower one may well be zero, so its interval is
//! Fieller's ("Some problems in interval estimation", Journal of the Royal Statistical Society
//! B 16, 1954) on pairs formed within rounds: every number of calls at which the two engines'
//! total costs cannot be told apart. It is open at the top where the calls' costs cannot.

use super::ByRound;
use super::interval::{Moments, ROUNDS_FOR_INTERVAL, t_quantile};
use serde::{Deserialize, Serialize};

/// What an engine costs on a sample, one value a round each, in the same unit.
#[derive(Clone, Copy, Debug)]
pub struct Costs<'a> {
    /// The cost up to the first result: the JIT total, or the AOT execute total.
    pub start: &'a ByRound,
    /// The cost of each further call.
    pub call: &'a ByRound,
}

/// One of the two engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The first.
    First,
    /// The second.
    Second,
}

impl Side {
    fn other(self) -> Side {
        match self {
            Side::First => Side::Second,
            Side::Second => Side::First,
        }
    }
}

/// The break-even of two engines.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BreakEven {
    /// Rounds in which all four costs are known.
    pub rounds: usize,
    /// The engine whose mean start costs more.
    pub slower_start: Side,
    /// Where it is.
    pub point: Point,
}

/// Where two engines break even, in calls after the first result. Intervals are of 95%.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "point", rename_all = "kebab-case")]
pub enum Point {
    /// The one that starts slower is ahead after this many calls.
    After {
        /// The estimate.
        calls: f64,
        /// The lower end of the interval.
        low: f64,
        /// The upper end.
        high: f64,
    },
    /// The costs of a call are not distinguishable: the one that starts slower may never be
    /// ahead, and before `low` calls it is not.
    NotBefore {
        /// The lower end of an interval that has no upper end.
        low: f64,
    },
    /// The one that starts slower is slower in each call too.
    Never,
    /// The starts are not distinguishable: the one with the cheaper call may be ahead from the
    /// start, and is after `within` calls.
    FromTheStart {
        /// The engine with the cheaper call.
        ahead: Side,
        /// The upper end of an interval that contains 0.
        within: f64,
    },
    /// Neither the starts nor the calls are distinguishable.
    NotDistinguishable,
}

/// The break-even of `first` and `second`.
///
/// Returns `None` below [`ROUNDS_FOR_INTERVAL`] rounds in which all four costs are known.
pub fn break_even(first: Costs<'_>, second: Costs<'_>) -> Option<BreakEven> {
    let (starts, calls) = differences(first, second);
    if starts.len() < ROUNDS_FOR_INTERVAL {
        return None;
    }
    let mean_start = Moments::of(&starts)?.mean;
    let slower_start = if mean_start > 0.0 { Side::First } else { Side::Second };
    // The head start that is lost, and what each call makes good of it.
    let sign = if mean_start > 0.0 { 1.0 } else { -1.0 };
    let lost: Vec<f64> = starts.iter().map(|start| sign * start).collect();
    let gained: Vec<f64> = calls.iter().map(|call| -sign * call).collect();
    let fieller = Fieller::of(&lost, &gained)?;
    Some(BreakEven { rounds: starts.len(), slower_start, point: fieller.point(slower_start) })
}

/// `first` less `second` within each round that has all four costs: starts and calls.
fn differences(first: Costs<'_>, second: Costs<'_>) -> (Vec<f64>, Vec<f64>) {
    let of_round = |(round, first_start): (&u32, &f64)| {
        let start = first_start - second.start.get(round)?;
        let call = first.call.get(round)? - second.call.get(round)?;
        Some((start, call))
    };
    first.start.iter().filter_map(of_round).unzip()
}

/// The numbers of calls n that satisfy `a·n² - 2·b·n + c ≤ 0`: those for which a t test of
/// "lost - n·gained is 0" does not reject.
struct Fieller {
    a: f64,
    b: f64,
    c: f64,
    lost: f64,
    gained: f64,
}

impl Fieller {
    fn of(lost: &[f64], gained: &[f64]) -> Option<Fieller> {
        let (x, y) = (Moments::of(lost)?, Moments::of(gained)?);
        let products = lost.iter().zip(gained).map(|(lost, gained)| (lost - x.mean) * (gained - y.mean));
        let covariance = products.sum::<f64>() / x.df as f64;
        let n = x.count as f64;
        // The degrees of freedom that every interval keeps, however many rounds came later.
        let t_squared = t_quantile(Moments::of_rounds(lost)?.df as f64, 0.95)?.powi(2);
        Some(Fieller {
            a: y.mean.powi(2) - t_squared * y.variance / n,
            b: x.mean * y.mean - t_squared * covariance / n,
            c: x.mean.powi(2) - t_squared * x.variance / n,
            lost: x.mean,
            gained: y.mean,
        })
    }

    fn point(&self, slower_start: Side) -> Point {
        // The estimate always satisfies the inequality, so there are real roots; rounding may
        // put a double root a little beside.
        let root = (self.b.powi(2) - self.a * self.c).max(0.0).sqrt();
        let starts_differ = self.c > 0.0;
        let calls_differ = self.a > 0.0;
        // As c / (b + root) a root stays exact where the other one runs off to infinity.
        match (starts_differ, calls_differ) {
            (true, true) if self.gained > 0.0 => Point::After {
                calls: self.lost / self.gained,
                low: self.c / (self.b + root),
                high: (self.b + root) / self.a,
            },
            (true, true) => Point::Never,
            (true, false) => Point::NotBefore { low: self.c / (self.b + root) },
            (false, true) => {
                let ahead = if self.gained > 0.0 { slower_start } else { slower_start.other() };
                Point::FromTheStart { ahead, within: (self.b + root) / self.a }
            }
            (false, false) => Point::NotDistinguishable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten rounds around `mean`, `spread` to each side.
    fn around(mean: f64, spread: f64) -> ByRound {
        let offsets = [-1.0, 0.6, -0.2, 0.9, -0.7, 0.3, 1.0, -0.9, 0.2, -0.2];
        (1..).zip(offsets.map(|offset| mean + spread * offset)).collect()
    }

    /// The same offsets in another order, so that starts and calls do not move together.
    fn around_too(mean: f64, spread: f64) -> ByRound {
        let offsets = [0.2, -0.7, 1.0, 0.3, -0.2, -1.0, 0.6, -0.2, -0.9, 0.9];
        (1..).zip(offsets.map(|offset| mean + spread * offset)).collect()
    }

    fn point((start_a, call_a): (ByRound, ByRound), (start_b, call_b): (ByRound, ByRound)) -> (Side, Point) {
        let first = Costs { start: &start_a, call: &call_a };
        let second = Costs { start: &start_b, call: &call_b };
        let found = break_even(first, second).unwrap();
        (found.slower_start, found.point)
    }

    #[test]
    fn a_start_of_900_more_is_made_good_by_9_less_a_call_after_100_calls() {
        let quick_start = (around(100.0, 0.0), around(10.0, 0.0));
        let slow_start = (around(1000.0, 30.0), around_too(1.0, 0.3));
        let (slower, Point::After { calls, low, high }) = point(quick_start.clone(), slow_start.clone())
        else {
            panic!("no point");
        };
        assert_eq!(slower, Side::Second);
        assert!((calls - 100.0).abs() < 1e-9, "{calls}");
        assert!(low > 90.0 && low < 100.0 && high > 100.0 && high < 110.0, "{low} {high}");
        // The order of the two does not matter.
        assert_eq!(point(slow_start, quick_start), (Side::First, Point::After { calls, low, high }));
    }

    #[test]
    fn the_ends_are_the_numbers_of_calls_at_which_a_t_test_is_undecided() {
        let (start_a, call_a) = (around(100.0, 5.0), around_too(10.0, 1.0));
        let (start_b, call_b) = (around_too(400.0, 40.0), around(4.0, 2.0));
        let (_, Point::After { low, high, .. }) =
            point((start_a.clone(), call_a.clone()), (start_b.clone(), call_b.clone()))
        else {
            panic!("no point");
        };
        for calls in [low, high] {
            let left: Vec<f64> = (1..=10)
                .map(|round| start_b[&round] - start_a[&round] - calls * (call_a[&round] - call_b[&round]))
                .collect();
            let (mean, half_width) = crate::stats::t_interval(&left, 0.95).unwrap();
            assert!((mean.abs() - half_width).abs() < 1e-6 * half_width, "{mean} {half_width}");
        }
    }

    #[test]
    fn slower_at_both_is_never_ahead() {
        let (slower, point) =
            point((around(100.0, 1.0), around_too(1.0, 0.01)), (around_too(200.0, 1.0), around(2.0, 0.01)));
        assert_eq!((slower, point), (Side::Second, Point::Never));
    }

    #[test]
    fn calls_that_cannot_be_told_apart_leave_the_top_open() {
        let quick_start = (around(100.0, 1.0), around(10.0, 1.0));
        let (_, Point::NotBefore { low }) = point(quick_start, (around(1000.0, 1.0), around_too(10.0, 1.0)))
        else {
            panic!("no point");
        };
        // 900 to make good with at most about 1 a call.
        assert!(low > 600.0 && low < 2000.0, "{low}");
    }

    #[test]
    fn starts_that_cannot_be_told_apart_leave_the_cheaper_call_ahead_from_the_start() {
        let first = (around(100.0, 10.0), around(10.0, 0.1));
        let second = (around_too(100.5, 10.0), around_too(5.0, 0.1));
        let (slower, point) = point(first, second);
        let Point::FromTheStart { ahead, within } = point else { panic!("{point:?}") };
        assert_eq!((slower, ahead), (Side::Second, Side::Second));
        assert!(within > 0.1 && within < 5.0, "{within}");
    }

    #[test]
    fn two_alike_are_not_distinguishable_and_nine_rounds_are_too_few() {
        let alike = (around(100.0, 10.0), around(10.0, 1.0));
        let (_, found) = point(alike.clone(), (around_too(100.0, 10.0), around_too(10.0, 1.0)));
        assert_eq!(found, Point::NotDistinguishable);
        let mut nine = alike.1.clone();
        nine.remove(&1);
        let all = Costs { start: &alike.0, call: &alike.1 };
        assert_eq!(break_even(all, Costs { start: &alike.0, call: &nine }), None);
    }
}
