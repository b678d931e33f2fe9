//! What of a module's behaviour is the same each time: its result and output in a fresh instance, and its
//! result on an instance that has been called before. What is not is not expected, and chooses how warm
//! calls are made.

use super::fared::Said;
use super::trial::Trial;
use super::vote::Ballot;
use bench::plan::Case;
use protocol::Entry;

/// Which instances warm calls are made on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Instances {
    /// One for each batch, if trials show that it bears that many calls; else one for each call.
    #[default]
    AsFound,
    /// One for each call.
    Fresh,
    /// One for each batch, whatever trials show.
    Same,
}

/// Whether two runs on every engine end and print the same.
pub struct Steady {
    /// The result.
    pub outcome: bool,
    /// What is printed.
    pub output: bool,
    errors: bool,
}

impl Steady {
    /// What `trials` show.
    pub fn of(trials: &[Trial]) -> Steady {
        Steady {
            outcome: trials.iter().all(|trial| trial.outcome_is_steady),
            output: trials.iter().all(|trial| trial.output_is_steady),
            errors: trials.iter().all(|trial| trial.errors_are_steady),
        }
    }

    /// Removes from the ballots what differs from run to run, so that it is not compared.
    pub fn overlook(&self, ballots: &mut [Ballot]) {
        let first = ballots.iter().find_map(|ballot| match &ballot.said {
            Said::Ended(outcome, _) => Some(outcome.clone()),
            _ => None,
        });
        for ballot in ballots {
            if let Said::Ended(outcome, output) = &mut ballot.said {
                if let (false, Some(output)) = (self.output, output) {
                    output.stdout.sha256.clear();
                }
                if let (false, Some(first)) = (self.outcome, &first) {
                    *outcome = first.clone();
                }
            }
        }
    }

    /// What is not compared, a line each.
    pub fn notes(&self, case: &Case) -> Vec<String> {
        let name = &case.sample;
        let differs = |what: &str| format!("{name}: its {what} differs from run to run and is not compared");
        let outcome = (!self.outcome && case.expected.is_none()).then(|| match case.entry {
            Entry::Command { .. } => differs("exit code"),
            Entry::Export { .. } => {
                format!("{name}: its result differs from call to call, so none is expected")
            }
        });
        let output = (!self.output && case.expected_stdout.is_none()).then(|| differs("output"));
        let errors = (!self.errors && case.expected_stderr.is_none()).then(|| differs("standard error"));
        outcome.into_iter().chain(output).chain(errors).collect()
    }
}

/// Chooses the instances of warm calls of `case`; gives a note about it where that is not the usual way.
pub fn choose_instances(case: &mut Case, trials: &[Trial], asked: Instances) -> Option<String> {
    if matches!(case.entry, Entry::Command { .. }) {
        return None;
    }
    let name = case.sample.clone();
    let worn = trials.iter().find_map(|trial| Some((&trial.engine, trial.wears_out.as_ref()?)));
    let changing = trials.iter().find(|trial| !trial.outcome_is_steady);
    let why = match (asked, worn, changing) {
        (Instances::Fresh, ..) => "--fresh-instance was set".to_owned(),
        (Instances::Same, ..) => {
            return Some(format!(
                "{name}: --same-instance was set: one instance for each batch of warm calls"
            ));
        }
        (_, Some((engine, words)), _) => {
            format!("one instance does not give the same result again and again (on {engine}: {words})")
        }
        (_, None, Some(_)) => "its result differs from call to call".to_owned(),
        (Instances::AsFound, None, None) => return None,
    };
    case.fresh_instance = true;
    Some(format!("{name}: {why}, so each warm call has a fresh instance"))
}

#[cfg(test)]
mod tests {
    use super::super::fared::Fared;
    use super::*;
    use protocol::{Outcome, Value};

    fn trial(engine: &str, wears_out: Option<&str>, is_steady: bool) -> Trial {
        Trial {
            engine: engine.to_owned(),
            fared: Fared::Said(Said::Ended(Outcome::One(Value::I32(1)), None)),
            outcome_is_steady: is_steady,
            output_is_steady: true,
            errors_are_steady: true,
            wears_out: wears_out.map(str::to_owned),
        }
    }

    fn chosen(trials: &[Trial], asked: Instances) -> (bool, Option<String>) {
        let entry = Entry::Export { name: "f".to_owned(), args: Vec::new() };
        let mut case = Case::own("m", std::path::Path::new("/none"), entry);
        let note = choose_instances(&mut case, trials, asked);
        (case.fresh_instance, note)
    }

    #[test]
    fn an_instance_that_wears_out_on_one_engine_is_fresh_on_all() {
        let sound = trial("a", None, true);
        assert_eq!(chosen(std::slice::from_ref(&sound), Instances::AsFound), (false, None));
        let (fresh, note) = chosen(&[sound, trial("b", Some("a trap"), true)], Instances::AsFound);
        assert!(fresh);
        assert_eq!(
            note.unwrap(),
            "m: one instance does not give the same result again and again (on b: a trap), so each warm call has a \
             fresh instance"
        );
    }

    #[test]
    fn a_clock_has_fresh_instances_and_the_user_has_the_last_word() {
        let clock = [trial("a", None, false)];
        assert!(chosen(&clock, Instances::AsFound).0);
        assert!(!chosen(&[trial("a", Some("a trap"), true)], Instances::Same).0);
        assert!(chosen(&[trial("a", None, true)], Instances::Fresh).0);
    }
}
