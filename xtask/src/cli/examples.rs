//! What `--help` shows after the options: examples, where output goes, and exit statuses. The
//! examples are the only place outside the tests that names engine configurations; a test parses each
//! of them and looks its names up in the catalogue.

/// After `cargo xtask --help`.
pub const TASKS: &str = "\
Examples:
  cargo xtask bench --quick                         compare the engines in a few minutes
  cargo xtask bench --engines 'wasmer-*,rust-native' --samples fibonacci,sha256
  cargo xtask bench --wasm my.wasm --invoke fib 30  measure your own module
  cargo xtask report --tables call,memory           print tables of the newest run
  cargo xtask compare --baseline main               compare the newest run with one that was kept
  cargo xtask history sha256/wasmi-eager/jit        one cell over all runs
  cargo xtask strip-compare                         compare artifacts of stripped and unstripped wasm
  cargo xtask engines                               list the engines and their state

Downloads and built workers go to the user's cache folder (WASM_PHASES_CACHE names another),
results to generated/. NO_COLOR turns colors off.

Exit status:
  0    done
  1    nothing useful was done; the message says why
  2    wrong usage
  3    done, but some cells or checks failed
  4    compare: something is slower than --fail-if-slower allows
  130  interrupted; what was measured is kept";

/// After `cargo xtask samples --help`.
pub const SAMPLES: &str = "\
Examples:
  cargo xtask samples                                   build the core samples
  cargo xtask samples --samples '@kernels,scale-*' --variants stripped
  cargo xtask samples --list                            list every sample and its module
  cargo xtask samples --list --samples @apps --json

Groups: @core, @kernels, @apps, @wasi, @scale.
Modules go to generated/wasm, their figures to generated/wasm/samples.csv.

Exit status: 0 done; 1 a sample cannot be built; 2 wrong usage.";

/// After `cargo xtask bench --help`.
pub const BENCH: &str = "\
Examples:
  cargo xtask bench                                     the default engines and samples, ten minutes
  cargo xtask bench --quick --variants stripped,unstripped
  cargo xtask bench --engines wasmtime,wasmtime:opt-level=none   what an option costs; engines --options
  cargo xtask bench --engines 'wasmer-*,rust-native' --samples sha256 --size medium
  cargo xtask bench --engines wasmtime@46,wasmtime@50   did the upgrade slow me down?
  cargo xtask bench --exclude 'wasmtime-*' --time-budget 20m --seed 1 --output ./results
  cargo xtask bench --quick --counters callgrind --engines wasmer-cranelift --samples fibonacci
  cargo xtask bench --phases compile,call --time-budget 1m --engines 'wasmtime-*'
  cargo xtask bench --like ./their-run                  the cases and settings of another run
  cargo xtask bench --engine-dir new=../wasmi --engines wasmi-eager,wasmi-eager@new   two builds
  cargo xtask bench --shard 2/4 --output ./shard-2      a share of the samples, for `cargo xtask merge`
  cargo xtask bench --dry-run --engines 'wasm*'         show the plan and an estimate
  cargo xtask bench --criterion --engines 'wasmer-*' -- 'fibonacci/.*/jit'
  cargo xtask bench --quick --wasm fib.wasm --invoke fib 30
  cargo xtask bench --wasm math.wasm --invoke scale -- -1e-5 -inf
  cargo xtask bench --wasm lib.wasm --setup 'init 16' --invoke run --expect 42
  cargo xtask bench --wasm old.wasm --wasm new.wasm --stdin in.txt --dir ./data::/data

A run writes its readings, sizes, failures, summary and description to generated/results/<run>/,
or to the folder of --output. It ends with a summary and writes report.html beside them, which opens in
a browser; `cargo xtask report` prints tables later.

Exit status:
  0    every cell was measured
  1    nothing was measured; the message says why
  2    wrong usage
  3    some cells failed
  130  interrupted; what was measured is kept";

/// After `cargo xtask report --help`.
pub const REPORT: &str = "\
Examples:
  cargo xtask report                                    the summary of the newest run
  cargo xtask report --tables call,ranking              with two of its tables
  cargo xtask report 2026-01-31T12-00-00Z --tables all  every table of this run
  cargo xtask report ./results --json                   the summary for a program
  cargo xtask report --export critcmp --output new.json

It reads the files of the run's folder alone. Beside them it writes report.html, which opens in a
browser, and report.md with its pictures. A run that was killed is shown as far as it goes.

Exit status: 0 done; 1 there is no such run, or it cannot be read; 2 wrong usage; 3 report.html could
not be written.";

/// After `cargo xtask compare --help`.
pub const COMPARE: &str = "\
Examples:
  cargo xtask compare 2026-01-31T12-00-00Z              the newest run with this one
  cargo xtask compare ./before ./after --all
  cargo xtask bench --save-baseline main                keep a run under a name, and later:
  cargo xtask compare --baseline main --fail-if-slower 5%
  cargo xtask compare ./old ./new --allow-different versions,builds
  cargo xtask compare ./mine ./theirs --allow-different machine --csv

Every time is divided by that of a reference in the same run, and all changes are corrected together.
Both runs need ten rounds and a machine that is equally idle: other work slows compilers with several
threads more than the reference, and then shows as a change.

Exit status:
  0    nothing is slower than --fail-if-slower allows
  1    the runs cannot be compared, or nothing could be tested; the message says why
  2    wrong usage
  3    as 0, but cells failed that both runs have
  4    something is slower than that or, with --fail-if-unresolved, not resolved";

/// After `cargo xtask history --help`.
pub const HISTORY: &str = "\
Examples:
  cargo xtask history sha256/wasmi-eager/d-call-warm
  cargo xtask history sha256/wasmi-eager/d-call-warm --reference wasmtime-cranelift --svg calls.svg
  cargo xtask history json:unstripped:large/wasmer-llvm/aot-compile --times
  cargo xtask history sha256/wasmi-eager/jit --csv > jit.csv

PHASE is jit, aot-compile, aot-execute, c-instantiate-warm, d-call-warm, or any other phase of
docs/results.md. It reads the runs in generated/results; those of other machines are left out.

Exit status: 0 done; 1 no run has the cell; 2 wrong usage; 3 some runs cannot be read.";

/// After `cargo xtask merge --help`.
pub const MERGE: &str = "\
Examples:
  cargo xtask bench --shard 1/4 --output ./shard-1      on each machine its share, and then:
  cargo xtask merge ./shard-1 ./shard-2 ./shard-3 ./shard-4 --output ./whole
  cargo xtask report ./whole --tables ranking

The joined run has every case with its machine. Engines are compared on one machine each. Runs that
differ in modules, engines, workers or settings are refused. docs/many-machines.md has workflows.

Exit status: 0 done; 1 the runs cannot be joined; 2 wrong usage; 3 a share is missing, a run was cut
short, or cells failed.";

/// After `cargo xtask strip-compare --help`.
pub const STRIP_COMPARE: &str = "\
Examples:
  cargo xtask strip-compare --samples fibonacci,strings
  cargo xtask strip-compare --exclude wasmer-llvm
  cargo xtask strip-compare --wasm app.wasm              your own module: sections, artifacts, times
  cargo xtask strip-compare --wasm app.wasm --keep name  what its other custom sections take
  cargo xtask strip-compare --samples json --exact --engines wasmtime-winch

The table also goes to generated/strip-compare.csv, or strip-compare-sections.csv.

Exit status: 0 done; 1 nothing was compared; 2 wrong usage; 3 some engines failed; 130 interrupted.";

/// After `cargo xtask engines --help`.
pub const ENGINES: &str = "\
Examples:
  cargo xtask engines                                   list every engine and its state
  cargo xtask engines --engines wasmer-llvm             also its settings, notes, what would enable it
  cargo xtask engines --engines 'wasmtime-*' --build    build some workers now
  cargo xtask engines --features                        what each takes of WebAssembly and of WASI
  cargo xtask engines --options --engines wasmtime      what can be changed: wasmtime:opt-level=none
  cargo xtask engines --json
  cargo xtask engines --new ../my-engine                write an engine folder to start from

Exit status: 0 done; 1 a folder cannot be read; 2 wrong usage; 3 with --build, an engine is unavailable.";

/// After `cargo xtask selfcheck --help`.
pub const SELFCHECK: &str = "\
Examples:
  cargo xtask selfcheck
  cargo xtask selfcheck --only injected,overhead
  cargo xtask selfcheck --long --pause 5m --engines wasmtime-winch

Leave the machine idle while it runs. Every number goes to generated/selfcheck.json, readings go to
generated/results/selfcheck-*/.

Exit status: 0 every check is ok; 1 nothing was checked; 2 wrong usage; 3 a check failed;
130 interrupted.";

/// After `cargo xtask clean --help`.
pub const CLEAN: &str = "\
Examples:
  cargo xtask clean --dry-run                           show what takes space
  cargo xtask clean                                     remove all build folders and old workers
  cargo xtask clean --cache                             also empty the cache folder

Of each runtime the two workers that were used last are kept, except with --cache. What a run is using
and results in generated/ are never removed.

Exit status: 0 done; 1 something cannot be removed; 2 wrong usage.";

/// After `cargo xtask test --help`.
pub const TEST: &str = "\
Examples:
  cargo xtask test --fast                               what needs no engine, in a few minutes
  cargo xtask test                                      also the engines of @default, built first
  cargo xtask test --all                                also all others, and the engine folders' lints
  cargo xtask test --engine-dir ../my-engine            format, lints, unit tests and conformance of
                                                        the engines in this folder alone

Each step is one line. What its programs print goes to generated/logs, and is shown where the step
fails; --verbose shows all of it.

Exit status: 0 every step passed; 1 a step failed; 2 wrong usage.";

/// After `cargo xtask completions --help`.
pub const COMPLETIONS: &str = "\
Examples:
  cargo xtask completions bash > ~/.local/share/bash-completion/completions/xtask
  cargo xtask completions zsh > ~/.zfunc/_xtask
  cargo xtask completions fish > ~/.config/fish/completions/xtask.fish

Shells complete a command by its first word, so the completions are for a command `xtask`. Define it
as a function: xtask() { cargo xtask \"$@\"; }

Exit status: 0 done; 2 wrong usage.";

/// All of them.
#[cfg(test)]
pub const ALL: [&str; 13] = [
    TASKS,
    SAMPLES,
    BENCH,
    REPORT,
    COMPARE,
    HISTORY,
    MERGE,
    STRIP_COMPARE,
    ENGINES,
    SELFCHECK,
    CLEAN,
    TEST,
    COMPLETIONS,
];
