//! What is built out of the catalogue: every file with the key of its inputs, and the making of
//! those that are asked for and not fresh, on all cores.

use super::compile::SampleCompiler;
use super::cpu::Cpu;
use super::generate::Shape;
use super::packages::Package;
use super::store::{Stamp, Store};
use super::strip::strip;
use super::{compile, generate, native_run, optimize, store};
use crate::host::exclusion;
use crate::host::files;
use crate::host::hash::sha256;
use crate::host::progress;
use crate::note;
use crate::samples::catalogue::{Sample, SampleEntry, SampleSource};
use crate::samples::inspect::survey::{Survey, require_mvp};
use crate::samples::variants::Variant;
use crate::toolchain::Features;
use anyhow::{Context, Result, bail, ensure};
use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// What decides about stripping besides the module: the code here and the libraries' versions.
const STRIP_RECIPE: [&str; 2] = [include_str!("strip.rs"), include_str!("../../../../Cargo.lock")];

/// One file that can be built.
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
    Source(&'a Sample, Shape),
    /// The module as compiled, which stays as it is or is stripped at once.
    Module(&'a Sample, Variant),
    Strip(&'a Sample),
    Optimize(&'a Sample, Variant),
    Library(&'a Sample, Cpu, bool),
    Program(&'a Sample),
    /// What the native program prints at a size.
    Reference(&'a Sample, &'static str),
}

impl fmt::Display for Work<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Work::Allocator(cpu) => write!(f, "the native allocator ({})", cpu.name()),
            Work::Source(sample, _) => write!(f, "{} (source)", sample.name),
            Work::Module(sample, variant) => write!(f, "{} (wasm, {})", sample.name, variant.name()),
            Work::Strip(sample) => write!(f, "{} (stripped wasm)", sample.name),
            Work::Optimize(sample, variant) => write!(f, "{} ({})", sample.name, variant.name()),
            Work::Library(sample, cpu, _) => write!(f, "{} (native, {})", sample.name, cpu.name()),
            Work::Program(sample) => write!(f, "{} (native program)", sample.name),
            Work::Reference(sample, size) => write!(f, "{} (native output, {size})", sample.name),
        }
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct SampleChoice<'a> {
    /// Names of samples.
    pub samples: &'a [&'a str],
    /// Variants.
    pub variants: &'a [Variant],
}

impl SampleChoice<'_> {
    /// Whether `sample` is asked for.
    pub fn has(&self, sample: &Sample) -> bool {
        self.samples.contains(&sample.name.as_str())
    }

    /// Whether what is asked for needs the file that `work` makes. Most variants come out of the
    /// unstripped module, and every variant that has no native counterpart uses the stripped one.
    fn needs(&self, work: &Work<'_>) -> bool {
        match work {
            Work::Allocator(_) => true,
            Work::Module(sample, variant) => {
                let source = variant.features() == Features::Mvp;
                self.has(sample) && (source || self.variants.contains(variant))
            }
            Work::Optimize(sample, variant) => self.has(sample) && self.variants.contains(variant),
            Work::Source(sample, _)
            | Work::Strip(sample)
            | Work::Program(sample)
            | Work::Reference(sample, _) => self.has(sample),
            Work::Library(sample, _, stripped) => {
                self.has(sample) && (*stripped || self.variants.contains(&Variant::Unstripped))
            }
        }
    }
}

/// The module of `sample` in `variant`, in the store.
pub fn module(sample: &Sample, variant: Variant) -> PathBuf {
    PathBuf::from(format!("{}/{}.wasm", variant.name(), sample.name))
}

/// The native library of `sample`, in the store.
pub fn library(sample: &Sample, cpu: Cpu, stripped: bool) -> PathBuf {
    let variant = if stripped { Variant::Stripped } else { Variant::Unstripped };
    PathBuf::from(format!("native/{}/{}/{}.so", cpu.name(), variant.name(), sample.name))
}

/// The native program of the command `sample`, in the store.
pub fn program(sample: &Sample) -> PathBuf {
    PathBuf::from(format!("native/programs/{}", sample.name))
}

/// What that program prints at `size`, in the store.
pub fn reference(sample: &Sample, size: &str) -> PathBuf {
    PathBuf::from(format!("native/output/{}-{size}", sample.name))
}

/// Every file, in stages: each is made from those before it.
pub struct BuildPlan<'a> {
    compiler: &'a SampleCompiler<'a>,
    store: &'a Store,
    /// The key of wasm-opt.
    optimizer: String,
    stages: [Vec<Step<'a>>; 4],
}

impl<'a> BuildPlan<'a> {
    /// The files of `samples`, and out of what they are to be made.
    ///
    /// # Errors
    /// When a source cannot be read.
    pub fn new(
        samples: &'a [Sample],
        compiler: &'a SampleCompiler<'a>,
        store: &'a Store,
    ) -> Result<BuildPlan<'a>> {
        let mut plan = BuildPlan {
            compiler,
            store,
            optimizer: optimize::key(compiler.paths)?,
            stages: [const { Vec::new() }; 4],
        };
        let mut allocators = Vec::new();
        for cpu in Cpu::ALL {
            let allocator = allocator_key(compiler, cpu)?;
            plan.add(0, compile::allocator(cpu), allocator.clone(), Work::Allocator(cpu));
            allocators.push((cpu, allocator));
        }
        for sample in samples {
            let source = plan.source_key(sample)?;
            if let SampleSource::Generated(shape) = sample.source {
                plan.add(0, compile::generated(sample), source.clone(), Work::Source(sample, shape));
            }
            plan.add_modules(sample, &source)?;
            match &sample.entry {
                SampleEntry::Export { .. } => plan.add_libraries(sample, &source, &allocators)?,
                SampleEntry::Command(_) => plan.add_references(sample, &source)?,
            }
        }
        Ok(plan)
    }

    fn add_modules(&mut self, sample: &'a Sample, source: &str) -> Result<()> {
        let entry = format!("{:?}", sample.entry);
        for variant in [Variant::Unstripped, Variant::Modern, Variant::Simd] {
            let flags = self.compiler.module(sample, variant.features())?.key();
            let inputs = store::key([flags.as_str(), &entry, source]);
            let stripping = store::key([&inputs, STRIP_RECIPE[0], STRIP_RECIPE[1]]);
            let own = if variant == Variant::Unstripped { inputs } else { stripping.clone() };
            self.add(1, module(sample, variant), own, Work::Module(sample, variant));
            if variant == Variant::Unstripped {
                self.add(2, module(sample, Variant::Stripped), stripping.clone(), Work::Strip(sample));
                for level in [Variant::Oz, Variant::O4] {
                    let inputs = store::key([&stripping, &self.optimizer, level.name()]);
                    self.add(3, module(sample, level), inputs, Work::Optimize(sample, level));
                }
            }
        }
        Ok(())
    }

    fn add_libraries(
        &mut self,
        sample: &'a Sample,
        source: &str,
        allocators: &[(Cpu, String)],
    ) -> Result<()> {
        for (cpu, allocator) in allocators {
            for stripped in [true, false] {
                let flags = self.compiler.library(sample, *cpu, stripped)?.key();
                let inputs = store::key([allocator.as_str(), &flags, source]);
                self.add(2, library(sample, *cpu, stripped), inputs, Work::Library(sample, *cpu, stripped));
            }
        }
        Ok(())
    }

    fn add_references(&mut self, sample: &'a Sample, source: &str) -> Result<()> {
        let SampleEntry::Command(command) = &sample.entry else { return Ok(()) };
        let flags = self.compiler.program(sample)?.key();
        let inputs = store::key([flags.as_str(), source]);
        let files = native_run::files_key(command, &self.compiler.sources)?;
        for (size, args) in command.sizes.all() {
            let inputs = store::key([&inputs, &files, &format!("{args:?}")]);
            self.add(2, reference(sample, size), inputs, Work::Reference(sample, size));
        }
        self.add(1, program(sample), inputs, Work::Program(sample));
        Ok(())
    }

    fn add(&mut self, stage: usize, output: PathBuf, inputs: String, work: Work<'a>) {
        self.stages[stage].push(Step { output, inputs, work });
    }

    /// The key of everything that `sample` is compiled from.
    fn source_key(&self, sample: &Sample) -> Result<String> {
        let sources = &self.compiler.sources;
        match &sample.source {
            SampleSource::File(file) => Ok(sha256(&store::read(&sources.join(file))?)),
            SampleSource::Generated(shape) => Ok(store::key([generate::RECIPE, &format!("{shape:?}")])),
            SampleSource::Package(folder) => {
                store::files_key(&Package::read(sources, folder)?.files()?, sources)
            }
        }
    }

    /// Makes what `choice` needs and is not fresh, and nothing where everything is.
    ///
    /// # Errors
    /// When something cannot be built; everything else in its stage is built nevertheless.
    pub fn build(&self, choice: SampleChoice<'_>) -> Result<()> {
        let stale = self.stages.each_ref().map(|steps| self.stale(steps, choice));
        let count = stale.iter().map(Vec::len).sum::<usize>();
        if count == 0 {
            return Ok(());
        }
        let bar = progress::bar(count as u64, format!("building {count} files of the samples"));
        if bar.is_hidden() {
            note!("building {count} files of the samples…");
        }
        let _building = exclusion::building(self.compiler.paths)?;
        self.prepare_std(&stale[1])?;
        if !stale[3].is_empty() {
            // Before several of them wait for it.
            optimize::prepare(self.compiler.paths)?;
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

    /// Builds std for whatever `steps` are compiled for, before several of them wait for it.
    fn prepare_std(&self, steps: &[&Step<'a>]) -> Result<()> {
        for step in steps {
            if let Work::Module(sample, variant) = step.work {
                self.compiler.module(sample, variant.features())?.prepare_std()?;
            }
        }
        Ok(())
    }

    /// The stamp of a file that is there and made from what its inputs are now.
    pub fn stamp(&self, output: &Path) -> Option<Stamp> {
        let step = self.stages.iter().flatten().find(|step| step.output == output)?;
        self.store.fresh(output, &step.inputs)
    }

    fn stale<'b>(&self, steps: &'b [Step<'a>], choice: SampleChoice<'_>) -> Vec<&'b Step<'a>> {
        let is_fresh = |step: &Step<'_>| self.store.fresh(&step.output, &step.inputs).is_some();
        steps.iter().filter(|step| choice.needs(&step.work) && !is_fresh(step)).collect()
    }

    fn make(&self, step: &Step<'_>) -> Result<()> {
        let Step { output, inputs, work } = step;
        let (compiler, store) = (self.compiler, self.store);
        if let Work::Allocator(cpu) = *work {
            compiler.build_allocator(cpu)?;
            return store.stamp(output, inputs, None);
        }
        store.make(output, inputs, |file| {
            match *work {
                Work::Allocator(_) => {}
                Work::Source(_, shape) => store::write(file, generate::source(shape).as_bytes())?,
                Work::Optimize(sample, variant) => {
                    let program = optimize::prepare(compiler.paths)?;
                    let input = store.path(&module(sample, Variant::Stripped));
                    optimize::run(&program, variant, &input, file)?;
                    return survey(sample, variant, &store::read(file)?).map(Some);
                }
                Work::Library(sample, cpu, stripped) => compiler.library(sample, cpu, stripped)?.run(file)?,
                Work::Program(sample) => compiler.program(sample)?.run(file)?,
                Work::Reference(sample, size) => {
                    let program = store.path(&program(sample));
                    store::write(file, &native_run::run(&program, sample, size, &compiler.sources)?.stdout)?;
                }
                Work::Module(sample, variant) => {
                    compiler.module(sample, variant.features())?.run(file)?;
                    if variant != Variant::Unstripped {
                        store::write(file, &strip(&store::read(file)?)?)?;
                    }
                    return survey(sample, variant, &store::read(file)?).map(Some);
                }
                Work::Strip(sample) => {
                    let unstripped = store.path(&module(sample, Variant::Unstripped));
                    let wasm = strip(&store::read(&unstripped)?)?;
                    store::write(file, &wasm)?;
                    return survey(sample, Variant::Stripped, &wasm).map(Some);
                }
            }
            Ok(None)
        })
    }
}

/// Surveys a module; every engine must accept those without newer features.
fn survey(sample: &Sample, variant: Variant, wasm: &[u8]) -> Result<Survey> {
    if variant.features() == Features::Mvp {
        require_mvp(wasm)?;
    }
    let survey = Survey::of(wasm)?;
    let export = match &sample.entry {
        SampleEntry::Export { name, .. } => name,
        SampleEntry::Command(_) => "_start",
    };
    ensure!(
        survey.exports.iter().any(|name| name == export),
        "the module does not export the function `{export}` that samples.toml asks for"
    );
    Ok(survey)
}

fn allocator_key(compiler: &SampleCompiler<'_>, cpu: Cpu) -> Result<String> {
    let mut files = BTreeSet::new();
    files.extend(files::sources(&compiler.sources.join("native-allocator"))?);
    let files: Vec<PathBuf> = files.into_iter().collect();
    let description = if cpu == Cpu::Host { compiler.host.as_str() } else { "" };
    let identity = compiler.toolchain.identity.as_str();
    Ok(store::key([identity, cpu.name(), description, &store::files_key(&files, &compiler.sources)?]))
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
}
