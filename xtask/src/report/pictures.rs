//! The pictures over all cases: compile time against run time, and the totals. The page has them, and
//! `report.md` stands beside them.

use super::chart::{Bar, BarChart, Coordinate, Label, ScaleKind, Scatter};
use super::model::RunReport;
use super::overall::{Overall, OverallQuantity};
use bench::analysis::overview::RelativeTime;

/// Compile time against run time, a point an engine; `None` where no engine has both.
pub fn compile_and_call(report: &RunReport, overall: &Overall, kind: ScaleKind) -> Option<Scatter> {
    let (compile, call) = (overall.column(OverallQuantity::Compile)?, overall.column(OverallQuantity::Call)?);
    let label = |y: &RelativeTime| {
        let x = compile.engine(&y.engine);
        // Native code is not compiled from wasm: it is a line across.
        (x.is_some() || report.is_baseline(&y.engine)).then(|| Label {
            name: y.engine.clone(),
            x: x.map(place),
            y: place(y),
        })
    };
    let labels: Vec<Label> = call.engines.iter().filter_map(label).collect();
    labels.iter().any(|label| label.x.is_some()).then(|| Scatter {
        title: format!(
            "Compile time against run time, {} engines, each in proportion to the fastest: the geometric mean over {} and {} cases. Nearer to the left compiles faster, nearer to the bottom calls faster.",
            labels.len(),
            compile.cases.len(),
            call.cases.len()
        ),
        x_name: "compile (a+b), × fastest".to_owned(),
        y_name: "call (d, warm), × fastest".to_owned(),
        labels,
        kind,
    })
}

/// The totals over all cases, each in proportion to the fastest engine.
pub fn totals(report: &RunReport, overall: &Overall) -> Vec<(OverallQuantity, BarChart)> {
    let chart = |quantity: OverallQuantity| {
        let column = overall.column(quantity)?;
        let bar = |one: &RelativeTime| Bar {
            name: one.engine.clone(),
            value: one.ratio,
            interval: one.interval.map(|one| (one.low, one.high)),
            is_baseline: report.is_baseline(&one.engine),
        };
        let bars: Vec<Bar> = column.engines.iter().map(bar).collect();
        let title = format!(
            "{} over {} cases in common: the times of {} engines in proportion to the fastest, {}.",
            quantity.name(),
            column.cases.len(),
            bars.len(),
            bars.first()?.name
        );
        Some((quantity, BarChart { title, bars }))
    };
    OverallQuantity::TOTALS.into_iter().filter_map(chart).collect()
}

fn place(time: &RelativeTime) -> Coordinate {
    Coordinate { value: time.ratio, interval: time.interval.map(|one| (one.low, one.high)) }
}
