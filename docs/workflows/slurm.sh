#!/bin/bash
# Measures the core samples on four nodes of a Slurm cluster, each a share, and joins the runs.
# Submit it from the checkout, on a file system that all nodes share: bash docs/workflows/slurm.sh
set -euo pipefail

SHARDS=4
RUNS=$PWD/generated/shards
export WASM_PHASES_CACHE=$PWD/generated/cache

# One job builds the samples and the workers, on the file system that the others read.
prepare=$(sbatch --parsable --job-name=wasm-phases-prepare --cpus-per-task=4 --time=2:00:00 \
    --wrap="cargo xtask samples --variants stripped,modern && cargo xtask engines --engines @default --build")

# Each task has a node of its own: other jobs on it would disturb the rounds.
measure=$(sbatch --parsable --job-name=wasm-phases --dependency="afterok:$prepare" --exclusive --time=1:00:00 \
    --array="1-$SHARDS" \
    --wrap="cargo xtask bench --shard auto --time-budget 10m --output $RUNS/\$SLURM_ARRAY_TASK_ID")

# Whatever failed cells there are, what was measured is joined.
sbatch --job-name=wasm-phases-merge --dependency="afterany:$measure" --time=0:10:00 \
    --wrap="cargo xtask merge $RUNS/* --output $RUNS-merged"
