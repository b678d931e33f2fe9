//! The verdicts of a run as lines of text: for each compared phase and sample, the engines from fast
//! to slow, with the difference between neighbours.

use super::heading;
use super::model::RunReport;
use super::text;
use bench::analysis::Summary;
use bench::analysis::comparisons::EnginePair;
use bench::record::{CaseFacts, CellId};
use bench::stats::{ComparedPair, ComparisonGroup, Verdict};
use protocol::{Pass, Phase};
use std::collections::BTreeMap;

/// The rankings of every group, each under the group's name and noise floor; empty where there are too few
/// rounds for any verdict.
pub fn rankings(report: &RunReport, groups: &[ComparisonGroup<EnginePair>], width: usize) -> String {
    let mut lines = Vec::new();
    for group in groups.iter().filter(|group| group.pairs.iter().any(|pair| pair.comparison.is_some())) {
        let name = &group.name;
        let floor = match group.noise_floor_percent {
            Some(percent) => format!("the same engine twice differed by up to {percent:.1}%"),
            None => "no A/A control with enough rounds".to_owned(),
        };
        let machine = heading::machine(&report.run.machine);
        let title = format!("Ranking, {name} ({floor}; Holm's correction over this group; {machine})");
        lines.push(String::new());
        lines.extend(text::wrapped(&title, width, 2));
        let of_group = |case: &&CaseFacts| name.table == format!("{}, {}", case.variant, case.size);
        for case in report.cases.iter().filter(of_group) {
            let ranking = format!("{}: {}", case.sample, ranking(group, case, &report.summary));
            let wrapped = text::wrapped(&ranking, width.saturating_sub(2), 2);
            lines.extend(wrapped.into_iter().map(|line| format!("  {line}")));
        }
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// The engines of one sample from fast to slow: `a <12%< b ≈ c`.
fn ranking(group: &ComparisonGroup<EnginePair>, case: &CaseFacts, summary: &Summary) -> String {
    let ranked = ranked(group.name.phase, case, summary);
    let mut pairs: BTreeMap<(&str, &str), &ComparedPair<EnginePair>> = BTreeMap::new();
    for tested in group.pairs.iter().filter(|tested| tested.key.sample == case.sample) {
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
        Verdict::NotDistinguishable { .. } => return " ≈ ".to_owned(),
        Verdict::TooFewRounds => return " ? ".to_owned(),
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
        let alike = Verdict::NotDistinguishable { low: -1.0, high: 1.0 };
        assert_eq!(step(&tested("a", "b", alike), "a"), " ≈ ");
    }
}
