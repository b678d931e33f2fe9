//! The answer to what most people ask, in a sentence or two of plain words: which engine for a module
//! that runs once, which for one that runs long, and where the one overtakes the other.

use super::model::RunReport;
use super::overall::{Overall, OverallQuantity};
use super::units::{percent, three_digits};
use bench::analysis::break_even::{COUNTINGS, CallCosts};
use bench::analysis::overview::{Leader, RelativeColumn};
use bench::record::CaseFacts;
use bench::stats::{self, Point, ROUNDS_FOR_INTERVAL, Verdict};

/// The sentences; one that says that there is nothing where nothing was measured.
pub fn sentences(report: &RunReport, overall: &Overall) -> Vec<String> {
    let runs_wasm = |engine: &str| !report.is_baseline(engine);
    let short = [OverallQuantity::Jit, OverallQuantity::AotTotal, OverallQuantity::Compile];
    let short = short.iter().find_map(|quantity| {
        let column = overall.column(*quantity)?;
        Some((*quantity, column, Front::of(column, runs_wasm)?))
    });
    let call = overall.column(OverallQuantity::Call);
    let long = call.and_then(|column| Some((column, Front::of(column, runs_wasm)?)));
    let mut sentences = Vec::new();
    if let Some((quantity, column, front)) = &short {
        sentences.push(front.sentence(once(*quantity), first_cost(*quantity), None, column));
    }
    if let Some((column, front)) = &long {
        let words = "For work that calls the module again and again,";
        let beside = native(report, column, front.engine);
        sentences.push(front.sentence(words, "for a call", beside, column));
    }
    if let (Some((OverallQuantity::Jit, _, once)), Some((_, long))) = (&short, &long)
        && once.engine != long.engine
    {
        sentences.extend(overtaking(report, once.engine, long.engine));
    }
    if sentences.is_empty() {
        sentences.push("No time was measured that engines could be compared by.".to_owned());
    } else if report.rounds < ROUNDS_FOR_INTERVAL {
        let plural = if report.rounds == 1 { "" } else { "s" };
        sentences.push(format!(
            "That is from {} round{plural}: too few to test whether engines really differ.",
            report.rounds
        ));
    }
    sentences
}

fn once(quantity: OverallQuantity) -> &'static str {
    match quantity {
        OverallQuantity::Compile => "For compiling a module,",
        _ => "For a module that runs once,",
    }
}

fn first_cost(quantity: OverallQuantity) -> &'static str {
    match quantity {
        OverallQuantity::Compile => "to compile",
        _ => "to the first result",
    }
}

/// The fastest engine of a column, the next, and what may be said of them.
struct Front<'a> {
    engine: &'a str,
    next: Option<Leader<'a>>,
}

impl<'a> Front<'a> {
    fn of(column: &'a RelativeColumn, counts: impl Fn(&str) -> bool + Copy) -> Option<Front<'a>> {
        let engine = column.engines.iter().map(|one| one.engine.as_str()).find(|engine| counts(engine))?;
        Some(Front { engine, next: column.leader(counts) })
    }

    /// `words` begin the sentence, `cost` is what the next engine takes longer for, and `beside` is what else
    /// is known of the fastest.
    fn sentence(&self, words: &str, cost: &str, beside: Option<String>, column: &RelativeColumn) -> String {
        let beside = beside.unwrap_or_default();
        let engine = self.engine;
        let Some(Leader { next, verdict, .. }) = &self.next else {
            return format!("{words} {engine} is the only engine with a time{beside}.");
        };
        match verdict {
            Verdict::Faster { percent: by, low, high } => {
                let longer = longer(*by);
                let ends = if *by < LARGE_PERCENT {
                    format!("{} to {}", percent(*low), percent(*high))
                } else {
                    format!("{} to {}", times(*low), times(*high))
                };
                format!(
                    "{words} {engine} is fastest{beside}; {next}, the next, takes {longer} {cost} (95% interval {ends})."
                )
            }
            Verdict::TooFewRounds => {
                let longer = longer(behind(column, engine, next));
                format!(
                    "{words} {engine} had the lowest time{beside}; {next}, the next, took {longer} {cost}."
                )
            }
            Verdict::Equal { within, .. } => {
                format!("{words} {engine} and {next} are fastest, equal within {}{beside}.", percent(*within))
            }
            Verdict::NotResolved { .. } | Verdict::Slower { .. } => {
                format!("{words} {engine} and {next} are fastest, and are not told apart{beside}.")
            }
        }
    }
}

/// From how many percent on a difference is told as a factor.
const LARGE_PERCENT: f64 = 100.0;

/// How much longer something takes: `3.1% longer`, `15.8 times as long`.
fn longer(more: f64) -> String {
    if more < LARGE_PERCENT {
        format!("{} longer", percent(more))
    } else {
        format!("{} times as long", times(more))
    }
}

/// `more` percent more as a factor.
fn times(more: f64) -> String {
    three_digits(1.0 + more / 100.0)
}

/// How much more time `next` takes than `engine` in percent, without an interval.
fn behind(column: &RelativeColumn, engine: &str, next: &str) -> f64 {
    let ratio = |name: &str| column.engine(name).map_or(1.0, |one| one.ratio);
    100.0 * (ratio(next) / ratio(engine) - 1.0)
}

/// How `engine` compares with the faster native code.
fn native(report: &RunReport, column: &RelativeColumn, engine: &str) -> Option<String> {
    let fastest = column.engines.iter().find(|one| report.is_baseline(&one.engine))?;
    let both = [fastest.engine.as_str(), engine];
    let cases: Vec<CaseFacts> = column.cases.iter().map(|case| report.cases[*case].clone()).collect();
    let pair = RelativeColumn::of(
        &report.summary,
        &both,
        &cases,
        OverallQuantity::Call.source(),
        report.equal_within(),
    )?;
    let (ours, theirs) = (pair.engine(engine)?, pair.engine(&fastest.engine)?);
    let ratio = three_digits(ours.ratio / theirs.ratio);
    let interval = ours
        .interval
        .map(|one| format!(" (95% interval {} to {})", three_digits(one.low), three_digits(one.high)));
    Some(format!(", at {ratio} times native code{}", interval.unwrap_or_default()))
}

/// After how many calls `long` overtakes `once`, over the cases.
fn overtaking(report: &RunReport, once: &str, long: &str) -> Option<String> {
    let mut points: Vec<(f64, &str)> = Vec::new();
    let mut compared = 0;
    for case in &report.cases {
        let costs = |engine: &str| {
            CallCosts::of(&report.summary, &case.subject(engine), COUNTINGS[0], case.fresh_instance)
        };
        let Some((ours, theirs)) = costs(long).zip(costs(once)) else { continue };
        compared += 1;
        let tested = ours.break_even(&theirs);
        let calls = match tested.map(|found| found.point) {
            Some(Point::After { calls, .. }) => Some(calls),
            Some(_) => None,
            None => untested(&ours, &theirs),
        };
        points.extend(calls.map(|calls| (calls, case.sample.as_str())));
    }
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (first, last) = (points.first()?, points.last()?);
    let median = stats::median(&mut points.iter().map(|point| point.0).collect::<Vec<_>>())?;
    let words = grouped;
    if points.len() == 1 {
        return Some(format!("{long} overtakes {once} after {} calls on {}.", words(first.0), first.1));
    }
    Some(format!(
        "{long} overtakes {once} on {} of {compared} cases, after {} calls in the median ({} on {}, {} on {}).",
        points.len(),
        words(median),
        words(first.0),
        first.1,
        words(last.0),
        last.1
    ))
}

/// The point where the medians of two costs are the same, where the slower start has the cheaper call.
pub fn untested(slower: &CallCosts<'_>, faster: &CallCosts<'_>) -> Option<f64> {
    let lost = slower.start.estimate()?.value - faster.start.estimate()?.value;
    let gained = faster.further.estimate()?.value - slower.further.estimate()?.value;
    (lost > 0.0 && gained > 0.0).then(|| lost / gained)
}

/// A count with two significant digits from a hundred on, and thousands apart: `1,900`.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive count")]
pub fn grouped(count: f64) -> String {
    let count = count.max(1.0);
    let digits = count.log10().floor();
    let step = if digits >= 2.0 { 10_f64.powf(digits - 1.0) } else { 1.0 };
    let whole = ((count / step).round() * step) as u64;
    let text = whole.to_string();
    let mut grouped = String::new();
    for (place, digit) in text.chars().enumerate() {
        if place > 0 && (text.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_two_digits_that_mean_something_and_thousands_apart() {
        let shown = [0.4, 7.6, 42.0, 187.0, 1_934.0, 1_234_567.0].map(grouped);
        assert_eq!(shown, ["1", "8", "42", "190", "1,900", "1,200,000"]);
    }
}
