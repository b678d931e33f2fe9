//! A run of a share of the cases: every machine finds its own from the same list.

use anyhow::{Result, ensure};
use bench::plan::manifest::Manifest;
use bench::plan::{Case, Plan, Shard};
use bench::record::{CaseFacts, Run, ShardFacts};

/// Leaves those cases in `plan` that are the share of `shard`. The cases of a comparison group stay together, and
/// groups are shared out by the size of their code, which says most of what they cost.
///
/// # Errors
/// When there are fewer comparison groups than shards.
pub fn share(plan: &mut Plan, shard: Shard, manifest: &Manifest) -> Result<ShardFacts> {
    let groups = plan.comparison_groups();
    ensure!(
        groups.len() >= shard.count,
        "there are {} samples to share out, too few for {} shards",
        groups.len(),
        shard.count
    );
    let facts = ShardFacts {
        number: shard.number,
        count: shard.count,
        cases: plan.cases.iter().map(CaseFacts::of).collect(),
        modules: Run::modules_of(manifest, plan),
    };
    let bytes = |number: &usize| code_bytes(&plan.cases[*number], manifest);
    let costs: Vec<u64> = groups.iter().map(|group| group.iter().map(bytes).sum()).collect();
    let own: Vec<usize> =
        shard.share_of(&costs).into_iter().flat_map(|group| groups[group].clone()).collect();
    let cases = std::mem::take(&mut plan.cases).into_iter().enumerate();
    plan.cases = cases.filter(|(number, _)| own.contains(number)).map(|(_, case)| case).collect();
    Ok(facts)
}

fn code_bytes(case: &Case, manifest: &Manifest) -> u64 {
    let sample = manifest.samples.iter().find(|sample| sample.name == case.sample);
    let module = sample.and_then(|sample| sample.modules.iter().find(|one| one.variant == case.variant));
    module.map_or(0, |module| module.code_section_bytes)
}
