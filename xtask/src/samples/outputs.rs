//! What is built out of the catalogue: every file with the key of its inputs, and the making of
//! those that are not fresh, on all cores.

use super::catalogue::Sample;
use super::compile::{self, Compiler, Cpu};
use super::store::{self, Stamp, Store};
use super::strip::strip;
use super::survey::{Survey, require_mvp};
use crate::progress;
use anyhow::{Context, Result, bail, ensure};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// The variants of a module and of a library, in the tables' order.
pub const VARIANTS: [&str; 2] = ["unstripped", "stripped"];

/// What decides about stripping besides the module: the code here and the libraries' versions.
const STRIP_RECIPE: [&str; 2] = [include_str!("strip.rs"), include_str!("../../../Cargo.lock")];

/// One file that is to be built.
#[derive(Debug)]
pub struct Step<'a> {
    output: PathBuf,
    inputs: String,
    work: Work<'a>,
}

/// What makes a file.
#[derive(Clone, Copy, Debug)]
enum Work<'a> {
    Allocator(Cpu),
    Module(&'a Sample),
    Strip(&'a Sample),
    Library(&'a Sample, Cpu, bool),
}

impl fmt::Display for Work<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Work::Allocator(cpu) => write!(f, "the native allocator ({})", cpu.name()),
            Work::Module(sample) => write!(f, "{} (wasm)", sample.name),
            Work::Strip(sample) => write!(f, "{} (stripped wasm)", sample.name),
            Work::Library(sample, cpu, _) => write!(f, "{} (native, {})", sample.name, cpu.name()),
        }
    }
}

/// The module of `sample` in `variant`, in the store.
pub fn module(sample: &Sample, variant: &str) -> PathBuf {
    PathBuf::from(format!("{variant}/{}.wasm", sample.name))
}

/// The native library of `sample`, in the store.
pub fn library(sample: &Sample, cpu: Cpu, variant: &str) -> PathBuf {
    PathBuf::from(format!("native/{}/{variant}/{}.so", cpu.name(), sample.name))
}

/// Every file, in two stages: the second is made from the first.
pub struct Plan<'a> {
    compiler: &'a Compiler<'a>,
    store: &'a Store,
    stages: [Vec<Step<'a>>; 2],
}

impl<'a> Plan<'a> {
    /// The files of `samples`, and out of what they are to be made.
    ///
    /// # Errors
    /// When a source or the CPU's description cannot be read.
    pub fn new(samples: &'a [Sample], compiler: &'a Compiler<'a>, store: &'a Store) -> Result<Plan<'a>> {
        let mut plan = Plan { compiler, store, stages: [Vec::new(), Vec::new()] };
        for sample in samples {
            plan.add_modules(sample)?;
        }
        let host = host_cpu()?;
        plan.add_natives(samples, Cpu::Baseline, "")?;
        plan.add_natives(samples, Cpu::Host, &host)?;
        Ok(plan)
    }

    fn add_modules(&mut self, sample: &'a Sample) -> Result<()> {
        let source = self.source(sample)?;
        let flags = self.compiler.module(sample)?.key();
        let identity = self.compiler.toolchain.identity.as_bytes();
        let inputs = store::key([identity, flags.as_bytes(), sample.export.as_bytes(), &source]);
        let stripping = store::key([&inputs, STRIP_RECIPE[0], STRIP_RECIPE[1]]);
        self.add(0, module(sample, VARIANTS[0]), inputs, Work::Module(sample));
        self.add(1, module(sample, VARIANTS[1]), stripping, Work::Strip(sample));
        Ok(())
    }

    /// The libraries for `cpu`, of which `description` says what the compiler will find it to be.
    fn add_natives(&mut self, samples: &'a [Sample], cpu: Cpu, description: &str) -> Result<()> {
        let allocator = allocator_key(self.compiler, cpu, description)?;
        for sample in samples {
            let source = self.source(sample)?;
            for variant in VARIANTS {
                let work = Work::Library(sample, cpu, variant == "stripped");
                let flags = self.compiler.library(sample, cpu, variant == "stripped").key();
                let inputs = store::key([allocator.as_bytes(), flags.as_bytes(), &source]);
                self.add(1, library(sample, cpu, variant), inputs, work);
            }
        }
        self.add(0, compile::allocator(cpu), allocator, Work::Allocator(cpu));
        Ok(())
    }

    fn add(&mut self, stage: usize, output: PathBuf, inputs: String, work: Work<'a>) {
        self.stages[stage].push(Step { output, inputs, work });
    }

    fn source(&self, sample: &Sample) -> Result<Vec<u8>> {
        store::read(&self.compiler.sources.join(&sample.source))
    }

    /// Makes what is not fresh, and nothing where everything is.
    ///
    /// # Errors
    /// When something cannot be built; everything else in its stage is built nevertheless.
    pub fn build(&self) -> Result<()> {
        let stale = self.stages.each_ref().map(|steps| self.stale(steps));
        let count = stale.iter().map(Vec::len).sum::<usize>();
        if count == 0 {
            return Ok(());
        }
        let bar = progress::bar(count as u64, format!("building {count} files of the samples"));
        if bar.is_hidden() {
            eprintln!("building {count} files of the samples…");
        }
        for steps in stale {
            in_parallel(&steps, |step| {
                bar.set_message(step.work.to_string());
                let made = self.make(step).with_context(|| format!("cannot build {}", step.work));
                bar.inc(1);
                made
            })?;
        }
        bar.finish_and_clear();
        Ok(())
    }

    /// The stamp of a file that has been built.
    ///
    /// # Errors
    /// When somebody changed it meanwhile.
    pub fn stamp(&self, output: &Path) -> Result<Stamp> {
        let step = self.stages.iter().flatten().find(|step| step.output == output);
        let stamp = step.and_then(|step| self.store.fresh(output, &step.inputs));
        stamp.with_context(|| {
            format!("{} was changed while it was in use; run again", self.store.path(output).display())
        })
    }

    fn stale<'b>(&self, steps: &'b [Step<'a>]) -> Vec<&'b Step<'a>> {
        steps.iter().filter(|step| self.store.fresh(&step.output, &step.inputs).is_none()).collect()
    }

    fn make(&self, step: &Step<'_>) -> Result<()> {
        let Step { output, inputs, work } = step;
        match *work {
            Work::Allocator(cpu) => {
                self.compiler.build_allocator(cpu)?;
                self.store.stamp(output, inputs, None)
            }
            Work::Library(sample, cpu, stripped) => self.store.make(output, inputs, |file| {
                self.compiler.library(sample, cpu, stripped).run(file)?;
                Ok(None)
            }),
            Work::Module(sample) => self.store.make(output, inputs, |file| {
                self.compiler.module(sample)?.run(file)?;
                survey_base(sample, &store::read(file)?).map(Some)
            }),
            Work::Strip(sample) => self.store.make(output, inputs, |file| {
                let wasm = strip(&store::read(&self.store.path(&module(sample, VARIANTS[0])))?)?;
                let survey = survey_base(sample, &wasm)?;
                store::write(file, &wasm)?;
                Ok(Some(survey))
            }),
        }
    }
}

/// Surveys a module that every engine must accept.
fn survey_base(sample: &Sample, wasm: &[u8]) -> Result<Survey> {
    require_mvp(wasm)?;
    let survey = Survey::of(wasm)?;
    ensure!(
        survey.exports.contains(&sample.export),
        "the module does not export the function `{}` that samples.toml names",
        sample.export
    );
    Ok(survey)
}

fn allocator_key(compiler: &Compiler<'_>, cpu: Cpu, description: &str) -> Result<String> {
    let folder = compiler.sources.join("native-allocator");
    let identity = &compiler.toolchain.identity;
    let mut inputs = [identity, cpu.name(), description].map(|text| text.as_bytes().to_vec()).to_vec();
    for file in ["Cargo.toml", "Cargo.lock", "src/lib.rs"] {
        inputs.push(store::read(&folder.join(file))?);
    }
    Ok(store::key(inputs))
}

fn host_cpu() -> Result<String> {
    const FILE: &str = "/proc/cpuinfo";
    let text = std::fs::read_to_string(FILE).with_context(|| format!("cannot read {FILE}"))?;
    Ok(cpu_identity(&text))
}

/// What identifies the first CPU of a `cpuinfo` to a compiler; speeds and load do not.
fn cpu_identity(cpuinfo: &str) -> String {
    const KEYS: [&str; 6] = ["vendor_id", "cpu family", "model", "flags", "Features", "CPU part"];
    let first = cpuinfo.lines().take_while(|line| !line.is_empty());
    let known = first.filter(|line| KEYS.iter().any(|key| line.starts_with(key)));
    known.collect::<Vec<_>>().join("\n")
}

/// Does `work` for every item on all cores.
fn in_parallel<T: Sync>(items: &[T], work: impl Fn(&T) -> Result<()> + Sync) -> Result<()> {
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(items.len());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(error) = work(item) {
                        failures.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{error:#}"));
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap_or_else(PoisonError::into_inner);
    if !failures.is_empty() {
        bail!("{}", failures.join("\n"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failure_does_not_keep_the_others_from_being_built() {
        let done = AtomicUsize::new(0);
        let error = in_parallel(&[1, 2, 3, 4], |item| {
            done.fetch_add(1, Ordering::Relaxed);
            ensure!(item % 2 == 0, "{item} is odd");
            Ok(())
        });
        let message = error.unwrap_err().to_string();
        assert!(message.contains("1 is odd") && message.contains("3 is odd"), "{message}");
        assert_eq!(done.into_inner(), 4);
    }

    #[test]
    fn another_cpu_is_noticed_and_another_clock_speed_is_not() {
        let cpu = |flags: &str, mhz: &str| {
            cpu_identity(&format!(
                "model name\t: X\ncpu MHz\t\t: {mhz}\nflags\t\t: {flags}\n\nmodel name\t: Y\n"
            ))
        };
        assert_eq!(cpu("fpu avx2", "800"), cpu("fpu avx2", "4200"));
        assert_ne!(cpu("fpu avx2", "800"), cpu("fpu avx512f", "800"));
        assert!(!host_cpu().unwrap().is_empty());
    }
}
