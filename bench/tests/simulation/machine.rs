//! A machine whose truth is known, and blocks that are measured on it by the real stopping rule.

use bench::stats::{self, ByRound, Comparison, Estimate, StoppingRule, compare};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use statrs::distribution::{ContinuousCDF, Normal};

pub const EXPERIMENTS: usize = 1_000;
pub const RULE: StoppingRule = StoppingRule { precision: 0.02, round_budget: 60 };
pub const READINGS: usize = 5;

/// How a simulated machine scatters, in standard deviations of log times.
#[derive(Clone, Copy)]
pub struct Machine {
    /// Between fresh processes of one engine.
    pub process: f64,
    /// Whether one process in five is unlucky, instead of all varying a little.
    pub lopsided: bool,
    /// Between readings of one process; one in twenty is disturbed besides.
    pub reading: f64,
    /// Of the machine's level, which all engines of a round share.
    pub level: f64,
    /// Rounds after which the level has forgotten most of what it was.
    pub memory: f64,
}

/// Two engines on it take about 28 rounds, where stopping on width does the most harm.
pub const WORST: Machine =
    Machine { process: 0.035, lopsided: false, reading: 0.01, level: 0.03, memory: 30.0 };

pub fn normal(rng: &mut ChaCha8Rng) -> f64 {
    Normal::standard().inverse_cdf(rng.random::<f64>().max(f64::MIN_POSITIVE))
}

impl Machine {
    /// The level a round after `level`.
    pub fn next_level(&self, rng: &mut ChaCha8Rng, level: f64) -> f64 {
        let kept = (-1.0 / self.memory).exp();
        kept * level + self.level * (1.0 - kept * kept).sqrt() * normal(rng)
    }

    /// The logarithms of one process's readings around `log_time`.
    pub fn readings(&self, rng: &mut ChaCha8Rng, log_time: f64) -> [f64; READINGS] {
        let luck = match self.lopsided {
            true => 2.5 * self.process * f64::from(rng.random_bool(0.2)),
            false => self.process * normal(rng),
        };
        [(); READINGS].map(|()| {
            let disturbed = if rng.random_bool(0.05) { 0.3 * rng.random::<f64>() } else { 0.0 };
            log_time + luck + self.reading * normal(rng) + disturbed
        })
    }
}

/// What one block brought: the engines' round values and all of their readings, as logarithms.
pub struct Block {
    pub by_round: Vec<ByRound>,
    pub calibration: ByRound,
    pub readings: Vec<Vec<f64>>,
}

impl Block {
    /// Measures engines of known log times until the rule says that it is enough.
    pub fn measure(rng: &mut ChaCha8Rng, machine: &Machine, log_times: &[f64]) -> Block {
        Block::measure_from(rng, machine, log_times, &mut 0.0)
    }

    /// The same on a machine whose level has been somewhere and goes on from there.
    pub fn measure_from(
        rng: &mut ChaCha8Rng,
        machine: &Machine,
        log_times: &[f64],
        level: &mut f64,
    ) -> Block {
        let engines = log_times.len();
        let mut block = Block {
            by_round: vec![ByRound::new(); engines],
            calibration: ByRound::new(),
            readings: vec![Vec::new(); engines],
        };
        for round in 1.. {
            *level = machine.next_level(rng, *level);
            // The kernel is long and simple: its own noise is small.
            block.calibration.insert(round, (*level + 0.002 * normal(rng)).exp());
            for (engine, log_time) in log_times.iter().enumerate() {
                let readings = machine.readings(rng, log_time + *level);
                block.readings[engine].extend(readings);
                let value = stats::median(&mut readings.map(f64::exp)).unwrap();
                block.by_round[engine].insert(round, value);
            }
            let ratios: Vec<ByRound> = block.all_pairs().collect();
            if RULE.enough(&RULE.block(round as usize, 1.0, &ratios)) {
                break;
            }
        }
        block
    }

    /// The first engine's times as ratios to the calibration kernel's.
    pub fn to_calibration(&self) -> ByRound {
        self.by_round[0].iter().map(|(round, time)| (*round, time / self.calibration[round])).collect()
    }

    /// Every engine against each that comes before it, as the scheduler looks at them.
    pub fn all_pairs(&self) -> impl Iterator<Item = ByRound> {
        let pairs = (1..self.by_round.len()).flat_map(|ours| (0..ours).map(move |theirs| (ours, theirs)));
        let ratio = |ours: &ByRound, theirs: &ByRound| {
            ours.iter().map(|(round, time)| (*round, time / theirs[round])).collect()
        };
        pairs.map(move |(ours, theirs)| ratio(&self.by_round[ours], &self.by_round[theirs]))
    }

    /// Every other engine against the first.
    pub fn comparisons(&self) -> impl Iterator<Item = Option<Comparison>> {
        self.by_round[1..].iter().map(|theirs| compare(theirs, &self.by_round[0]))
    }
}

pub fn estimate(by_round: &ByRound) -> Estimate {
    stats::estimate(&by_round.values().copied().collect::<Vec<_>>()).unwrap()
}
