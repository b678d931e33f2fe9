//! Changes between two runs against a machine whose truth is known, from made-up readings through the
//! whole analysis: how often runs of the same programs show a change, and how often a change that was
//! put there is found.

#![allow(clippy::unwrap_used, reason = "a test may panic, its helpers too")]

use bench::analysis::Summary;
use bench::analysis::changes::{CellChange, TwoRuns, changes};
use bench::machine::CALIBRATION;
use bench::record::{EngineEntry, Reading};
use bench::stats::{ChangeVerdict, Drift};
use protocol::{Pass, Phase};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use statrs::distribution::{ContinuousCDF, Normal};

const EXPERIMENTS: usize = 300;
const ROUNDS: u32 = 12;
const CYCLES: u32 = 3;
const SAMPLES: [&str; 3] = ["fibonacci", "sha256", "json"];
/// The first is native code, which has no JIT.
const ENGINES: [&str; 7] = ["native", "a", "b", "c", "d", "e", "f"];
/// Every engine but native code in both quantities, on every sample.
const TESTS: usize = 3 * 6 * 2 + 3;

/// How a simulated machine scatters, in standard deviations of log times.
#[derive(Clone, Copy)]
struct Machine {
    /// Between fresh processes of one engine.
    process: f64,
    /// Whether one process in five is unlucky, instead of all varying a little.
    lopsided: bool,
    /// Of the machine's level: from run to run, from round to round and from cycle to cycle.
    level: f64,
}

const STEADY: Machine = Machine { process: 0.01, lopsided: false, level: 0.05 };
const NOISY: Machine = Machine { process: 0.02, ..STEADY };
const LOPSIDED: Machine = Machine { lopsided: true, ..NOISY };

fn normal(rng: &mut ChaCha8Rng) -> f64 {
    Normal::standard().inverse_cdf(rng.random::<f64>().max(f64::MIN_POSITIVE))
}

impl Machine {
    fn luck(&self, rng: &mut ChaCha8Rng) -> f64 {
        match self.lopsided {
            true => 2.5 * self.process * f64::from(rng.random_bool(0.2)),
            false => self.process * normal(rng),
        }
    }

    /// A run in which the engine `a` takes `slower` times as long for everything.
    fn run(&self, rng: &mut ChaCha8Rng, slower: f64) -> Summary {
        let mut readings = Vec::new();
        let of_run = self.level * normal(rng);
        for round in 1..=ROUNDS {
            let of_round = of_run + 0.5 * self.level * normal(rng);
            for sample in SAMPLES {
                for (pass, phase) in [(Pass::Jit, Phase::Jit), (Pass::WarmCall, Phase::DCallWarm)] {
                    let block = Block { round, sample, pass, phase };
                    block.measure(self, rng, (of_round, slower), &mut readings);
                }
            }
        }
        Summary::of(&readings)
    }
}

/// The engines, the control and the kernel on one sample in one pass of one round.
struct Block {
    round: u32,
    sample: &'static str,
    pass: Pass,
    phase: Phase,
}

impl Block {
    fn measure(
        &self,
        machine: &Machine,
        rng: &mut ChaCha8Rng,
        (level, slower): (f64, f64),
        readings: &mut Vec<Reading>,
    ) {
        let levels = [(); CYCLES as usize].map(|()| level + 0.2 * machine.level * normal(rng));
        let first = if self.pass == Pass::Jit { 1 } else { 0 };
        let subjects = ENGINES[first..].iter().map(|engine| (*engine, EngineEntry::Subject));
        for (engine, entry) in subjects.chain([("b", EngineEntry::Control)]) {
            let work = if engine == "a" { slower } else { 1.0 };
            let luck = machine.luck(rng);
            for (cycle, level) in (0..).zip(levels) {
                let ns = 1e6 * work * (level + luck + 0.005 * normal(rng)).exp();
                readings.push(self.reading(engine, entry, cycle, ns));
            }
        }
        for (cycle, level) in (0..).zip(levels) {
            readings.push(self.reading(CALIBRATION, EngineEntry::Subject, cycle, 1e6 * level.exp()));
        }
    }

    fn reading(&self, engine: &str, entry: EngineEntry, cycle: u32, ns: f64) -> Reading {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive time")]
        let wall_ns = ns.round() as u64;
        Reading {
            round: self.round,
            process: 1,
            engine: engine.to_owned(),
            entry,
            sample: self.sample.to_owned(),
            variant: "stripped".to_owned(),
            size: "small".to_owned(),
            pass: self.pass,
            phase: self.phase,
            cycle,
            iteration: 0,
            cold: false,
            calls: 1,
            wall_ns,
            cpu_ns: None,
        }
    }
}

/// The changes of a pair of runs, of which the second has the engine `a` take `slower` times as long.
fn pair(rng: &mut ChaCha8Rng, machine: &Machine, slower: f64) -> Vec<CellChange> {
    let (base, new) = (machine.run(rng, 1.0), machine.run(rng, slower));
    let between_runs = Drift { variance: machine.level.powi(2), df: 4.0 };
    changes(&TwoRuns {
        base: &base,
        new: &new,
        drifts: Some((between_runs, between_runs)),
        references: &["native".to_owned()],
        same_kernel: true,
        margin: 0.05,
    })
}

#[test]
fn at_most_5_percent_of_pairs_of_runs_of_the_same_programs_show_any_change() {
    for (name, machine, seed) in [("steady", STEADY, 1), ("noisy", NOISY, 2), ("lopsided", LOPSIDED, 3)] {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let (mut by_ratio, mut by_time, mut failed) = (0, 0, 0);
        for _ in 0..EXPERIMENTS {
            let changes = pair(&mut rng, &machine, 1.0);
            assert_eq!(changes.len(), TESTS);
            by_ratio += usize::from(changes.iter().any(|change| change.tested.verdict.is_changed()));
            failed += usize::from(changes.iter().any(|change| change.tested.verdict.is_slower_by(0.05)));
            let excludes_one =
                |change: &&CellChange| change.time.is_some_and(|time| time.low > 1.0 || time.high < 1.0);
            by_time += changes.iter().filter(excludes_one).count();
        }
        let share = |count: usize| count as f64 / EXPERIMENTS as f64;
        let by_time = share(by_time) / TESTS as f64;
        println!("{name}: any change by ratio {}, intervals of times without 1 {by_time}", share(by_ratio));
        // Three standard errors of the share itself.
        assert!(share(by_ratio) <= 0.05 + 3.0 * (0.05f64 * 0.95 / EXPERIMENTS as f64).sqrt(), "{name}");
        assert!(by_time <= 0.06, "{name}: {by_time}");
        assert_eq!(failed, 0, "{name}: a gate at 5% failed without a cause");
    }
}

/// The shares of the cells of the slower engine that are found to be slower, and that a gate at 5%
/// stops.
fn found(machine: &Machine, slower: f64, seed: u64) -> (f64, f64) {
    const PAIRS: usize = 60;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (mut found, mut stopped, mut contained) = (0, 0, 0);
    for _ in 0..PAIRS {
        for change in pair(&mut rng, machine, slower).iter().filter(|change| change.cell.engine == "a") {
            found += usize::from(matches!(change.tested.verdict, ChangeVerdict::Slower { .. }));
            stopped += usize::from(change.tested.verdict.is_slower_by(0.05));
            let (low, high) = change.tested.interval.unwrap();
            contained += usize::from((low..=high).contains(&slower));
        }
    }
    let share = |count: usize| count as f64 / (PAIRS * 2 * SAMPLES.len()) as f64;
    assert!(share(contained) > 0.98, "{slower}: {}", share(contained));
    (share(found), share(stopped))
}

#[test]
fn changes_of_3_5_and_10_percent_are_found() {
    let of = |machine: &Machine| [1.03, 1.05, 1.10].map(|slower| found(machine, slower, 4));
    let (steady, noisy) = (of(&STEADY), of(&NOISY));
    println!("found, stopped by a gate at 5%, of 3%, 5% and 10%: steady {steady:?}, noisy {noisy:?}");
    let [three, five, ten] = steady;
    assert!(three.0 >= 0.6 && five.0 >= 0.98 && ten.0 == 1.0, "{steady:?}");
    assert!(three.1 == 0.0 && five.1 <= 0.02 && ten.1 >= 0.95, "{steady:?}");
    let [_, five, ten] = noisy;
    assert!(five.0 >= 0.35 && ten.0 >= 0.98, "{noisy:?}");
}
