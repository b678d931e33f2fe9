//! The value of `--shard`: a share of the cases, or `auto` where the scheduler of many machines says which.

use super::values::wrong_value;
use bench::plan::Shard;
use std::str::FromStr;

/// The index of this machine, from 0, and how many there are: set by the workflow.
const INDEX: &str = "WASM_PHASES_SHARD_INDEX";
const COUNT: &str = "WASM_PHASES_SHARD_COUNT";

/// Which share of the cases is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShardChoice {
    /// The one that the environment names.
    Auto,
    /// This one.
    Of(Shard),
}

impl FromStr for ShardChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<ShardChoice, String> {
        if text == "auto" { Ok(ShardChoice::Auto) } else { text.parse().map(ShardChoice::Of) }
    }
}

impl ShardChoice {
    /// The share that is meant, where `variable` reads the environment.
    ///
    /// # Errors
    /// When it is `auto`, and the environment does not say which.
    pub fn shard(self, variable: impl Fn(&str) -> Option<String>) -> Result<Shard, clap::Error> {
        match self {
            ShardChoice::Of(shard) => Ok(shard),
            ShardChoice::Auto => {
                of_environment(&variable).map_err(|reason| wrong_value("--shard <K/N>", "auto", &reason))
            }
        }
    }
}

/// The share by the variables of the workflow, of Slurm's job arrays, or of Kubernetes' indexed jobs.
fn of_environment(variable: &impl Fn(&str) -> Option<String>) -> Result<Shard, String> {
    let number = |name: &str| match variable(name) {
        None => Ok(None),
        Some(text) => match text.trim().parse::<usize>() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(format!("the variable {name} is `{text}`, which is no number")),
        },
    };
    if let Some(index) = number(INDEX)? {
        return shard(index, number(COUNT)?.ok_or(format!("{INDEX} is set and {COUNT} is not"))?);
    }
    if let Some(task) = number("SLURM_ARRAY_TASK_ID")? {
        let get = |name: &str| number(name)?.ok_or(format!("SLURM_ARRAY_TASK_ID is set and {name} is not"));
        let (first, last) = (get("SLURM_ARRAY_TASK_MIN")?, get("SLURM_ARRAY_TASK_MAX")?);
        let (step, count) = (number("SLURM_ARRAY_TASK_STEP")?.unwrap_or(1), get("SLURM_ARRAY_TASK_COUNT")?);
        let is_even = step > 0 && first <= task && task <= last && (last - first) / step + 1 == count;
        if !is_even || (task - first) % step != 0 {
            return Err(
                "the array's tasks are not numbered evenly; submit one such as --array=1-4".to_owned()
            );
        }
        return shard((task - first) / step, count);
    }
    if let Some(index) = number("JOB_COMPLETION_INDEX")? {
        let count = number(COUNT)?;
        return shard(index, count.ok_or(format!("set {COUNT} to the job's number of completions"))?);
    }
    Err(format!(
        "neither {INDEX} and {COUNT}, nor the variables of a Slurm array or of a Kubernetes indexed job are set"
    ))
}

fn shard(index: usize, count: usize) -> Result<Shard, String> {
    let shard = Shard { number: index.saturating_add(1), count };
    (index < count).then_some(shard).ok_or(format!("index {index} is none of {count} shards, from 0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auto(variables: &[(&str, &str)]) -> Result<String, String> {
        let variable = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        of_environment(&variable).map(|shard| shard.to_string())
    }

    #[test]
    fn a_workflow_counts_from_zero() {
        assert_eq!(auto(&[(INDEX, "0"), (COUNT, "4")]), Ok("1/4".to_owned()));
        assert!(auto(&[(INDEX, "4"), (COUNT, "4")]).unwrap_err().contains("none of 4"));
        assert!(auto(&[(INDEX, "0")]).unwrap_err().contains(COUNT));
        assert!(auto(&[(INDEX, "x"), (COUNT, "4")]).unwrap_err().contains("no number"));
    }

    #[test]
    fn an_array_of_slurm_has_any_first_number_and_step() {
        let task = |id, first, last, step, count| {
            auto(&[
                ("SLURM_ARRAY_TASK_ID", id),
                ("SLURM_ARRAY_TASK_MIN", first),
                ("SLURM_ARRAY_TASK_MAX", last),
                ("SLURM_ARRAY_TASK_STEP", step),
                ("SLURM_ARRAY_TASK_COUNT", count),
            ])
        };
        assert_eq!(task("1", "1", "4", "1", "4"), Ok("1/4".to_owned()));
        assert_eq!(task("4", "0", "6", "2", "4"), Ok("3/4".to_owned()));
        assert!(task("7", "1", "7", "1", "3").unwrap_err().contains("--array=1-4"));
        assert!(task("3", "0", "6", "2", "4").is_err());
    }

    #[test]
    fn an_indexed_job_of_kubernetes_needs_its_count() {
        assert_eq!(auto(&[("JOB_COMPLETION_INDEX", "3"), (COUNT, "4")]), Ok("4/4".to_owned()));
        assert!(auto(&[("JOB_COMPLETION_INDEX", "3")]).unwrap_err().contains("completions"));
        assert!(auto(&[]).unwrap_err().contains("Slurm"));
    }
}
