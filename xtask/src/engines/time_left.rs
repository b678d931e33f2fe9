//! How long preparing will take: what each step took on the machine that the costs were measured on,
//! times what this machine has been slower or faster so far.

use std::time::Duration;

/// The share of the processors that builds keep busy: linking and the last crates of a build use one.
const BUSY: f64 = 0.85;

/// How much of what was expected counts beside what was seen: the first short step decides nothing.
const PRIOR: Duration = Duration::from_secs(300);

/// A step and what it takes.
#[derive(Clone, Debug)]
struct Step {
    /// Wall time on this machine if it were as fast as the one that costs were measured on.
    expected: Duration,
    /// What it took.
    took: Option<Duration>,
}

/// The steps of preparing.
#[derive(Clone, Debug)]
pub struct TimeLeft {
    steps: Vec<Step>,
    /// What this machine is slower by, told before any step is done.
    slower: f64,
}

impl TimeLeft {
    /// Steps that take this much processor time each, on `processors` processors that are `slower` than
    /// those that costs were measured on.
    pub fn of(cpu: impl IntoIterator<Item = Duration>, processors: usize, slower: f64) -> TimeLeft {
        let wall = |cpu: Duration| cpu.div_f64(processors.max(1) as f64 * BUSY);
        let steps = cpu.into_iter().map(|cpu| Step { expected: wall(cpu), took: None }).collect();
        TimeLeft { steps, slower }
    }

    /// Notes what step number `step` took.
    pub fn note(&mut self, step: usize, took: Duration) {
        if let Some(step) = self.steps.get_mut(step) {
            step.took = Some(took);
        }
    }

    /// The time that the steps take that are not done.
    pub fn left(&self) -> Duration {
        let open = self.steps.iter().filter(|step| step.took.is_none()).map(|step| step.expected);
        open.sum::<Duration>().mul_f64(self.factor())
    }

    /// What this machine is slower by, as far as is known now.
    fn factor(&self) -> f64 {
        let done = self.steps.iter().filter_map(|step| Some((step.expected, step.took?)));
        let (expected, took) =
            done.fold((PRIOR, PRIOR.mul_f64(self.slower)), |sums, one| (sums.0 + one.0, sums.1 + one.1));
        took.as_secs_f64() / expected.as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_first_large_step_corrects_the_rest() {
        let mut time_left = TimeLeft::of([170, 1700, 1700].map(seconds), 2, 1.0);
        assert_eq!(time_left.left(), seconds(2100));
        // Three times as slow as it was taken for.
        time_left.note(0, seconds(300));
        time_left.note(1, seconds(3000));
        let left = time_left.left().as_secs_f64();
        assert!((2500.0..2700.0).contains(&left), "{left}");
        time_left.note(2, seconds(3000));
        assert_eq!(time_left.left(), Duration::ZERO);
    }

    #[test]
    fn a_short_step_alone_hardly_matters() {
        let mut time_left = TimeLeft::of([2, 1700].map(seconds), 2, 1.0);
        time_left.note(0, seconds(12));
        let left = time_left.left().as_secs_f64();
        assert!((1000.0..1250.0).contains(&left), "{left}");
    }

    #[test]
    fn a_slower_machine_is_expected_to_take_longer() {
        assert_eq!(TimeLeft::of([seconds(170)], 2, 2.0).left(), seconds(200));
    }
}
