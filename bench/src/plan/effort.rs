//! How much effort goes into a run: rounds, precision, time, and how each round is divided.

use protocol::Pass;
use std::time::Duration;

const MILLISECOND_NS: f64 = 1e6;

/// How much effort goes into a run.
#[derive(Clone, Debug)]
pub struct Effort {
    /// Rounds of everything, each with fresh processes.
    pub rounds: u32,
    /// Rounds go on after that, for blocks with a ratio whose 95% interval is wider than plus or
    /// minus this fraction; `None` ends with the rounds of everything.
    pub precision: Option<f64>,
    /// The most rounds of one block.
    pub max_rounds: u32,
    /// No round begins after this long; at least one is made.
    pub time_budget: Option<Duration>,
    /// The time that one engine's readings in a block should take in each round, where one takes up to a
    /// millisecond. For longer ones it grows: [`readings`](Effort::readings).
    pub share: Duration,
    /// The most readings of one engine in a block of a round.
    pub max_readings: u32,
    /// The batches that a round's share is divided into, so that engines are read in short batches
    /// next to each other.
    pub cycles: u32,
    /// The shortest warm reading worth taking.
    pub reading: Duration,
    /// The longest wait for a reply.
    pub limit: Duration,
    /// Whether rounds that shared the machine with other work are repeated.
    pub repeat_disturbed: bool,
    /// The processor that workers are bound to, where they are.
    pub pin: Option<usize>,
    /// The passes that rounds are made of; all are tried once before the first.
    pub passes: Vec<Pass>,
    /// Cells whose JIT pass takes this long or longer compile once for JIT and AOT: the JIT pass also saves its
    /// module, and the AOT compile total is made of the two phases.
    pub one_compilation_from: Duration,
    /// Whether there is a warm-up series of every engine, or of those with tiers.
    pub warm_up_of_every_engine: bool,
    /// Processes that each have a warm-up series of a cell.
    pub warm_up_processes: u32,
    /// Processes of each engine that read its empty call.
    pub empty_call_processes: u32,
    /// Whether memory is read in every pass, or in one that shows most of what an engine takes.
    pub memory_of_every_pass: bool,
}

impl Effort {
    /// Values and ranges within a minute or two: no cold starts, and the memory of one pass.
    pub fn quick() -> Effort {
        Effort {
            rounds: 3,
            precision: None,
            time_budget: None,
            share: Duration::from_millis(12),
            max_readings: 12,
            cycles: 4,
            // Cold passes take a process each, and compile once more.
            passes: vec![
                Pass::Parse,
                Pass::Jit,
                Pass::Aot,
                Pass::Run,
                Pass::Load,
                Pass::WarmInstantiate,
                Pass::WarmCall,
            ],
            one_compilation_from: Duration::ZERO,
            // Three ranges without verdicts are not worth twice the time.
            repeat_disturbed: false,
            empty_call_processes: 1,
            memory_of_every_pass: false,
            ..Effort::full()
        }
    }

    /// Enough rounds for intervals, and more of them where they are wide, within ten minutes.
    pub fn full() -> Effort {
        Effort {
            rounds: 10,
            precision: Some(0.02),
            max_rounds: 60,
            time_budget: Some(Duration::from_secs(600)),
            share: Duration::from_millis(30),
            max_readings: 48,
            cycles: 8,
            reading: Duration::from_micros(500),
            limit: Duration::from_secs(120),
            repeat_disturbed: true,
            pin: None,
            passes: Pass::COMPILING.into_iter().chain(Pass::RUNNING).collect(),
            one_compilation_from: Duration::from_millis(100),
            warm_up_of_every_engine: false,
            warm_up_processes: 3,
            empty_call_processes: 3,
            memory_of_every_pass: true,
        }
    }

    /// The readings of one engine in a block of a round where one takes `unit_ns` nanoseconds: as many as fit its share,
    /// from one to [`max_readings`](Effort::max_readings).
    ///
    /// Beyond a millisecond the share grows with the square root of the time, so that a compiler of 20 ms is read six
    /// times where one of 500 ms is read once. Every ratio has the errors of two engines, and for a given time in
    /// all their sum is least when readings are in proportion to 1/√time (Cochran, *Sampling Techniques*, 1977,
    /// section 5.5, for equal spreads).
    pub fn readings(&self, unit_ns: u64) -> u32 {
        let unit_ns = unit_ns.max(1) as f64;
        let share_ns = self.share.as_nanos() as f64 * (unit_ns / MILLISECOND_NS).sqrt().max(1.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
        let fitting = (share_ns / unit_ns) as u32;
        fitting.min(self.max_readings).max(1)
    }
}
