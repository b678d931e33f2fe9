//! Rounds of blocks, each round in fresh processes, until the ratios are precise enough or the time
//! is used up.

use super::block::{Block, CellKey};
use super::division::{Moment, falls_in};
use super::fitting::may_overrun;
use super::measurement::Measurement;
use super::progress::RunProgress;
use crate::machine::DisturbanceMonitor;
use crate::plan::{Effort, Plan};
use crate::process::nanoseconds;
use crate::record::RoundState;
use crate::stats::StoppingRule;
use protocol::Pass;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The share of the time budget over which the first rounds are spread; the rest is for the
/// blocks that need more.
const SPREAD: f64 = 0.6;

/// Disturbed rounds that are repeated before a machine counts as busy throughout.
const DISTURBED_BEFORE_USED: u32 = 3;

/// A cell in a block, and the pass that it makes there.
type Member = (CellKey, Pass);

/// A block, with how its members' share of a round is divided.
struct DividedBlock {
    block: Block,
    members: Vec<(Member, (u32, u64))>,
}

impl DividedBlock {
    fn cycles(&self) -> u32 {
        self.members.iter().map(|(_, (batches, _))| *batches).max().unwrap_or(0)
    }
}

/// `blocks` by comparison group, in the order in which these come first.
fn by_group(blocks: &[Block]) -> Vec<Vec<Block>> {
    let mut groups: Vec<Vec<Block>> = Vec::new();
    for block in blocks {
        match groups.iter_mut().find(|group| group[0].0 == block.0) {
            Some(group) => group.push(*block),
            None => groups.push(vec![*block]),
        }
    }
    groups
}

/// The rounds of a run.
pub struct Rounds<'a> {
    plan: &'a Plan,
    /// What the rounds are made with.
    pub measurement: Measurement<'a>,
    interrupted: &'a AtomicBool,
    rng: ChaCha8Rng,
    started: Instant,
    /// Time of waiting, so that rounds are spread over the budget, in nanoseconds.
    pub waiting_ns: u64,
    /// Rounds that shared the machine with other work.
    pub disturbed: u32,
    /// Rounds that do not count and were repeated.
    pub repeated: u32,
}

impl<'a> Rounds<'a> {
    /// No rounds yet of a run that began at `started`; they end early when `interrupted` becomes true.
    pub fn new(
        plan: &'a Plan,
        measurement: Measurement<'a>,
        interrupted: &'a AtomicBool,
        started: Instant,
    ) -> Rounds<'a> {
        let rng = ChaCha8Rng::seed_from_u64(plan.seed);
        Rounds { plan, measurement, interrupted, rng, started, waiting_ns: 0, disturbed: 0, repeated: 0 }
    }

    /// Rounds until there is enough of them, or no time; gives how many were finished.
    ///
    /// # Errors
    /// When records cannot be written.
    pub fn run(&mut self, progress: &mut impl FnMut(RunProgress<'_>)) -> io::Result<u32> {
        let blocks = self.shuffled();
        let first_rounds_ns = self.round_ns(&blocks) * u64::from(self.effort().rounds);
        let mut clock = RoundClock { done: 0, total: first_rounds_ns, budget: self.effort().time_budget };
        self.measurement.fresh_processes();
        let (mut used, mut round) = (0, 0);
        while let Some(blocks) = self.next_blocks(used) {
            round += 1;
            self.wait_for_round(used, &clock, progress);
            let monitor = DisturbanceMonitor::begin();
            let began = self.started.elapsed();
            for blocks in by_group(&blocks) {
                self.group(round, &blocks, &mut clock, progress)?;
                if self.is_interrupted() {
                    return Ok(used);
                }
            }
            // What differs between processes must show between rounds.
            self.measurement.fresh_processes();
            let mut state = RoundState::of(round, began.as_secs_f64(), monitor.end());
            self.disturbed += u32::from(!state.disturbed.is_empty());
            // On a machine that is busy throughout, a round like the others is all there is.
            let busy_throughout = round > DISTURBED_BEFORE_USED && 2 * self.disturbed > round;
            let took = self.started.elapsed().saturating_sub(began);
            let repeats = self.effort().repeat_disturbed && !busy_throughout && self.has_room(used, took);
            state.used = state.disturbed.is_empty() || !repeats;
            used += u32::from(state.used);
            self.repeated += u32::from(!state.used);
            self.measurement.end_round(&state)?;
        }
        Ok(used)
    }

    /// The blocks of one comparison group, which alternate cycle by cycle: what disturbs a machine lasts for some
    /// milliseconds, and cycles that directly follow each other would share it.
    fn group(
        &mut self,
        round: u32,
        blocks: &[Block],
        clock: &mut RoundClock,
        progress: &mut impl FnMut(RunProgress<'_>),
    ) -> io::Result<()> {
        // Readings of this round must not change how it is divided.
        let divide =
            |block: &Block| DividedBlock { block: *block, members: self.divisions(*block).collect() };
        let mut blocks: Vec<DividedBlock> = blocks.iter().map(divide).collect();
        let steps = blocks.iter().map(DividedBlock::cycles).max().unwrap_or(0);
        let mut cycles_done = vec![0; blocks.len()];
        for step in 0..steps {
            let is_due = |place: &usize| falls_in(step, blocks[*place].cycles(), steps);
            let mut due: Vec<usize> = (0..blocks.len()).filter(is_due).collect();
            due.shuffle(&mut self.rng);
            for place in due {
                self.cycle((round, cycles_done[place]), &mut blocks[place], clock, progress)?;
                cycles_done[place] += 1;
                if self.is_interrupted() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// One batch of each member of a block that has one now.
    fn cycle(
        &mut self,
        (round, cycle): Moment,
        divided: &mut DividedBlock,
        clock: &mut RoundClock,
        progress: &mut impl FnMut(RunProgress<'_>),
    ) -> io::Result<()> {
        let cycles = divided.cycles();
        self.measurement.calibrate((round, cycle), divided.block)?;
        divided.members.shuffle(&mut self.rng);
        for &((key, pass), (batches, batch_ns)) in &divided.members {
            if !falls_in(cycle, batches, cycles) {
                continue;
            }
            let sample = &self.plan.cases[key.1].sample;
            progress(clock.progress(round, self.started.elapsed(), sample));
            self.measurement.take_batch((round, cycle), key, pass)?;
            clock.done += batch_ns;
            if self.is_interrupted() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// The blocks of the round after `used` rounds that count; `None` when it was the last.
    fn next_blocks(&mut self, used: u32) -> Option<Vec<Block>> {
        let (rounds, precision, budget) = {
            let effort = self.effort();
            (effort.rounds, effort.precision, effort.time_budget)
        };
        let left = budget.map(|budget| budget.saturating_sub(self.started.elapsed()));
        if self.is_interrupted()
            || (used > 0 && left.is_some_and(|left| left.is_zero()) && !self.overruns(used))
        {
            return None;
        }
        if used < rounds {
            return Some(self.shuffled());
        }
        let open = self.open_blocks();
        // A quarter at a time: then others are the widest, and time goes where it is needed.
        let mut wider: Vec<Block> = open[..open.len().div_ceil(4)].to_vec();
        wider.shuffle(&mut self.rng);
        let needed = Duration::from_nanos(self.round_ns(&wider));
        let fits = left.is_none_or(|left| needed <= left);
        (precision.is_some() && !wider.is_empty() && fits).then_some(wider)
    }

    /// The blocks that need further rounds, the widest first.
    fn open_blocks(&self) -> Vec<Block> {
        let effort = self.effort();
        let round_budget = usize::try_from(effort.max_rounds).unwrap_or(usize::MAX);
        let rule = StoppingRule { precision: effort.precision.unwrap_or(f64::INFINITY), round_budget };
        let done = |pass, member| self.measurement.is_done(member, pass);
        self.measurement.precision.open_blocks(&rule, done)
    }

    /// The first rounds are spread over the time budget: rounds that directly follow each other share
    /// the state that the machine has in that minute, and an interval from them would not hold for the next run.
    fn wait_for_round(&mut self, used: u32, clock: &RoundClock, progress: &mut impl FnMut(RunProgress<'_>)) {
        let effort = self.effort();
        let Some(budget) = effort.time_budget.filter(|_| effort.precision.is_some()) else {
            return;
        };
        let share = f64::from(used) / f64::from(effort.rounds.max(1));
        let begin = budget.mul_f64(SPREAD * share.min(1.0));
        let waiting = Instant::now();
        while self.started.elapsed() < begin && !self.is_interrupted() {
            progress(clock.progress(used + 1, self.started.elapsed(), "pausing, to spread the rounds"));
            std::thread::sleep(Duration::from_millis(100).min(begin.saturating_sub(self.started.elapsed())));
        }
        self.waiting_ns += nanoseconds(waiting.elapsed());
    }

    /// The members of a block that have batches, each with how its share of a round is divided.
    fn divisions(&self, (group, pass): Block) -> impl Iterator<Item = (Member, (u32, u64))> {
        let measurement = &self.measurement;
        let made = move |key| {
            let passes = measurement.passes_in(&measurement.effort, 1, key, pass);
            passes.into_iter().map(move |pass| (key, pass))
        };
        let members = measurement.groups.members(group).into_iter().flat_map(made);
        members.filter_map(move |(key, pass)| Some(((key, pass), measurement.division(key, pass)?)))
    }

    fn effort(&self) -> &Effort {
        &self.measurement.effort
    }

    fn shuffled(&mut self) -> Vec<Block> {
        self.measurement.groups.shuffled_blocks(&self.measurement.effort.passes, &mut self.rng)
    }

    /// Whether there is time for one round more than those that are missing, where each takes `round`.
    fn has_room(&self, used: u32, round: Duration) -> bool {
        let missing = self.effort().rounds.saturating_sub(used);
        let needed = self.started.elapsed() + round * missing.max(1);
        self.effort().time_budget.is_none_or(|budget| used >= self.effort().rounds || needed <= budget)
    }

    /// Whether the first rounds go on although the time is used up.
    fn overruns(&self, used: u32) -> bool {
        let Some(budget) = self.effort().time_budget else { return false };
        let (rounds, elapsed) = (self.effort().rounds, self.started.elapsed());
        let round = elapsed.saturating_sub(Duration::from_nanos(self.waiting_ns)) / used.max(1);
        self.effort().precision.is_some()
            && used < rounds
            && may_overrun(budget, elapsed, rounds - used, round)
    }

    /// The time that a round of these blocks will take, as far as earlier batches tell.
    fn round_ns(&self, blocks: &[Block]) -> u64 {
        let block_ns = |block: &Block| -> u64 {
            self.divisions(*block).map(|(_, (batches, batch_ns))| u64::from(batches) * batch_ns).sum()
        };
        blocks.iter().map(block_ns).sum()
    }

    fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }
}

/// The progress of the rounds, by work or, where a budget ends them, by time.
struct RoundClock {
    done: u64,
    total: u64,
    budget: Option<Duration>,
}

impl RoundClock {
    fn progress<'a>(&self, round: u32, elapsed: Duration, doing: &'a str) -> RunProgress<'a> {
        match self.budget {
            Some(budget) => {
                RunProgress { round, done: nanoseconds(elapsed), total: nanoseconds(budget), doing }
            }
            None => RunProgress { round, done: self.done, total: self.total, doing },
        }
    }
}
