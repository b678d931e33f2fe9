//! The verdicts of a run as lines of text: for each compared phase and sample, the engines from fast
//! to slow, with the difference between neighbours.

use super::heading;
use super::model::RunReport;
use super::text;
use bench::analysis::Summary;
use bench::analysis::comparisons::EnginePair;
use bench::record::{CaseFacts, CellId};
use bench::stats::{ComparedPair, ComparisonGroup, GroupName, Verdict};
use protocol::{Pass, Phase};
use std::collections::BTreeMap;

/// The rankings of every table and phase, each under its name; empty where there are too few rounds for any
/// verdict.
pub fn rankings(report: &RunReport, groups: &[ComparisonGroup<EnginePair>], width: usize) -> String {
    let tested =
        |group: &&ComparisonGroup<EnginePair>| group.pairs.iter().any(|pair| pair.comparison.is_some());
    let tested: Vec<&ComparisonGroup<EnginePair>> = groups.iter().filter(tested).collect();
    let mut lines = Vec::new();
    for of_phase in tested.chunk_by(|one, next| is_one_table(&one.name, &next.name)) {
        let GroupName { table, phase, .. } = &of_phase[0].name;
        let machine = heading::machines(&report.run);
        let equal = 100.0 * report.equal_within();
        let title = format!(
            "Ranking, {table}: {phase} (≈ equal within {equal}%, ? not resolved; Holm's correction over the pairs \
             of each sample; {machine})"
        );
        lines.push(String::new());
        lines.extend(text::wrapped(&title, width, 2));
        for case in report.cases.iter().filter(|case| *table == format!("{}, {}", case.variant, case.size)) {
            let of_sample =
                |group: &&&ComparisonGroup<EnginePair>| group.name.sample == Some(case.sample.clone());
            let Some(group) = of_phase.iter().find(of_sample) else { continue };
            let floor = group
                .noise_floor_percent
                .map(|percent| format!(" (the same engine twice: {percent:.1}%)"))
                .unwrap_or_default();
            let ranking = format!("{}: {}{floor}", case.sample, ranking(group, case, &report.summary));
            let wrapped = text::wrapped(&ranking, width.saturating_sub(2), 2);
            lines.extend(wrapped.into_iter().map(|line| format!("  {line}")));
        }
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn is_one_table(one: &GroupName, next: &GroupName) -> bool {
    (&one.table, one.phase) == (&next.table, next.phase)
}

/// The engines of one sample from fast to slow: `a <12%< b ≈ c`.
fn ranking(group: &ComparisonGroup<EnginePair>, case: &CaseFacts, summary: &Summary) -> String {
    let ranked = ranked(group.name.phase, case, summary);
    let mut pairs: BTreeMap<(&str, &str), &ComparedPair<EnginePair>> = BTreeMap::new();
    for tested in &group.pairs {
        pairs.insert((&tested.key.engine, &tested.key.other), tested);
    }
    let mut text = String::new();
    for (place, engine) in ranked.iter().enumerate() {
        if place > 0 {
            let before = ranked[place - 1].as_str();
            let known = pairs.get(&(before, engine)).or_else(|| pairs.get(&(engine, before)));
            text.push_str(&known.map_or(" ? ".to_owned(), |tested| step(tested, before)));
        }
        text.push_str(engine);
    }
    text
}

/// The sign between an engine and the one `before` it. The order is that of the values; the paired
/// ratio may have the opposite direction.
fn step(tested: &ComparedPair<EnginePair>, before: &str) -> String {
    let (sign, low, high) = match tested.verdict {
        Verdict::Faster { low, high, .. } => (if tested.key.engine == before { '<' } else { '>' }, low, high),
        Verdict::Slower { low, high, .. } => (if tested.key.engine == before { '>' } else { '<' }, low, high),
        Verdict::Equal { .. } => return " ≈ ".to_owned(),
        Verdict::NotResolved { .. } | Verdict::TooFewRounds => return " ? ".to_owned(),
    };
    // A line ends before or after it, not within.
    let words = format!("{sign} by {low:.1} to {high:.1}% {sign}").replace(' ', &text::UNBROKEN.to_string());
    format!(" {words} ")
}

/// The engines that have a time, fastest first.
fn ranked(phase: Phase, case: &CaseFacts, summary: &Summary) -> Vec<String> {
    let pass = match phase {
        Phase::Jit => Pass::Jit,
        Phase::AotCompile => Pass::Aot,
        Phase::AotExecute => Pass::Run,
        Phase::CInstantiateWarm => Pass::WarmInstantiate,
        _ => Pass::WarmCall,
    };
    let of_case = |cell: &&CellId| *cell == &case.cell(&cell.engine, cell.entry);
    let mut times: Vec<(f64, String)> = summary
        .cells()
        .filter(of_case)
        .filter(|cell| cell.is_subject() && cell.engine != bench::machine::CALIBRATION)
        .filter_map(|cell| {
            let estimate = summary.cell(cell)?.wall(pass, phase)?.estimate()?;
            Some((estimate.value, cell.engine.clone()))
        })
        .collect();
    times.sort_by(|a, b| a.0.total_cmp(&b.0));
    times.into_iter().map(|(_, engine)| engine).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tested(engine: &str, other: &str, verdict: Verdict) -> ComparedPair<EnginePair> {
        let key = EnginePair { sample: "s".into(), engine: engine.into(), other: other.into() };
        ComparedPair { key, comparison: None, adjusted_p: None, verdict }
    }

    #[test]
    fn a_step_says_which_of_the_two_is_faster_whatever_their_order() {
        let plain = |step: String| step.replace(text::UNBROKEN, " ");
        let faster = Verdict::Faster { percent: 4.0, low: 3.0, high: 5.0 };
        let slower = Verdict::Slower { percent: 4.0, low: 3.0, high: 5.0 };
        assert_eq!(plain(step(&tested("a", "b", faster), "a")), " < by 3.0 to 5.0% < ");
        assert_eq!(plain(step(&tested("a", "b", faster), "b")), " > by 3.0 to 5.0% > ");
        assert_eq!(plain(step(&tested("a", "b", slower), "a")), " > by 3.0 to 5.0% > ");
        assert_eq!(plain(step(&tested("a", "b", slower), "b")), " < by 3.0 to 5.0% < ");
        let equal = Verdict::Equal { within: 2.0, low: -1.0, high: 1.0 };
        assert_eq!(step(&tested("a", "b", equal), "a"), " ≈ ");
        let open = Verdict::NotResolved { low: -3.0, high: 1.0, more_rounds: None };
        assert_eq!(step(&tested("a", "b", open), "a"), " ? ");
    }
}
