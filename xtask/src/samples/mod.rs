//! From sample sources to wasm files, native libraries and their manifest.

mod bless;
pub mod build;
pub mod catalogue;
mod expected;
pub mod inspect;
mod variants;

use crate::engines::WasiUse;
use crate::host::paths::Paths;
use crate::host::progress;
use crate::toolchain::{NativeCpus, Toolchain};
use anyhow::{Context, Result, bail, ensure};
use bench::plan::manifest::{BuiltModule, BuiltSample, Manifest, Native, Size};
use build::compile::SampleCompiler;
use build::cpu::{Cpu, host_cpu};
use build::native_run;
use build::plan::{self, BuildPlan, SampleChoice};
use build::store::{self, Store};
use catalogue::SampleEntry;
pub use catalogue::SizeName;
use expected::{ExpectedResult, ExpectedResults};
use inspect::table::{self, SampleRow};
use protocol::{Outcome, Value};
use std::fs::{self, File, TryLockError};
use std::path::PathBuf;
use std::sync::Mutex;
pub use variants::Variant;

/// The names of the samples, each with its group, in the catalogue's order.
///
/// # Errors
/// When the catalogue is not well-formed.
pub fn names(paths: &Paths) -> Result<Vec<(String, String)>> {
    let samples = catalogue::read(&paths.sample_src)?;
    Ok(samples.iter().map(|sample| (sample.name.clone(), sample.group.to_string())).collect())
}

/// The names of the samples that are measured where nothing is asked for.
///
/// # Errors
/// When the catalogue is not well-formed.
pub fn core(paths: &Paths) -> Result<Vec<String>> {
    let core = catalogue::Group::Core.to_string();
    Ok(names(paths)?.into_iter().filter(|(_, group)| *group == core).map(|(name, _)| name).collect())
}

/// The names of those of them that are real programs.
///
/// # Errors
/// When the catalogue is not well-formed.
pub fn programs(paths: &Paths) -> Result<Vec<String>> {
    let samples = catalogue::read(&paths.sample_src)?;
    let is_program = |one: &catalogue::Sample| {
        one.group == catalogue::Group::Core && matches!(one.source, catalogue::SampleSource::Package(_))
    };
    Ok(samples.into_iter().filter(is_program).map(|sample| sample.name).collect())
}

/// Where the samples called `names` import WASI.
///
/// # Errors
/// When the catalogue is not well-formed.
pub fn wasi_use<S: AsRef<str>>(names: &[S], paths: &Paths) -> Result<WasiUse> {
    let samples = catalogue::read(&paths.sample_src)?;
    let chosen = samples.iter().filter(|sample| names.iter().any(|name| name.as_ref() == sample.name));
    Ok(WasiUse::of(chosen.map(|sample| matches!(sample.entry, SampleEntry::Command(_)))))
}

/// Builds the `samples` in the `variants`, and prints nothing where they are built; the manifest lists
/// what there is, which may be more.
///
/// # Errors
/// When something cannot be built, or an expected result is missing.
pub fn build<S: AsRef<str>>(
    paths: &Paths,
    toolchain: &Toolchain,
    samples: &[S],
    variants: &[Variant],
) -> Result<Manifest> {
    Ok(build_with(paths, toolchain, samples, variants, false)?.manifest)
}

/// As [`build`], with the figures of what there is; with `bless`, what the native code of the
/// `samples` returns becomes the expected result.
///
/// # Errors
/// As [`build`].
pub fn build_with<S: AsRef<str>>(
    paths: &Paths,
    toolchain: &Toolchain,
    samples: &[S],
    variants: &[Variant],
    bless: bool,
) -> Result<Built> {
    let samples: Vec<&str> = samples.iter().map(AsRef::as_ref).collect();
    let in_order = Variant::ALL.into_iter().filter(|variant| variants.contains(variant));
    let choice = SampleChoice { samples: &samples, variants: &in_order.collect::<Vec<_>>() };
    build_chosen(paths, toolchain, choice, bless)
}

/// What is built: the manifest for measuring, and the rows of the table.
pub struct Built {
    /// What can be measured.
    pub manifest: Manifest,
    /// The table's rows.
    pub rows: Vec<SampleRow>,
}

/// The folder of cargo's target folders for the samples, one for each target. What they are needed for is the next
/// change of a sample.
pub fn build_folder(paths: &Paths) -> PathBuf {
    paths.generated.join("cargo")
}

fn build_chosen(
    paths: &Paths,
    toolchain: &Toolchain,
    choice: SampleChoice<'_>,
    bless: bool,
) -> Result<Built> {
    let samples = catalogue::read(&paths.sample_src)?;
    let _lock = lock(paths)?;
    let store = Store::open(&paths.wasm());
    let compiler = SampleCompiler {
        toolchain,
        paths,
        sources: paths.sample_src.clone(),
        outputs: paths.wasm(),
        scratch: build_folder(paths),
        host: host_cpu()?,
        folder_locks: Mutex::default(),
    };
    compiler.check_allocator()?;
    let plan = BuildPlan::new(&samples, &compiler, &store)?;
    plan.build(choice)?;
    let mut expected = ExpectedResults::read(&compiler.sources)?;
    if bless {
        let chosen: Vec<_> = samples.iter().filter(|sample| choice.has(sample)).collect();
        bless::results(&chosen, (&compiler, &plan, &store), &mut expected)?;
        expected.write(&compiler.sources, &samples)?;
    }
    if paths.low_disk && compiler.scratch.exists() {
        fs::remove_dir_all(&compiler.scratch).context("removing the samples' build folder")?;
    }
    let built = Built::of(&samples, choice, &plan, &expected, &compiler)?;
    table::write_csv(&paths.wasm().join(table::FILE), &built.rows)?;
    store::write(&paths.wasm().join(Manifest::FILE), &serde_json::to_vec_pretty(&built.manifest)?)?;
    Ok(built)
}

impl Built {
    /// What was asked for, and what was built before and is still current.
    fn of(
        samples: &[catalogue::Sample],
        choice: SampleChoice<'_>,
        plan: &BuildPlan<'_>,
        expected: &ExpectedResults,
        compiler: &SampleCompiler<'_>,
    ) -> Result<Built> {
        let manifest = Manifest { toolchain: compiler.toolchain.version.clone(), samples: Vec::new() };
        let mut built = Built { manifest, rows: Vec::new() };
        let cpus = compiler.toolchain.native_cpus()?;
        for sample in samples {
            let (modules, rows) = modules(sample, plan);
            let has = |variant: &Variant| modules.iter().any(|module| module.variant == variant.name());
            if choice.has(sample) {
                // The lock keeps other builds out; the user may still delete files.
                let all = choice.variants.iter().all(has);
                ensure!(all, "the files of {} were changed while they were in use; run again", sample.name);
            } else if modules.is_empty() {
                continue;
            }
            let sizes = match sizes(sample, plan, expected, compiler) {
                Ok(sizes) => sizes,
                Err(error) if choice.has(sample) => return Err(error),
                // A request for this sample will report it.
                Err(_) => continue,
            };
            built.rows.extend(rows);
            built.manifest.samples.push(BuiltSample {
                name: sample.name.clone(),
                group: sample.group.to_string(),
                exercises: sample.exercises.clone(),
                fresh_instance: sample.fresh_instance,
                sizes,
                modules,
                natives: natives(sample, plan, &cpus),
            });
        }
        Ok(built)
    }
}

/// The modules of `sample` that are current, and what is in them.
fn modules(sample: &catalogue::Sample, plan: &BuildPlan<'_>) -> (Vec<BuiltModule>, Vec<SampleRow>) {
    let (mut modules, mut rows) = (Vec::new(), Vec::new());
    for variant in Variant::ALL {
        let path = plan::module(sample, variant);
        let Some(stamp) = plan.stamp(&path) else { continue };
        let survey = stamp.survey.unwrap_or_default();
        rows.push(SampleRow::new(sample, variant.name(), stamp.bytes, &survey));
        modules.push(BuiltModule {
            variant: variant.name().to_owned(),
            path,
            bytes: stamp.bytes,
            code_section_bytes: survey.code_section_bytes,
            sha256: stamp.sha256,
        });
    }
    (modules, rows)
}

fn natives(sample: &catalogue::Sample, plan: &BuildPlan<'_>, cpus: &NativeCpus) -> Vec<Native> {
    let mut natives = Vec::new();
    for (cpu, stripped) in Cpu::ALL.iter().flat_map(|cpu| [true, false].map(|stripped| (*cpu, stripped))) {
        let path = plan::library(sample, cpu, stripped);
        let Some(stamp) = plan.stamp(&path) else { continue };
        let variant = if stripped { Variant::Stripped } else { Variant::Unstripped };
        let target_cpu = if cpu == Cpu::Host { &cpus.host } else { &cpus.baseline };
        natives.push(Native {
            cpu: cpu.name().to_owned(),
            target_cpu: target_cpu.clone(),
            variant: variant.name().to_owned(),
            path,
            bytes: stamp.bytes,
            sha256: stamp.sha256,
        });
    }
    natives
}

fn sizes(
    sample: &catalogue::Sample,
    plan: &BuildPlan<'_>,
    expected: &ExpectedResults,
    compiler: &SampleCompiler<'_>,
) -> Result<Vec<Size>> {
    let size = |name: &str| {
        let (entry, outcome, expected_stdout) = match (&sample.entry, expected.of(sample, name)?) {
            (SampleEntry::Export { name, .. }, ExpectedResult::Call(call)) => {
                let args = vec![Value::I32(call.argument.cast_signed())];
                let entry = protocol::Entry::Export { name: name.clone(), args };
                (entry, Outcome::One(Value::I64(call.result)), None)
            }
            (SampleEntry::Command(command), ExpectedResult::Command(run)) => {
                let output = plan::reference(sample, name);
                let printed = plan.stamp(&output).is_some_and(|stamp| stamp.sha256 == run.stdout_sha256);
                ensure!(
                    printed,
                    "native code prints something else for {} at size {name} than expected.toml \
                    says; if that is right, run `cargo xtask samples --samples {} --bless`",
                    sample.name,
                    sample.name
                );
                let entry = native_run::entry(sample, command, &run.args, &compiler.sources);
                (entry, Outcome::Exit(run.exit_code), Some(output))
            }
            (SampleEntry::Export { .. } | SampleEntry::Command(_), _) => {
                bail!("expected.toml has another kind of result for {}", sample.name)
            }
        };
        Ok(Size { name: name.to_owned(), entry, expected: outcome, expected_stdout })
    };
    catalogue::SIZES.into_iter().map(size).collect()
}

/// Keeps a second run out of the outputs until this one is done.
fn lock(paths: &Paths) -> Result<File> {
    let path = paths.generated.join("samples.lock");
    let locked = || -> std::io::Result<File> {
        fs::create_dir_all(paths.wasm())?;
        let file = File::options().create(true).append(true).open(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) => {
                let spinner = progress::spinner("another run is building the samples; waiting for it");
                file.lock()?;
                spinner.finish_and_clear();
            }
        }
        Ok(file)
    };
    locked().with_context(|| format!("cannot lock {}", path.display()))
}
