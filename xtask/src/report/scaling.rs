//! The table of the scale family: what a byte of code costs in each size, and how the cost grows.
//! The exponent is the slope of the logarithm of time over the logarithm of the code section's
//! bytes: 1 is proportional, 2 is quadratic, and a fixed cost brings it below 1.

use super::heading;
use super::model::RunReport;
use super::sheet::{Sheet, SheetCell};
use bench::analysis::{Series, Summary};
use bench::plan::OWN;
use bench::probe::memory::Peak;
use bench::record::{CaseFacts, ModuleFacts};
use bench::stats::{Ends, Estimate, ROUNDS_FOR_INTERVAL, t_interval};
use protocol::{Pass, Phase};
use std::collections::BTreeMap;

/// The samples of the scale family: this and a number. A longer name is another shape of code, which is
/// shown but does not count for the exponent.
const FAMILY: &str = "scale-";

/// The fewest sizes that a slope is computed from.
const SIZES_FOR_EXPONENT: usize = 3;

/// What is shown: a name, and where its time is read, the first that there is.
const PHASES: [(&str, &[(Pass, Phase)]); 3] = [
    ("a+b compile", &[(Pass::Jit, Phase::AbCompile), (Pass::Aot, Phase::AbCompile)]),
    ("b' save", &[(Pass::Aot, Phase::BSave)]),
    ("c' load", &[(Pass::Run, Phase::CLoad)]),
];

/// The sample of one case and its code.
struct Column<'a> {
    case: &'a CaseFacts,
    code_section_bytes: u64,
    in_family: bool,
}

/// The tables of the scale samples, one a variant; none without any.
pub fn tables(report: &RunReport) -> Vec<Sheet> {
    let mut variants: BTreeMap<&str, Vec<Column<'_>>> = BTreeMap::new();
    for case in report.cases.iter().filter(|case| case.sample.starts_with(FAMILY) && case.variant != OWN) {
        let of_case = |one: &&ModuleFacts| one.sample == case.sample && one.variant == case.variant;
        let module = report.run.modules.iter().find(of_case);
        let Some(code_section_bytes) = module.and_then(|one| one.code_section_bytes) else { continue };
        let in_family = case.sample[FAMILY.len()..].parse::<u32>().is_ok();
        variants.entry(&case.variant).or_default().push(Column { case, code_section_bytes, in_family });
    }
    variants.iter().map(|(variant, columns)| table(report, variant, columns)).collect()
}

/// An engine's bytes on a sample.
type BytesOf<'a> = dyn Fn(&str, &Column<'_>) -> Option<u64> + 'a;

fn table(report: &RunReport, variant: &str, columns: &[Column<'_>]) -> Sheet {
    let title = format!(
        "Scale, {variant}: megabytes of code section a second, and the exponent of growth over {FAMILY}<number>"
    );
    let head = columns.iter().map(|one| format!("{} ({} B)", one.case.sample, one.code_section_bytes));
    let columns_shown = head.chain(["exponent".to_owned()]);
    let mut sheet = Sheet::new(heading::of_table(report, &title), &["", "engine"], columns_shown);
    for (name, choices) in PHASES {
        let mut label = format!("{name}, MB/s");
        for engine in &report.engines {
            let of_column = |column| (column, series(&report.summary, engine, column, choices));
            let series: Vec<_> = columns.iter().map(of_column).collect();
            if series.iter().any(|(_, series)| series.is_some()) {
                sheet.row(vec![std::mem::take(&mut label), engine.clone()], cells(&series));
            }
        }
    }
    let artifact = |engine: &str, column: &Column<'_>| {
        report.artifact(engine, column.case).map(|size| size.artifact_bytes)
    };
    let memory = |engine: &str, column: &Column<'_>| memory(report.all_peaks(), engine, column);
    let bytes_of: [(&str, &BytesOf<'_>); 2] =
        [("artifact, × code", &artifact), ("memory of a+b, × code", &memory)];
    for (name, bytes_of) in bytes_of {
        let mut label = name.to_owned();
        for engine in &report.engines {
            let bytes: Vec<_> = columns.iter().map(|column| (column, bytes_of(engine, column))).collect();
            if bytes.iter().any(|(_, bytes)| bytes.is_some()) {
                sheet.row(vec![std::mem::take(&mut label), engine.clone()], bytes_cells(&bytes));
            }
        }
    }
    sheet
}

fn series<'a>(
    summary: &'a Summary,
    engine: &str,
    column: &Column<'_>,
    choices: &[(Pass, Phase)],
) -> Option<&'a Series> {
    let phases = summary.cell(&column.case.subject(engine))?;
    choices.iter().find_map(|&(pass, phase)| phases.wall(pass, phase))
}

/// The peak of compilation above what the process had resident before.
fn memory(peaks: &[Peak], engine: &str, column: &Column<'_>) -> Option<u64> {
    let cell = column.case.subject(engine);
    let here = |peak: &&Peak| peak.cell() == cell && peak.phase == Some(Phase::AbCompile);
    let above_idle = |peak: &Peak| peak.peak_bytes?.checked_sub(peak.idle_bytes?).filter(|bytes| *bytes > 0);
    peaks.iter().filter(here).find_map(above_idle)
}

/// Why there is no figure.
const ABSENT: &str = "not measured, or with too few sizes for an exponent";

fn cells(series: &[(&Column<'_>, Option<&Series>)]) -> Vec<SheetCell> {
    let speed = |(column, series): &(&Column<'_>, Option<&Series>)| {
        let estimate = series.and_then(Series::estimate)?;
        // Bytes in a microsecond are megabytes in a second.
        Some(format!("{:.3}", column.code_section_bytes as f64 / (estimate.value / 1e3)))
    };
    let exponent = exponent_over_rounds(series)
        .map(|exponent| format!("[{:.2} {:.2} {:.2}]", exponent.low, exponent.value, exponent.high));
    let texts = series.iter().map(speed).chain([exponent]);
    texts.map(|text| SheetCell::or_without(text, ABSENT)).collect()
}

fn bytes_cells(bytes: &[(&Column<'_>, Option<u64>)]) -> Vec<SheetCell> {
    let ratio = |(column, bytes): &(&Column<'_>, Option<u64>)| {
        bytes.map(|bytes| format!("{:.2}", bytes as f64 / column.code_section_bytes.max(1) as f64))
    };
    let family = bytes.iter().filter(|(column, _)| column.in_family);
    let points: Vec<(f64, f64)> = family
        .filter_map(|(column, bytes)| Some((column.code_section_bytes as f64, (*bytes)? as f64)))
        .collect();
    // The same in every round, so that it has no interval.
    let exponent = exponent(&points).map(|exponent| format!("{exponent:.2}"));
    let texts = bytes.iter().map(ratio).chain([exponent]);
    texts.map(|text| SheetCell::or_without(text, ABSENT)).collect()
}

/// One exponent a round, over the rounds in which every size has a value.
fn exponent_over_rounds(series: &[(&Column<'_>, Option<&Series>)]) -> Option<Estimate> {
    let family: Vec<(f64, &Series)> = series
        .iter()
        .filter(|(column, _)| column.in_family)
        .filter_map(|(column, series)| Some((column.code_section_bytes as f64, (*series)?)))
        .collect();
    let (_, first) = family.first()?;
    let exponents = first.by_round().keys().filter_map(|round| {
        let point = |(bytes, series): &(f64, &Series)| Some((*bytes, *series.by_round().get(round)?));
        exponent(&family.iter().map(point).collect::<Option<Vec<_>>>()?)
    });
    let exponents: Vec<f64> = exponents.collect();
    if exponents.len() >= ROUNDS_FOR_INTERVAL {
        let (value, half_width) = t_interval(&exponents, 0.95)?;
        return Some(Estimate { low: value - half_width, value, high: value + half_width, ends: Ends::T95 });
    }
    let low = exponents.iter().copied().min_by(f64::total_cmp)?;
    let high = exponents.iter().copied().max_by(f64::total_cmp)?;
    // An exponent is a logarithm already: its mean is the geometric one of what it is of.
    let value = (exponents.iter().sum::<f64>() / exponents.len() as f64).clamp(low, high);
    Some(Estimate { low, value, high, ends: Ends::Range })
}

/// The slope of the logarithms of `points`, by least squares.
fn exponent(points: &[(f64, f64)]) -> Option<f64> {
    if points.len() < SIZES_FOR_EXPONENT {
        return None;
    }
    let logs: Vec<(f64, f64)> = points.iter().map(|(x, y)| (x.ln(), y.ln())).collect();
    let count = logs.len() as f64;
    let mean_x = logs.iter().map(|point| point.0).sum::<f64>() / count;
    let mean_y = logs.iter().map(|point| point.1).sum::<f64>() / count;
    let covariance: f64 = logs.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let variance: f64 = logs.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    (variance > 0.0).then(|| covariance / variance)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::made_up;
    use bench::record::{ArtifactSize, Reading};

    const SAMPLES: [(&str, u64); 4] =
        [("scale-10", 2_000), ("scale-100", 20_000), ("scale-1000", 200_000), ("scale-10-large", 200_000)];

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the values are in range")]
    fn growing(bytes: u64, exponent: f64, round: u32) -> u64 {
        ((bytes as f64).powf(exponent) * f64::from(1000 + round)) as u64
    }

    /// Compile times that grow by `exponent`, with a factor for each round.
    fn readings(rounds: u32, exponent: f64) -> Vec<Reading> {
        let reading = |round: u32, (sample, bytes): (&str, u64)| Reading {
            round,
            cycle: 0,
            process: round,
            engine: "engine".into(),
            entry: bench::record::EngineEntry::Subject,
            sample: sample.into(),
            variant: "stripped".into(),
            size: "small".into(),
            pass: Pass::Jit,
            phase: Phase::AbCompile,
            iteration: 0,
            cold: false,
            calls: 1,
            wall_ns: growing(bytes, exponent, round),
            cpu_ns: None,
        };
        (1..=rounds).flat_map(|round| SAMPLES.map(|sample| reading(round, sample))).collect()
    }

    fn render(readings: &[Reading]) -> String {
        let module = |(sample, bytes): &(&str, u64)| ModuleFacts {
            path: None,
            sample: (*sample).into(),
            variant: "stripped".into(),
            bytes: bytes + 500,
            target_cpu: None,
            code_section_bytes: Some(*bytes),
            sha256: String::new(),
        };
        let modules: Vec<ModuleFacts> = SAMPLES.iter().map(module).collect();
        let artifact = |(sample, bytes): &(&str, u64)| ArtifactSize {
            engine: "engine".into(),
            sample: (*sample).into(),
            variant: "stripped".into(),
            module_bytes: bytes + 500,
            artifact_bytes: 3 * bytes,
            artifact_module_bytes: 0,
            ..ArtifactSize::default()
        };
        let sizes: Vec<ArtifactSize> = SAMPLES.iter().map(artifact).collect();
        let peak = |(sample, bytes): &(&str, u64)| Peak {
            engine: "engine".into(),
            sample: (*sample).into(),
            variant: "stripped".into(),
            size: "small".into(),
            pass: Pass::Jit,
            from_artifact: false,
            phase: Some(Phase::AbCompile),
            idle_bytes: Some(1_000_000),
            peak_bytes: Some(1_000_000 + 40 * bytes),
            since_reset: Some(true),
            reason: None,
        };
        let peaks: Vec<Peak> = SAMPLES.iter().map(peak).collect();
        let samples = SAMPLES.map(|(sample, _)| sample);
        let mut report = made_up::report(&["engine", "without"], &samples, readings);
        report.run.modules = modules;
        let report = RunReport { sizes, peaks: Some(peaks), ..report };
        tables(&report).iter().map(|table| table.render(200)).collect()
    }

    #[test]
    fn a_known_exponent_is_found_in_range_and_interval() {
        for (rounds, exponent) in [(3, 1.0), (12, 1.0), (12, 1.25), (3, 0.5)] {
            let text = render(&readings(rounds, exponent));
            let compile = text.lines().find(|line| line.contains("a+b compile")).unwrap();
            let cell = format!("[{exponent:.2} {exponent:.2} {exponent:.2}]");
            assert!(compile.contains(&cell), "{cell} in {text}");
        }
    }

    #[test]
    fn speeds_are_bytes_of_code_over_time_and_engines_without_times_have_no_row() {
        let text = render(&readings(3, 1.0));
        // 1002 ns a byte in the median round.
        let compile = text.lines().find(|line| line.contains("a+b compile")).unwrap();
        assert_eq!(compile.matches("0.998").count(), 4, "{text}");
        assert!(!text.contains("without"), "{text}");
        let artifact = text.lines().find(|line| line.contains("artifact")).unwrap();
        assert_eq!(artifact.matches("3.00").count(), 4, "{text}");
        assert!(artifact.trim_end().ends_with("1.00"), "{text}");
    }

    #[test]
    fn another_shape_has_no_part_in_the_exponent() {
        let mut readings = readings(3, 1.0);
        readings.iter_mut().filter(|one| one.sample == "scale-10-large").for_each(|one| one.wall_ns *= 50);
        assert!(render(&readings).contains("[1.00 1.00 1.00]"));
    }

    #[test]
    fn memory_is_what_compilation_takes_above_idle() {
        let text = render(&readings(3, 1.0));
        let row = text.lines().find(|line| line.contains("memory of a+b")).unwrap();
        assert_eq!(row.matches("40.00").count(), SAMPLES.len(), "{row}");
        assert!(row.trim_end().ends_with("1.00"), "{row}");
    }

    #[test]
    fn without_scale_samples_there_is_no_table() {
        assert!(tables(&made_up::report(&["engine"], &["nop"], &[])).is_empty());
    }
}
