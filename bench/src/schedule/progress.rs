//! The progress of a run, to be shown by the caller.

/// The progress of a run.
#[derive(Clone, Debug)]
pub struct RunProgress<'a> {
    /// The round, from 1; 0 is the survey.
    pub round: u32,
    /// Work done in this stage: batches in the survey, nanoseconds in the rounds.
    pub done: u64,
    /// Work of this stage in all; rounds may end before it.
    pub total: u64,
    /// What is going on: the sample that is being measured, or what is waited for.
    pub doing: &'a str,
}
