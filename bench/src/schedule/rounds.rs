//! The order of measuring: a survey that tries and checks every cell once, then rounds of
//! blocks. A block is one case and one kind of turn, with every engine and the calibration kernel
//! in it in random order, so that a drift of the machine hits all alike and every reading has its
//! partners. Rounds are spread over the time there is; once every block has had its share, further
//! ones go to the blocks whose ratios are still wider than asked for.

use crate::machine::disturbance::Watch;
use crate::plan::Plan;
use crate::record::readings::Recorder;
use crate::record::time_use::{Spent, ns};
use crate::schedule::batch::{self, Turn};
use crate::schedule::measurement::Session;
use crate::schedule::precision::Block;
use crate::stats::StoppingRule;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How far a run is.
#[derive(Clone, Debug)]
pub struct Progress<'a> {
    /// The round, from 1; 0 is the survey.
    pub round: u32,
    /// Work done in this stage: turns in the survey, nanoseconds in the rounds.
    pub done: u64,
    /// Work of this stage in all; rounds may end before it.
    pub total: u64,
    /// What is going on: the sample that is being measured, or what is waited for.
    pub doing: &'a str,
}

/// What a run came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Rounds that were finished and count.
    pub rounds: u32,
    /// Rounds that shared the machine with other work, whether they count or not.
    pub disturbed_rounds: u32,
    /// Disturbed rounds that were made again and do not count.
    pub repeated_rounds: u32,
    /// Whether it was interrupted.
    pub interrupted: bool,
    /// Cells in which at least one reading was taken.
    pub measured_cells: usize,
    /// Cells that should have worked and did not.
    pub failed_cells: usize,
    /// Processor time that stopped workers used, in nanoseconds; must be zero.
    pub stolen_cpu_ns: u64,
    /// Where the time went.
    pub spent: Spent,
    /// Blocks whose ratios are wider than asked for.
    pub wide_blocks: usize,
    /// Half width of the widest ratio interval as a fraction; `None` below ten rounds.
    pub widest: Option<f64>,
}

/// Measures `plan`; readings go to `recorder` as they are made. It ends early, with everything
/// written, when `interrupted` becomes true.
///
/// # Errors
/// When results or artifacts cannot be written; failing engines are no error.
pub fn run(
    plan: &Plan,
    recorder: &mut Recorder,
    interrupted: &AtomicBool,
    mut progress: impl FnMut(Progress<'_>),
) -> io::Result<Outcome> {
    std::fs::create_dir_all(&plan.artifacts)?;
    let mut schedule = Schedule {
        plan,
        session: Session::new(plan, recorder),
        interrupted,
        rng: ChaCha8Rng::seed_from_u64(plan.seed),
        started: Instant::now(),
        waiting_ns: 0,
        disturbed: 0,
        repeated: 0,
    };
    schedule.survey(&mut progress)?;
    let rounds = schedule.rounds(&mut progress)?;
    schedule.session.fresh_processes();
    std::fs::remove_dir_all(&plan.artifacts)?;
    let (measured_cells, failed_cells) = schedule.session.counts();
    let (wide, widest) = schedule.open_blocks();
    Ok(Outcome {
        rounds,
        disturbed_rounds: schedule.disturbed,
        repeated_rounds: schedule.repeated,
        interrupted: interrupted.load(Ordering::Relaxed),
        measured_cells,
        failed_cells,
        stolen_cpu_ns: schedule.session.stolen_cpu_ns(),
        spent: Spent {
            waiting_ns: schedule.waiting_ns,
            total_ns: ns(schedule.started.elapsed()),
            ..schedule.session.spent()
        },
        wide_blocks: wide.len(),
        widest: widest.is_finite().then_some(widest),
    })
}

/// The share of the time budget over which the first rounds are spread; the rest is for the
/// blocks that need more.
const SPREAD: f64 = 0.6;

/// Disturbed rounds that are made again before a machine counts as busy throughout.
const DISTURBED_BEFORE_USED: u32 = 3;

struct Schedule<'a> {
    plan: &'a Plan,
    session: Session<'a>,
    interrupted: &'a AtomicBool,
    rng: ChaCha8Rng,
    started: Instant,
    waiting_ns: u64,
    disturbed: u32,
    repeated: u32,
}

impl Schedule<'_> {
    /// Tries every turn of every cell once: results are checked, costs are learned, and what
    /// cannot be is written down with its reason.
    fn survey(&mut self, progress: &mut impl FnMut(Progress<'_>)) -> io::Result<()> {
        let plan = self.plan;
        // A cold pass teaches nothing that the others do not.
        let blocks: Vec<Block> = all_blocks(plan).into_iter().filter(|(_, turn)| !turn.is_cold()).collect();
        let total = (blocks.len() * plan.engines.len()) as u64;
        let mut done = 0;
        for (case, turn) in blocks {
            for engine in 0..plan.engines.len() {
                progress(Progress { round: 0, done, total, doing: &plan.cases[case].sample });
                self.session.take_turn((0, 0), (engine, case), turn)?;
                done += 1;
                if self.is_interrupted() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Rounds until there is enough of them, or no time; gives how many were finished.
    fn rounds(&mut self, progress: &mut impl FnMut(Progress<'_>)) -> io::Result<u32> {
        let blocks = self.shuffled_blocks();
        let first_rounds_ns = self.round_ns(&blocks) * u64::from(self.plan.effort.rounds);
        let mut clock = Clock { done: 0, total: first_rounds_ns, budget: self.plan.effort.time_budget };
        self.session.fresh_processes();
        let (mut used, mut round) = (0, 0);
        while let Some(blocks) = self.next_blocks(used) {
            round += 1;
            self.wait_for_round(used, &clock, progress);
            let watch = Watch::begin();
            let start_s = self.started.elapsed().as_secs_f64();
            for block in blocks {
                self.block(round, block, &mut clock, progress)?;
                if self.is_interrupted() {
                    return Ok(used);
                }
            }
            // What differs between processes must show between rounds.
            self.session.fresh_processes();
            let mut state = watch.end(round, start_s);
            self.disturbed += u32::from(!state.disturbed.is_empty());
            // On a machine that is busy throughout, a round like the others is all there is.
            let busy_throughout = round > DISTURBED_BEFORE_USED && 2 * self.disturbed > round;
            let repeats = self.plan.effort.repeat_disturbed && !busy_throughout;
            state.used = state.disturbed.is_empty() || !repeats;
            used += u32::from(state.used);
            self.repeated += u32::from(!state.used);
            self.session.end_round(&state)?;
        }
        Ok(used)
    }

    fn block(
        &mut self,
        round: u32,
        block: Block,
        clock: &mut Clock,
        progress: &mut impl FnMut(Progress<'_>),
    ) -> io::Result<()> {
        let (case, turn) = block;
        let turns_of = |session: &Session<'_>, engine| session.division((engine, case), turn);
        let most = (0..self.plan.engines.len()).filter_map(|engine| turns_of(&self.session, engine)).max();
        let Some((cycles, _)) = most else { return Ok(()) };
        // What a turn teaches must not move the next ones about within the round.
        let turns: Vec<_> =
            (0..self.plan.engines.len()).map(|engine| turns_of(&self.session, engine)).collect();
        for cycle in 0..cycles {
            self.session.calibrate((round, cycle), block)?;
            for engine in self.shuffled_engines() {
                let Some((turns, turn_ns)) = turns[engine] else { continue };
                if !batch::falls_in(cycle, turns, cycles) {
                    continue;
                }
                progress(clock.progress(round, self.started.elapsed(), &self.plan.cases[case].sample));
                self.session.take_turn((round, cycle), (engine, case), turn)?;
                clock.done += turn_ns;
                if self.is_interrupted() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// The blocks of the round after `used` rounds that count; `None` when it was the last.
    fn next_blocks(&mut self, used: u32) -> Option<Vec<Block>> {
        let effort = &self.plan.effort;
        let left = effort.time_budget.map(|budget| budget.saturating_sub(self.started.elapsed()));
        if self.is_interrupted() || (used > 0 && left.is_some_and(|left| left.is_zero())) {
            return None;
        }
        if used < effort.rounds {
            return Some(self.shuffled_blocks());
        }
        let (open, _) = self.open_blocks();
        // The widest quarter: after each round others are the widest, and time goes where it is needed.
        let mut wider: Vec<Block> = open[..open.len().div_ceil(4)].to_vec();
        wider.shuffle(&mut self.rng);
        let needed = Duration::from_nanos(self.round_ns(&wider));
        let fits = left.is_none_or(|left| needed <= left);
        (effort.precision.is_some() && !wider.is_empty() && fits).then_some(wider)
    }

    /// The blocks that are wider than asked for, the widest first, and the widest half width.
    fn open_blocks(&self) -> (Vec<Block>, f64) {
        let effort = &self.plan.effort;
        let round_budget = usize::try_from(effort.max_rounds).unwrap_or(usize::MAX);
        let rule = StoppingRule { precision: effort.precision.unwrap_or(f64::INFINITY), round_budget };
        let gone = |(case, turn): Block, engine| self.session.is_without((engine, case), turn);
        self.session.standings.open_blocks(&rule, gone)
    }

    /// The first rounds are spread over the time budget: rounds that stand back to back share
    /// the machine's mood of that minute, and an interval from them would not hold for the next run.
    fn wait_for_round(&mut self, used: u32, clock: &Clock, progress: &mut impl FnMut(Progress<'_>)) {
        let Some(budget) = self.plan.effort.time_budget.filter(|_| self.plan.effort.precision.is_some())
        else {
            return;
        };
        let share = f64::from(used) / f64::from(self.plan.effort.rounds.max(1));
        let begin = budget.mul_f64(SPREAD * share.min(1.0));
        let waiting = Instant::now();
        while self.started.elapsed() < begin && !self.is_interrupted() {
            progress(clock.progress(used + 1, self.started.elapsed(), "pausing, to spread the rounds"));
            std::thread::sleep(Duration::from_millis(100).min(begin.saturating_sub(self.started.elapsed())));
        }
        self.waiting_ns += ns(waiting.elapsed());
    }

    /// Every block, cases in random order; within a case, compiling turns before those that need
    /// an artifact, each in random order.
    fn shuffled_blocks(&mut self) -> Vec<Block> {
        let mut cases: Vec<usize> = (0..self.plan.cases.len()).collect();
        cases.shuffle(&mut self.rng);
        let mut blocks = Vec::new();
        for case in cases {
            let mut compiling = Turn::COMPILING;
            compiling.shuffle(&mut self.rng);
            let mut running = Turn::RUNNING;
            running.shuffle(&mut self.rng);
            let turns = compiling.into_iter().chain(running);
            let wanted = turns.filter(|turn| self.plan.effort.turns.contains(turn));
            blocks.extend(wanted.map(|turn| (case, turn)));
        }
        blocks
    }

    fn shuffled_engines(&mut self) -> Vec<usize> {
        let mut engines: Vec<usize> = (0..self.plan.engines.len()).collect();
        engines.shuffle(&mut self.rng);
        engines
    }

    /// The time that a round of these blocks will take, as far as earlier turns tell.
    fn round_ns(&self, blocks: &[Block]) -> u64 {
        let engines = 0..self.plan.engines.len();
        let block_ns = |&(case, turn): &Block| -> u64 {
            let divisions = engines.clone().filter_map(|engine| self.session.division((engine, case), turn));
            divisions.map(|(turns, turn_ns)| u64::from(turns) * turn_ns).sum()
        };
        blocks.iter().map(block_ns).sum()
    }

    fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }
}

fn all_blocks(plan: &Plan) -> Vec<Block> {
    let turns = Turn::COMPILING.into_iter().chain(Turn::RUNNING);
    (0..plan.cases.len()).flat_map(|case| turns.clone().map(move |turn| (case, turn))).collect()
}

/// How far the rounds are, by work or, where a budget ends them, by time.
struct Clock {
    done: u64,
    total: u64,
    budget: Option<Duration>,
}

impl Clock {
    fn progress<'a>(&self, round: u32, elapsed: Duration, doing: &'a str) -> Progress<'a> {
        match self.budget {
            Some(budget) => Progress { round, done: ns(elapsed), total: ns(budget), doing },
            None => Progress { round, done: self.done, total: self.total, doing },
        }
    }
}
