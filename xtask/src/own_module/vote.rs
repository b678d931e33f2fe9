//! The vote of the runtimes on the result of a module: the majority result becomes the expected one, and
//! a note says how many engines it comes from.

use super::fared::Said;
use std::collections::{BTreeMap, BTreeSet};

/// The result of an engine.
#[derive(Clone, Debug, PartialEq)]
pub struct Ballot {
    /// The engine's name.
    pub engine: String,
    /// Its runtime's: engines of one runtime share most of their code, and so their faults.
    pub runtime: String,
    /// Its result.
    pub said: Said,
}

/// The engines that have one result.
#[derive(Clone, Debug, PartialEq)]
pub struct Camp {
    /// The result, in the words of the first of them.
    pub said: Said,
    /// Their names.
    pub engines: Vec<String>,
    /// The runtimes whose vote it has.
    runtimes: usize,
}

/// The engines' results, equal ones together.
#[derive(Clone, Debug, PartialEq)]
pub struct Vote {
    /// The result of most of the runtimes.
    pub reference: Said,
    /// The engines that have this result.
    pub by: Vec<String>,
    /// The runtimes that they are of, those aside that have another result on more of their engines.
    runtimes: usize,
    /// The other results.
    pub odd: Vec<Camp>,
}

impl Vote {
    /// Counts `ballots`, one vote for each runtime; `None` without any. A call that ended in a result comes
    /// before one that trapped, and that before one that did not end. In a tie the first in the list is taken.
    pub fn of(ballots: &[Ballot]) -> Option<Vote> {
        let mut camps: Vec<Camp> = Vec::new();
        for Ballot { engine, said, .. } in ballots {
            match camps.iter_mut().find(|camp| camp.said.agrees_with(said)) {
                Some(camp) => camp.engines.push(engine.clone()),
                None => {
                    camps.push(Camp { said: said.clone(), engines: vec![engine.clone()], runtimes: 0 });
                }
            }
        }
        for (_, mine) in engines_by_runtime(ballots) {
            let size = |camp: &Camp| camp.engines.iter().filter(|engine| mine.contains(engine)).count();
            // Of equals, `max_by_key` takes the last.
            if let Some(camp) = camps.iter_mut().rev().max_by_key(|camp| size(camp)) {
                camp.runtimes += 1;
            }
        }
        let weight = |camp: &Camp| (camp.said.worth(), camp.runtimes, camp.engines.len());
        let (place, _) = camps.iter().enumerate().rev().max_by_key(|(_, camp)| weight(camp))?;
        let Camp { said, engines, runtimes } = camps.remove(place);
        Some(Vote { reference: said, by: engines, runtimes, odd: camps })
    }

    /// The reference and the engines that it comes from, in a sentence.
    pub fn describe(&self) -> String {
        let (reference, by) = (&self.reference, self.by.join(", "));
        let rivals = || self.odd.iter().filter(|camp| camp.said.worth() == reference.worth());
        let most = rivals().map(|camp| camp.runtimes).max();
        let rests = match (self.by.len(), most) {
            (1, None) if self.odd.is_empty() => {
                format!("the result of {by} alone; no other engine confirms it")
            }
            (count, None) if self.odd.is_empty() => format!("all {count} engines agree ({by})"),
            (_, None) => format!("the result of {by}; the others have none"),
            (_, Some(most)) if most == self.runtimes => format!(
                "no majority of runtimes; the result of {by} is used, {}; check it yourself",
                self.why_first(rivals().map(|camp| camp.engines.len()).max().unwrap_or(0))
            ),
            (_, Some(_)) => format!("the majority result ({by})"),
        };
        let odd = self.odd.iter().map(|Camp { said, engines, .. }| {
            format!("; different: {}: {said}{}", engines.join(", "), said.kept().unwrap_or_default())
        });
        format!("{reference}: {rests}{}", odd.collect::<String>())
    }

    /// How a tie of runtimes was decided, where the largest rival has `engines`.
    fn why_first(&self, engines: usize) -> &'static str {
        if self.by.len() > engines { "which more of the engines have" } else { "the first in the list" }
    }
}

fn engines_by_runtime(ballots: &[Ballot]) -> BTreeMap<&str, BTreeSet<&String>> {
    let mut runtimes: BTreeMap<&str, BTreeSet<&String>> = BTreeMap::new();
    for Ballot { engine, runtime, .. } in ballots {
        runtimes.entry(runtime).or_default().insert(engine);
    }
    runtimes
}

#[cfg(test)]
mod tests {
    use super::super::fared::{Output, Printed};
    use super::*;
    use protocol::{Outcome, Value};

    fn ended(result: i32) -> Said {
        Said::Ended(Outcome::One(Value::I32(result)), None)
    }

    /// The vote of engines, each of a runtime that its name begins with.
    fn vote(votes: &[(&str, Said)]) -> Vote {
        let ballot = |(name, said): &(&str, Said)| Ballot {
            engine: (*name).to_owned(),
            runtime: name.split('-').next().unwrap_or_default().to_owned(),
            said: said.clone(),
        };
        Vote::of(&votes.iter().map(ballot).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn the_majority_result_is_expected_and_the_others_are_named() {
        let found = vote(&[("odd", ended(6)), ("a", ended(5)), ("b", ended(5))]);
        assert_eq!((&found.reference, found.by.join(" ").as_str()), (&ended(5), "a b"));
        assert_eq!(found.describe(), "5: the majority result (a, b); different: odd: 6");
    }

    #[test]
    fn all_alike_and_one_alone_are_told_apart() {
        assert_eq!(vote(&[("a", ended(5)), ("b", ended(5))]).describe(), "5: all 2 engines agree (a, b)");
        let alone = vote(&[("a", ended(5))]).describe();
        assert_eq!(alone, "5: the result of a alone; no other engine confirms it");
    }

    #[test]
    fn a_runtime_has_one_vote_however_many_engines_it_has() {
        let found = vote(&[
            ("many-1", ended(0)),
            ("many-2", ended(0)),
            ("many-3", ended(0)),
            ("a", ended(256)),
            ("b", ended(256)),
        ]);
        assert_eq!((&found.reference, found.by.join(" ").as_str()), (&ended(256), "a b"));
        assert!(found.describe().starts_with("256: the majority result (a, b); different: many-1"));
        // Where a runtime is at odds with itself, most of its engines speak for it.
        let found = vote(&[("a-1", ended(1)), ("a-2", ended(2)), ("a-3", ended(2)), ("b", ended(2))]);
        assert_eq!((&found.reference, found.odd.len()), (&ended(2), 1));
    }

    #[test]
    fn a_result_beats_any_number_of_traps_and_a_trap_what_does_not_end() {
        let trap = Said::Trapped("unreachable".to_owned());
        let hang = Said::NeverEnded(std::time::Duration::from_secs(10));
        let found = vote(&[("a", trap.clone()), ("b", trap.clone()), ("c", ended(5)), ("d", hang.clone())]);
        assert_eq!(found.reference, ended(5));
        assert!(found.describe().starts_with("5: the result of c; the others have none; different: a, b:"));
        let found = vote(&[("a", hang.clone()), ("b", hang), ("c", trap)]);
        assert_eq!(found.by, ["c"]);
    }

    #[test]
    fn a_tie_goes_to_more_engines_and_then_to_the_first_and_is_said() {
        let text = vote(&[("a", ended(1)), ("b", ended(2))]).describe();
        assert_eq!(
            text,
            "1: no majority of runtimes; the result of a is used, the first in the list; check it yourself; \
             different: b: 2"
        );
        let text = vote(&[("a", ended(1)), ("b-1", ended(2)), ("b-2", ended(2))]).describe();
        assert!(text.starts_with("2: no majority of runtimes; the result of b-1, b-2 is used, which more"));
        // The words of traps differ from engine to engine, the trap does not.
        let trap = |words: &str| Said::Trapped(words.to_owned());
        assert_eq!(vote(&[("a", trap("unreachable")), ("b", trap("wasm trap"))]).by, ["a", "b"]);
    }

    #[test]
    fn commands_that_print_differently_disagree_and_standard_error_is_not_compared() {
        let printed = |stdout: &str, stderr: &str| {
            let printed = |sha256: &str| Printed { file: "x".into(), bytes: 2, sha256: sha256.to_owned() };
            Said::Ended(Outcome::Exit(0), Some(Output { stdout: printed(stdout), stderr: printed(stderr) }))
        };
        let found = vote(&[("a", printed("1", "1")), ("b", printed("2", "1")), ("c", printed("1", "2"))]);
        assert_eq!(
            found.describe(),
            "exit code 0, 2 bytes printed, 2 bytes on standard error: the majority result (a, c); different: b: exit \
             code 0, 2 bytes printed, 2 bytes on standard error (x)"
        );
    }
}
