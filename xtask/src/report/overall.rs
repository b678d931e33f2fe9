//! How all engines compare over the cases that they have in common: one column a total or phase. The
//! page, its first sentences and its pictures are made from these.

use super::model::RunReport;
use bench::analysis::AOT_TOTAL;
use bench::analysis::overview::{Choices, RelativeColumn};
use protocol::{Pass, Phase};

/// What is compared over all cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OverallQuantity {
    /// a+b.
    Compile,
    /// a+b+c+d.
    Jit,
    /// a+b+b'.
    AotCompile,
    /// c'+c+d.
    AotExecute,
    /// Both steps.
    AotTotal,
    /// c, warm.
    Instantiate,
    /// d, warm.
    Call,
}

impl OverallQuantity {
    /// Every one, in the order of the page.
    pub const ALL: [OverallQuantity; 7] = [
        OverallQuantity::Compile,
        OverallQuantity::Jit,
        OverallQuantity::AotCompile,
        OverallQuantity::AotExecute,
        OverallQuantity::AotTotal,
        OverallQuantity::Instantiate,
        OverallQuantity::Call,
    ];

    /// The four totals.
    pub const TOTALS: [OverallQuantity; 4] = [
        OverallQuantity::Jit,
        OverallQuantity::AotCompile,
        OverallQuantity::AotExecute,
        OverallQuantity::AotTotal,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            OverallQuantity::Compile => "Compile",
            OverallQuantity::Jit => "JIT",
            OverallQuantity::AotCompile => "AOT compile",
            OverallQuantity::AotExecute => "AOT execute",
            OverallQuantity::AotTotal => "AOT total",
            OverallQuantity::Instantiate => "Instantiate, warm",
            OverallQuantity::Call => "Call, warm",
        }
    }

    /// What it is the time of.
    pub fn formula(self) -> &'static str {
        match self {
            OverallQuantity::Compile => "a+b",
            OverallQuantity::Jit => "a+b+c+d",
            OverallQuantity::AotCompile => "a+b+b'",
            OverallQuantity::AotExecute => "c'+c+d",
            OverallQuantity::AotTotal => "a+b+b'+c'+c+d",
            OverallQuantity::Instantiate => "c",
            OverallQuantity::Call => "d",
        }
    }

    /// Where it is read: its phase, and the first choice that an engine has.
    pub fn source(self) -> (Phase, Choices) {
        match self {
            OverallQuantity::Compile => {
                (Phase::AbCompile, &[(Pass::Jit, Phase::AbCompile), (Pass::Aot, Phase::AbCompile)])
            }
            OverallQuantity::Jit => (Phase::Jit, &[(Pass::Jit, Phase::Jit)]),
            OverallQuantity::AotCompile => (Phase::AotCompile, &[(Pass::Aot, Phase::AotCompile)]),
            OverallQuantity::AotExecute => (Phase::AotExecute, &[(Pass::Run, Phase::AotExecute)]),
            OverallQuantity::AotTotal => (Phase::AotExecute, &[AOT_TOTAL]),
            OverallQuantity::Instantiate => {
                (Phase::CInstantiateWarm, &[(Pass::WarmInstantiate, Phase::CInstantiateWarm)])
            }
            OverallQuantity::Call => (Phase::DCallWarm, &[(Pass::WarmCall, Phase::DCallWarm)]),
        }
    }
}

/// The columns that have a value.
pub struct Overall {
    columns: Vec<(OverallQuantity, RelativeColumn)>,
}

impl Overall {
    /// The columns of `report`, whose summary has the AOT totals; every engine takes part that can.
    pub fn of(report: &RunReport) -> Overall {
        let engines = report.engine_names();
        let column = |quantity: OverallQuantity| {
            let column = RelativeColumn::of(
                &report.summary,
                &report.comparable(&engines, quantity.source().0),
                &report.cases,
                quantity.source(),
                report.equal_within(),
            )?;
            Some((quantity, column))
        };
        Overall { columns: OverallQuantity::ALL.into_iter().filter_map(column).collect() }
    }

    /// The column of `quantity`; `None` where no engine has it.
    pub fn column(&self, quantity: OverallQuantity) -> Option<&RelativeColumn> {
        self.columns.iter().find(|(known, _)| *known == quantity).map(|(_, column)| column)
    }

    /// The columns, in the order of the page.
    pub fn columns(&self) -> impl Iterator<Item = &(OverallQuantity, RelativeColumn)> {
        self.columns.iter()
    }
}
