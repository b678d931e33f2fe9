//! The overview's columns, on made-up times.

use super::*;
use crate::record::Reading;

/// Warm calls of `engine` on `sample`, one a round.
fn calls(
    engine: &str,
    entry: EngineEntry,
    sample: &str,
    rounds: u32,
    ns: impl Fn(u32) -> f64,
) -> Vec<Reading> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the values are in range")]
    let reading = |round| Reading {
        round,
        process: round,
        engine: engine.into(),
        entry,
        sample: sample.into(),
        variant: "stripped".into(),
        size: "small".into(),
        pass: Pass::WarmCall,
        phase: Phase::DCallWarm,
        cycle: 0,
        iteration: 0,
        cold: false,
        calls: 1,
        wall_ns: ns(round).round() as u64,
        cpu_ns: None,
    };
    (1..=rounds).map(reading).collect()
}

fn cases(samples: &[&str]) -> Vec<CaseFacts> {
    let case = |sample: &&str| CaseFacts {
        sample: (*sample).into(),
        variant: "stripped".into(),
        size: "small".into(),
        group: "core".into(),
        fresh_instance: false,
        machine: 1,
    };
    samples.iter().map(case).collect()
}

fn column(readings: &[Reading], engines: &[&str], samples: &[&str]) -> Option<RelativeColumn> {
    RelativeColumn::of(&Summary::of(readings), engines, &cases(samples), COLUMNS[3], 0.02)
}

/// What differs from round to round, by up to a percent, differently for each engine.
fn wobble(engine: usize, round: u32) -> f64 {
    1.0 + 0.01 * (f64::from(round * 7 % 5) - 2.0) * if engine == 0 { 0.5 } else { -0.5 }
}

#[test]
fn the_ratio_is_the_geometric_mean_over_the_cases() {
    // b takes twice and eight times as long as a: four times.
    let readings = [
        calls("a", EngineEntry::Subject, "one", 3, |_| 1e6),
        calls("a", EngineEntry::Subject, "two", 3, |_| 1e6),
        calls("b", EngineEntry::Subject, "one", 3, |_| 2e6),
        calls("b", EngineEntry::Subject, "two", 3, |_| 8e6),
    ]
    .concat();
    let column = column(&readings, &["b", "a"], &["one", "two"]).unwrap();
    assert_eq!(column.cases, [0, 1]);
    assert_eq!(column.engines[0], RelativeTime { engine: "a".into(), ratio: 1.0, interval: None });
    let b = column.engine("b").unwrap();
    assert!((b.ratio - 4.0).abs() < 1e-9 && b.interval.is_none(), "{b:?}");
    let leader = column.leader(|_| true).unwrap();
    assert_eq!((leader.engine, leader.next, leader.verdict), ("a", "b", Verdict::TooFewRounds));
}

#[test]
fn ten_rounds_give_an_interval_and_a_verdict() {
    let of = |engine: &str, place, ns: f64| {
        let call =
            |sample| calls(engine, EngineEntry::Subject, sample, 10, |round| ns * wobble(place, round));
        [call("one"), call("two")].concat()
    };
    let control = |sample| calls("a", EngineEntry::Control, sample, 10, |round| 1e6 * wobble(0, round));
    let readings =
        [of("a", 0, 1e6), of("b", 1, 1.5e6), of("c", 1, 1.0005e6), control("one"), control("two")].concat();
    let column = column(&readings, &["a", "b", "c"], &["one", "two"]).unwrap();
    let b = column.engine("b").unwrap();
    let interval = b.interval.unwrap();
    assert!(interval.low < 1.5 && 1.5 < interval.high && interval.high < 1.53, "{b:?}");
    assert_eq!(column.pairs.noise_floor_percent, Some(0.0));
    let verdict = |one: &str, two: &str| column.verdict(one, two).unwrap();
    assert!(matches!(verdict("a", "b"), Verdict::Faster { .. }));
    assert!(matches!(verdict("b", "a"), Verdict::Slower { .. }));
    assert!(matches!(verdict("a", "c"), Verdict::Equal { .. }));
    // Without the two fastest, one engine is left, which leads nobody.
    assert_eq!(column.leader(|engine| engine == "b"), None);
}

#[test]
fn only_rounds_that_every_case_has_count() {
    // The second case has four rounds more, in which the machine was another.
    let readings = [
        calls("a", EngineEntry::Subject, "one", 10, |_| 1e6),
        calls("b", EngineEntry::Subject, "one", 10, |_| 2e6),
        calls("a", EngineEntry::Subject, "two", 14, |_| 1e6),
        calls("b", EngineEntry::Subject, "two", 14, |round| if round > 10 { 9e6 } else { 2e6 }),
    ]
    .concat();
    let column = column(&readings, &["a", "b"], &["one", "two"]).unwrap();
    assert!((column.engine("b").unwrap().ratio - 2.0).abs() < 1e-9);
}

#[test]
fn an_engine_without_the_phase_takes_no_part_and_leaves_the_others_their_cases() {
    let readings = [
        calls("a", EngineEntry::Subject, "one", 3, |_| 1e6),
        calls("b", EngineEntry::Subject, "one", 3, |_| 3e6),
    ]
    .concat();
    let found = column(&readings, &["a", "b", "without"], &["one"]).unwrap();
    assert!(found.engine("without").is_none() && found.engine("b").is_some());
    assert_eq!(column(&[], &["a", "b"], &["one"]), None);
    let alone = column(&readings, &["b"], &["one"]).unwrap();
    assert_eq!((alone.engines[0].ratio, alone.leader(|_| true)), (1.0, None));
}

#[test]
fn an_empty_call_does_not_count_unless_there_is_no_other() {
    let readings = [
        calls("a", EngineEntry::Subject, "nop", 3, |_| 2.0),
        calls("b", EngineEntry::Subject, "nop", 3, |_| 4e3),
        calls("a", EngineEntry::Subject, "one", 3, |_| 1e6),
        calls("b", EngineEntry::Subject, "one", 3, |_| 3e6),
    ]
    .concat();
    let both = column(&readings, &["a", "b"], &["nop", "one"]).unwrap();
    assert_eq!((both.cases, both.too_short), (vec![1], vec![0]));
    assert!((both.engines[1].ratio - 3.0).abs() < 1e-9);
    let alone = column(&readings, &["a", "b"], &["nop"]).unwrap();
    assert_eq!((alone.cases, alone.too_short), (vec![0], vec![]));
}

#[test]
fn engines_that_compile_in_different_passes_are_compared_nevertheless() {
    let compile = |engine: &str, pass, ns: f64| -> Vec<Reading> {
        let calls = calls(engine, EngineEntry::Subject, "one", 3, |_| ns);
        calls.into_iter().map(|call| Reading { pass, phase: Phase::AbCompile, ..call }).collect()
    };
    let readings = [compile("jit", Pass::Jit, 1e6), compile("aot", Pass::Aot, 5e6)].concat();
    let column =
        RelativeColumn::of(&Summary::of(&readings), &["jit", "aot"], &cases(&["one"]), COLUMNS[0], 0.02);
    assert!((column.unwrap().engine("aot").unwrap().ratio - 5.0).abs() < 1e-9);
}
