//! What the warm-up series of a cell show: whether its warm calls are steady, from which call on, and what a call
//! takes then.

use crate::record::{CellId, WarmUpReading};
use crate::stats::{self, SteadyState};
use std::collections::BTreeMap;

/// What the processes of one cell show together.
#[derive(Clone, Debug, PartialEq)]
pub struct WarmUp {
    /// What most processes show.
    pub state: WarmUpState,
    /// The first call, in nanoseconds: the geometric mean over the processes.
    pub first_ns: Option<f64>,
    /// Calls that were looked at, in the process that made the fewest.
    pub calls: u64,
    /// The time that they took, in nanoseconds.
    pub span_ns: f64,
    /// The calls before the steady ones, in the process where they are the most.
    pub calls_before: u64,
}

/// Whether warm calls are steady.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum WarmUpState {
    /// They are.
    Steady {
        /// The call from which on they are: the median over the processes.
        from_call: u64,
        /// The calls before it took this long, in nanoseconds.
        after_ns: f64,
        /// What a call takes from there on, in nanoseconds: the geometric mean over the processes of each one's
        /// median.
        call_ns: f64,
    },
    /// The time of a call still changes at the end.
    StillChanging,
    /// It changes, and comes back to what it was.
    Cyclic,
    /// There are too few calls to tell.
    TooFew,
}

impl WarmUpState {
    fn steady(self) -> Option<(u64, f64, f64)> {
        match self {
            WarmUpState::Steady { from_call, after_ns, call_ns } => Some((from_call, after_ns, call_ns)),
            WarmUpState::StillChanging | WarmUpState::Cyclic | WarmUpState::TooFew => None,
        }
    }

    /// The call from which on they are steady, where they are.
    pub fn from_call(self) -> Option<u64> {
        self.steady().map(|(from_call, ..)| from_call)
    }

    /// Whether the warm calls are known to be steady.
    pub fn is_steady(self) -> bool {
        matches!(self, WarmUpState::Steady { .. })
    }
}

/// What `readings`, the lines of `warm-up.csv`, show of each cell.
pub fn warm_ups(readings: &[WarmUpReading]) -> BTreeMap<CellId, WarmUp> {
    let mut cells: BTreeMap<CellId, BTreeMap<u32, Vec<&WarmUpReading>>> = BTreeMap::new();
    for reading in readings {
        cells.entry(reading.cell()).or_default().entry(reading.process).or_default().push(reading);
    }
    cells
        .into_iter()
        .map(|(cell, processes)| (cell, warm_up(&processes.into_values().collect::<Vec<_>>())))
        .collect()
}

fn warm_up(processes: &[Vec<&WarmUpReading>]) -> WarmUp {
    let states: Vec<WarmUpState> = processes.iter().map(|process| state(process)).collect();
    let first = processes.iter().filter_map(|process| process.first()).filter(|one| one.call == 1);
    let calls_of = |process: &Vec<&WarmUpReading>| process.last().map_or(0, |one| one.call + one.calls - 1);
    let shortest = processes.iter().min_by_key(|process| calls_of(process));
    WarmUp {
        state: together(&states),
        first_ns: stats::geometric_mean(first.map(|one| one.call_ns())),
        calls: shortest.map_or(0, calls_of),
        span_ns: shortest.map_or(0.0, |process| process.iter().map(|one| one.wall_ns as f64).sum()),
        calls_before: states.iter().filter_map(|one| one.from_call()).max().map_or(0, |call| call - 1),
    }
}

/// What one process shows.
fn state(process: &[&WarmUpReading]) -> WarmUpState {
    let mut times: Vec<f64> = process.iter().map(|one| one.call_ns()).collect();
    match stats::steady_state(&times) {
        Some(SteadyState::From(from)) => WarmUpState::Steady {
            from_call: process[from].call,
            after_ns: process[..from].iter().map(|one| one.wall_ns as f64).sum(),
            call_ns: stats::median(&mut times[from..]).unwrap_or(0.0),
        },
        Some(SteadyState::StillChanging) => WarmUpState::StillChanging,
        Some(SteadyState::Cyclic) => WarmUpState::Cyclic,
        None => WarmUpState::TooFew,
    }
}

/// What more than half of the processes show; where there is no such thing, the calls count as still changing.
fn together(states: &[WarmUpState]) -> WarmUpState {
    let most = |is: fn(&WarmUpState) -> bool| 2 * states.iter().filter(|one| is(one)).count() > states.len();
    if most(|one| one.is_steady()) {
        let mut steady: Vec<(u64, f64, f64)> = states.iter().filter_map(|one| one.steady()).collect();
        steady.sort_by_key(|(from_call, ..)| *from_call);
        let (from_call, after_ns, _) = steady[steady.len() / 2];
        let call_ns = stats::geometric_mean(steady.iter().map(|one| one.2)).unwrap_or(0.0);
        return WarmUpState::Steady { from_call, after_ns, call_ns };
    }
    if most(|one| *one == WarmUpState::Cyclic) {
        return WarmUpState::Cyclic;
    }
    if most(|one| *one == WarmUpState::TooFew) { WarmUpState::TooFew } else { WarmUpState::StillChanging }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(process: u32, times: &[(u64, u64)]) -> Vec<WarmUpReading> {
        let each = times.iter().flat_map(|(wall_ns, count)| (0..*count).map(|_| *wall_ns));
        each.enumerate()
            .map(|(number, wall_ns)| WarmUpReading {
                engine: "e".into(),
                sample: "s".into(),
                variant: "v".into(),
                size: "small".into(),
                process,
                call: number as u64 + 1,
                calls: 1,
                // No two are the same.
                wall_ns: wall_ns + (number as u64 * 7) % 5,
            })
            .collect()
    }

    fn of(processes: &[&[(u64, u64)]]) -> WarmUp {
        let readings: Vec<WarmUpReading> =
            processes.iter().zip(1..).flat_map(|(times, process)| series(process, times)).collect();
        warm_ups(&readings).into_values().next().unwrap()
    }

    #[test]
    fn the_middle_process_is_shown_and_the_last_one_to_be_steady_decides_about_calls_before() {
        let found =
            of(&[&[(10_000, 30), (1_400, 90)], &[(10_000, 50), (1_400, 90)], &[(10_000, 40), (1_400, 90)]]);
        let WarmUpState::Steady { from_call, after_ns, call_ns } = found.state else { panic!("{found:?}") };
        assert_eq!((from_call, found.calls_before), (41, 50));
        assert!((call_ns - 1_402.0).abs() < 2.0 && (after_ns - 400_000.0).abs() < 500.0, "{found:?}");
        assert_eq!((found.calls, found.first_ns.map(f64::round)), (120, Some(10_000.0)));
    }

    #[test]
    fn most_processes_decide_and_none_that_agree_is_no_steady_state() {
        let (steady, changing): (&[_], &[_]) = (&[(1_000, 100)], &[(9_000, 90), (1_000, 10)]);
        assert!(of(&[steady, steady, changing]).state.is_steady());
        assert_eq!(of(&[steady, changing]).state, WarmUpState::StillChanging);
        assert_eq!(of(&[&[(1_000, 5)]]).state, WarmUpState::TooFew);
    }
}
