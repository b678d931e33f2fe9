//! Engines that were outvoted: their cells fail, unless the engine says by itself that its WASI differs in
//! what the module asks for. Then the result is no fault, and the cell is unsupported.

use super::fared::Said;
use super::vote::Vote;
use bench::plan::{Case, EngineSpec};
use protocol::{Difference, Outcome};

/// The WASI function that ends a program.
const EXIT: &str = "proc_exit";
/// The greatest error number of WASI preview 1. What a call answers can become an exit code only as one of
/// these: a panic's 101, or an abort's 134, is a result.
const LAST_ERROR: i32 = 76;

/// Has the cells of the outvoted engines fail, or excuses them; gives a note for each that is excused.
/// `functions` are the WASI functions that the module imports.
pub fn fail_or_excuse(
    case: &mut Case,
    functions: &[String],
    vote: &Vote,
    engines: &[EngineSpec],
) -> Vec<String> {
    let mut notes = Vec::new();
    for camp in &vote.odd {
        for engine in &camp.engines {
            let reason = format!("{}, where {} is expected", camp.said, vote.reference);
            let spec = engines.iter().find(|spec| spec.name == *engine);
            let differences = spec.map_or(&[][..], |spec| spec.hello.differences.as_slice());
            match excuse(differences, functions, &camp.said, &vote.reference) {
                Some(words) => {
                    notes.push(format!(
                        "{}: {engine} is not measured: a difference of environment, not of the result: {words}",
                        case.sample
                    ));
                    let reason = format!("{reason}: its environment differs: {words}");
                    case.uncallable.insert(engine.clone(), reason);
                }
                None => drop(case.failing.insert(engine.clone(), reason)),
            }
        }
    }
    notes
}

/// What of an engine's `differences` explains that it `said` another exit code than the `reference`.
fn excuse<'a>(
    differences: &'a [Difference],
    functions: &[String],
    said: &Said,
    reference: &Said,
) -> Option<&'a str> {
    let (Said::Ended(Outcome::Exit(code), _), Said::Ended(Outcome::Exit(expected), _)) = (said, reference)
    else {
        return None;
    };
    let explains = |difference: &&Difference| {
        let used = |name: &String| functions.contains(name);
        // An exit code can be cut, and not become any other.
        let is_cut = || code != expected && code.rem_euclid(256) == expected.rem_euclid(256);
        let is_error = |code: &i32| (0..=LAST_ERROR).contains(code);
        let is_handed_on = || code != expected && is_error(code) && is_error(expected);
        let may_be = |name: &String| if name == EXIT { is_cut() } else { is_handed_on() };
        difference.functions.iter().any(|name| used(name) && may_be(name))
    };
    differences.iter().find(explains).map(|difference| difference.words.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excused(function: &str, code: i32, expected: i32) -> bool {
        let difference = Difference { functions: vec![function.to_owned()], words: "it differs".to_owned() };
        let said = |code| Said::Ended(Outcome::Exit(code), None);
        excuse(&[difference], &[function.to_owned()], &said(code), &said(expected)).is_some()
    }

    #[test]
    fn a_cut_exit_code_is_a_difference_and_another_one_is_a_wrong_result() {
        assert!(excused(EXIT, 0, 256) && !excused(EXIT, 1, 256) && !excused(EXIT, 0, 0));
    }

    #[test]
    fn a_function_that_differs_explains_another_exit_code_and_no_trap() {
        assert!(excused("fd_prestat_get", 0, 8) && !excused("fd_prestat_get", 8, 8));
        assert!(!excused("fd_prestat_get", 101, 0) && !excused("fd_prestat_get", 0, 134));
        let difference = Difference { functions: vec!["fd_prestat_get".to_owned()], words: String::new() };
        let functions = ["fd_prestat_get".to_owned()];
        let eight = Said::Ended(Outcome::Exit(8), None);
        let trap = Said::Trapped("unreachable".to_owned());
        assert!(excuse(&[difference], &functions, &trap, &eight).is_none());
    }
}
