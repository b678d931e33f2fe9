//! The name of what a history is of: `SAMPLE[:VARIANT:SIZE]/ENGINE/PHASE`, as exports write it.

use bench::analysis::comparisons::COMPARED;
use bench::analysis::{CellSeries, Series};
use bench::plan::OWN;
use bench::record::{CaseFacts, CellId, EngineEntry};
use protocol::{Pass, Phase};
use std::fmt;
use std::str::FromStr;

/// A phase of an engine on a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryCell {
    /// The sample.
    pub sample: String,
    /// Its variant and size, where they are not the usual ones.
    pub case: Option<(String, String)>,
    /// The engine.
    pub engine: String,
    /// The phase or total.
    pub phase: Phase,
}

impl FromStr for HistoryCell {
    type Err = String;

    fn from_str(text: &str) -> Result<HistoryCell, String> {
        // A module of the user's own may be named with its folders.
        let mut parts = text.rsplitn(3, '/');
        let (phase, engine, case) = (parts.next(), parts.next(), parts.next());
        let (Some(phase), Some(engine), Some(case)) = (phase, engine, case) else {
            return Err("expected SAMPLE/ENGINE/PHASE, such as json/ENGINE/d-call-warm".to_owned());
        };
        let known = Phase::ALL.into_iter().find(|one| one.name() == phase);
        let phase = known.ok_or_else(|| {
            let usual: Vec<&str> = COMPARED.iter().map(|(_, phase)| phase.name()).collect();
            format!("there is no phase {phase}; most look at {}", usual.join(", "))
        })?;
        let words: Vec<&str> = case.split(':').collect();
        let (sample, case) = match words.as_slice() {
            [sample] => (*sample, None),
            [sample, variant, size] => (*sample, Some(((*variant).to_owned(), (*size).to_owned()))),
            _ => return Err("expected SAMPLE or SAMPLE:VARIANT:SIZE before the engine".to_owned()),
        };
        Ok(HistoryCell { sample: sample.to_owned(), case, engine: engine.to_owned(), phase })
    }
}

impl fmt::Display for HistoryCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.case {
            Some((variant, size)) => write!(f, "{}:{variant}:{size}", self.sample)?,
            None => f.write_str(&self.sample)?,
        }
        write!(f, "/{}/{}", self.engine, self.phase)
    }
}

impl HistoryCell {
    /// Whether `case` is the one that is meant.
    pub fn is_on(&self, case: &CaseFacts) -> bool {
        let usual = [("stripped", "small"), (OWN, OWN)];
        case.sample == self.sample
            && match &self.case {
                Some((variant, size)) => (&case.variant, &case.size) == (variant, size),
                None => usual.contains(&(case.variant.as_str(), case.size.as_str())),
            }
    }

    /// The cell of `engine` on `case`.
    pub fn id(engine: &str, case: &CaseFacts) -> CellId {
        case.cell(engine, EngineEntry::Subject)
    }

    /// The times of the phase in `cell`, by the pass that is usually read.
    pub fn series<'a>(&self, cell: &'a CellSeries) -> Option<&'a Series> {
        let usual = COMPARED.iter().filter(|(_, phase)| *phase == self.phase).map(|(pass, _)| *pass);
        usual.chain(Pass::ALL).find_map(|pass| cell.wall(pass, self.phase))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_written_as_exports_write_it() {
        for text in ["sha256/engine-a/d-call-warm", "a/b/engine/jit", "nop:oz:medium/e@new:opt=2/ab-compile"]
        {
            assert_eq!(text.parse::<HistoryCell>().unwrap().to_string(), text);
        }
        assert_eq!("a/b/engine/jit".parse::<HistoryCell>().unwrap().sample, "a/b");
        for (wrong, reason) in [
            ("nop/engine", "SAMPLE/ENGINE/PHASE"),
            ("nop/engine/calls", "d-call-warm"),
            ("nop:oz/e/jit", "SIZE"),
        ] {
            assert!(wrong.parse::<HistoryCell>().unwrap_err().contains(reason), "{wrong}");
        }
    }
}
