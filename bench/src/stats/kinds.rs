//! Processes that come in kinds: of one engine, most take one time and some another, throughout their life (where
//! the system placed their code, say). A mean of such rounds stands for neither kind, so the reader is told.

use super::ROUNDS_FOR_INTERVAL;

/// How far apart two kinds are at least, as a ratio. Nearer ones widen the interval, and that is enough.
const LEAST_FACTOR: f64 = 1.2;

/// How much wider than either kind the gap between them is, at least, where one kind is a single round: the
/// slowest round of a noisy cell is no kind.
const APART_FROM_ONE: f64 = 3.0;

/// Two kinds of rounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kinds {
    /// Rounds of the slower kind.
    pub slow: usize,
    /// All rounds.
    pub rounds: usize,
    /// The slower kind's geometric mean divided by the faster kind's.
    pub factor: f64,
}

/// The two kinds that `rounds`, one positive value each, fall into; `None` where they are of one kind, or
/// below ten rounds.
///
/// The values are cut at the widest gap of their sorted logarithms. They are two kinds where that gap is at
/// least a fifth, and at least as wide as either side, three times as wide beside a single round.
pub fn kinds(rounds: &[f64]) -> Option<Kinds> {
    if rounds.len() < ROUNDS_FOR_INTERVAL || rounds.iter().any(|value| *value <= 0.0) {
        return None;
    }
    let mut logs: Vec<f64> = rounds.iter().map(|value| value.ln()).collect();
    logs.sort_by(f64::total_cmp);
    let gap = |cut: usize| logs[cut] - logs[cut - 1];
    let cut = (1..logs.len()).max_by(|a, b| gap(*a).total_cmp(&gap(*b)))?;
    let (fast, slow) = logs.split_at(cut);
    let range = |side: &[f64]| side[side.len() - 1] - side[0];
    let apart = if fast.len().min(slow.len()) == 1 { APART_FROM_ONE } else { 1.0 };
    if gap(cut) < LEAST_FACTOR.ln().max(apart * range(fast)).max(apart * range(slow)) {
        return None;
    }
    let mean = |side: &[f64]| side.iter().sum::<f64>() / side.len() as f64;
    Some(Kinds { slow: slow.len(), rounds: logs.len(), factor: (mean(slow) - mean(fast)).exp() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    /// Times around 1 with the given spread, and tails that are heavier than normal ones.
    fn times(random: &mut ChaCha8Rng, count: usize, spread: f64) -> Vec<f64> {
        (0..count)
            .map(|_| {
                let normal: f64 = (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0;
                let tail = if random.random::<f64>() < 0.05 { 3.0 } else { 1.0 };
                (spread * tail * normal).exp()
            })
            .collect()
    }

    #[test]
    fn one_slow_process_in_ten_is_seen() {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let mut rounds = times(&mut random, 12, 0.01);
        rounds[3] *= 1.5;
        let found = kinds(&rounds).unwrap();
        assert_eq!((found.slow, found.rounds), (1, 12));
        assert!((1.4..1.6).contains(&found.factor), "{found:?}");
        for round in &mut rounds[5..] {
            *round *= 1.5;
        }
        assert_eq!(kinds(&rounds).map(|found| found.slow), Some(8));
    }

    #[test]
    fn noise_with_heavy_tails_is_one_kind() {
        let mut random = ChaCha8Rng::seed_from_u64(2);
        for spread in [0.005, 0.02, 0.05] {
            let found = (0..1000).filter(|_| kinds(&times(&mut random, 10, spread)).is_some()).count();
            assert!(found <= 20, "{found} of 1000 at a spread of {spread}");
        }
    }

    #[test]
    fn few_rounds_and_times_of_nothing_say_nothing() {
        assert_eq!(kinds(&[1.0, 1.0, 1.0, 2.0]), None);
        assert_eq!(kinds(&[0.0; 12]), None);
        assert_eq!(kinds(&[1.0; 12]), None);
    }
}
