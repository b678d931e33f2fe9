//! The tables by name: what `--tables` takes, and where each is made.

use super::model::RunReport;
use super::modules::Modules;
use super::sheet::Sheet;
use super::{embedding, instructions, memory, notes, phases, ranking, scaling, variants, warm_up};
use bench::analysis::comparisons::{EnginePair, comparison_groups};
use bench::stats::ComparisonGroup;
use clap::ValueEnum;
use std::cell::OnceCell;

/// A table of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TableName {
    /// All tables
    All,
    /// Compile, instantiate and call, each for the first time
    Phases,
    /// Engine creation, a parse alone, instantiate and call warm
    Warm,
    /// From bytes to the first result
    Jit,
    /// Compile, save, load, instantiate, call
    AotTotal,
    /// The build step
    AotCompile,
    /// The artifacts' bytes
    Artifacts,
    /// The run step
    AotExecute,
    /// The first pass of a fresh process
    ColdStart,
    /// The call, warm, against native code
    Call,
    /// The first call and a steady one, and from which call on it is steady
    WarmUp,
    /// Time and bytes against the size of the code
    Scale,
    /// The engines in each variant of the same samples
    Variants,
    /// Peak memory
    Memory,
    /// Counted instructions
    Instructions,
    /// The engines of every sample from fast to slow, with verdicts
    Ranking,
    /// Your own modules against the first
    Modules,
    /// What each engine costs whoever embeds it: program, crates, idle memory, release
    Embedding,
    /// The cells that failed
    Failures,
    /// Everything else that a reader must know
    Notes,
}

/// The tables of a run, each made when it is asked for.
pub struct Tables<'a> {
    report: &'a RunReport,
    width: usize,
    groups: OnceCell<Vec<ComparisonGroup<EnginePair>>>,
}

impl<'a> Tables<'a> {
    /// The tables of `report` in lines of at most `width` characters.
    pub fn of(report: &'a RunReport, width: usize) -> Tables<'a> {
        Tables { report, width, groups: OnceCell::new() }
    }

    /// The tables that are asked for, in the order of their names; of all, those that have something to show.
    pub fn text(&self, asked: &[TableName]) -> String {
        let all = asked.contains(&TableName::All);
        let wanted = |name: &&TableName| all || asked.contains(name);
        let names = TableName::value_variants().iter().filter(|name| **name != TableName::All).filter(wanted);
        let text = |name: &TableName| {
            self.table(*name).unwrap_or_else(|| if all { String::new() } else { nothing(*name) })
        };
        names.map(text).collect()
    }

    /// One table; `None` where the run has nothing for it.
    fn table(&self, name: TableName) -> Option<String> {
        let render = |sheet: Sheet| sheet.render(self.width);
        let times = |table: fn(&RunReport) -> Sheet| Some(render(table(self.report)));
        match name {
            TableName::All => None,
            TableName::Phases => times(phases::individual),
            TableName::Warm => times(phases::individual_warm),
            TableName::Jit => times(phases::jit),
            TableName::AotTotal => times(phases::aot_total),
            TableName::AotCompile => times(phases::aot_compile_time),
            TableName::Artifacts => times(phases::aot_compile_space),
            TableName::AotExecute => times(phases::aot_execute),
            TableName::ColdStart => times(phases::cold_start),
            TableName::Call => times(phases::pure_execution),
            TableName::WarmUp => warm_up::table(self.report).map(render),
            TableName::Scale => {
                let tables = scaling::tables(self.report);
                (!tables.is_empty()).then(|| tables.into_iter().map(render).collect())
            }
            TableName::Variants => {
                let tables = variants::tables(self.report);
                (!tables.is_empty()).then(|| tables.into_iter().map(render).collect())
            }
            TableName::Memory => memory::table(self.report).map(render),
            TableName::Instructions => instructions::table(self.report).map(render),
            TableName::Ranking => Some(ranking::rankings(self.report, self.groups(), self.width))
                .filter(|text| !text.is_empty()),
            TableName::Modules => Modules::of(self.report).map(|modules| render(modules.sheet())),
            TableName::Embedding => {
                let engines = self.report.run.engines.iter();
                Some(render(embedding::sheet(engines.map(|one| (one.name.as_str(), &one.embedding)))))
            }
            TableName::Failures => Some(notes::failures(self.report, self.width)),
            TableName::Notes => Some(notes::all(self.report, self.groups(), self.width)),
        }
    }

    fn groups(&self) -> &[ComparisonGroup<EnginePair>] {
        self.groups.get_or_init(|| comparison_groups(&self.report.summary, self.report.equal_within()))
    }
}

/// Why a table that was asked for is not there.
fn nothing(name: TableName) -> String {
    let reason = match name {
        TableName::Scale => "no sample of the scale family was measured (--samples @scale)",
        TableName::Variants => "no sample was measured in two variants (--variants)",
        TableName::WarmUp => "no engine with tiers was measured (--warm-up makes a series of every engine)",
        TableName::Memory => "memory was not read in this run (--no-memory)",
        TableName::Instructions => "instructions were not counted in this run (--counters)",
        TableName::Ranking => "a ranking needs ten rounds",
        TableName::Modules => "this run does not compare modules (several --wasm)",
        _ => "there is nothing to show",
    };
    let name = name.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned());
    format!("\n{name}: {reason}\n")
}
