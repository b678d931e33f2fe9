//! `--phases`: what is measured, in words, and the passes that read it.

use clap::ValueEnum;
use protocol::Pass;

/// A part of what a run measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PhaseChoice {
    /// a, validation alone
    Parse,
    /// a+b, and the JIT total that it belongs to
    Compile,
    /// a+b and b', and the AOT compile total
    Save,
    /// c', and the AOT execute total
    Load,
    /// c, warm
    Instantiate,
    /// d, warm
    Call,
    /// The totals of fresh processes
    Cold,
}

impl PhaseChoice {
    fn passes(self) -> &'static [Pass] {
        match self {
            PhaseChoice::Parse => &[Pass::Parse],
            PhaseChoice::Compile => &[Pass::Jit],
            PhaseChoice::Save => &[Pass::Aot],
            PhaseChoice::Load => &[Pass::Run, Pass::Load],
            PhaseChoice::Instantiate => &[Pass::WarmInstantiate],
            PhaseChoice::Call => &[Pass::WarmCall],
            PhaseChoice::Cold => &[Pass::ColdJit, Pass::ColdRun],
        }
    }
}

/// Those of `passes` that read one of `chosen`.
pub fn among(passes: &[Pass], chosen: &[PhaseChoice]) -> Vec<Pass> {
    let is_chosen = |pass: &Pass| chosen.iter().any(|choice| choice.passes().contains(pass));
    passes.iter().copied().filter(is_chosen).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bench::plan::Effort;

    #[test]
    fn every_pass_of_a_full_run_can_be_asked_for_by_one_name() {
        for pass in Effort::full().passes {
            let names = PhaseChoice::value_variants().iter().filter(|choice| choice.passes().contains(&pass));
            assert_eq!(names.count(), 1, "{pass:?}");
        }
    }

    #[test]
    fn what_is_not_asked_for_is_not_measured() {
        let all = Effort::full().passes;
        assert_eq!(among(&all, PhaseChoice::value_variants()), all);
        assert_eq!(among(&all, &[PhaseChoice::Call, PhaseChoice::Compile]), [Pass::Jit, Pass::WarmCall]);
    }
}
