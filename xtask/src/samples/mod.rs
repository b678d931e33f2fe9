//! `cargo xtask samples`: from sample sources to wasm files, native libraries and their manifest.

mod bless;
mod catalogue;
mod compile;
mod outputs;
mod store;
mod strip;
mod survey;
mod table;

use crate::exit::Exit;
use crate::flags::SamplesArgs;
use crate::paths::Paths;
use crate::progress;
use crate::toolchain::{self, Toolchain};
use anyhow::{Context, Result};
use bench::manifest::{Manifest, Module, Native, Sample, Size};
use catalogue::Expected;
use compile::{Compiler, Cpu};
use outputs::{Plan, VARIANTS};
use protocol::{Outcome, Value};
use std::fs::{self, File, TryLockError};
use store::Store;
use table::Row;

/// Builds every sample and prints what came out.
///
/// # Errors
/// When there is no compiler, something cannot be built, or an expected result is missing.
pub fn run(args: &SamplesArgs, paths: &Paths) -> Result<Exit> {
    let built = build_all(paths, &toolchain::prepare(paths)?, args.bless)?;
    println!("{}", table::render(&built.rows));
    println!("{}", paths.wasm().join(Manifest::FILE).display());
    Ok(Exit::Done)
}

/// Builds every sample without a word where all are built; the manifest says what there is.
///
/// # Errors
/// When something cannot be built, or an expected result is missing.
pub fn build(paths: &Paths, toolchain: &Toolchain) -> Result<Manifest> {
    Ok(build_all(paths, toolchain, false)?.manifest)
}

/// The names in the catalogue, in its order.
///
/// # Errors
/// When the catalogue is not well-formed.
pub fn names(paths: &Paths) -> Result<Vec<String>> {
    Ok(catalogue::read(&paths.sample_src)?.into_iter().map(|sample| sample.name).collect())
}

/// What was built, for the instrument and for people.
struct Built {
    manifest: Manifest,
    rows: Vec<Row>,
}

fn build_all(paths: &Paths, toolchain: &Toolchain, bless: bool) -> Result<Built> {
    let sources = paths.sample_src.clone();
    let samples = catalogue::read(&sources)?;
    let _lock = lock(paths)?;
    let store = Store::open(&paths.wasm());
    let compiler = Compiler { toolchain, sources, outputs: paths.wasm() };
    compiler.check_allocator()?;
    let plan = Plan::new(&samples, &compiler, &store)?;
    plan.build()?;
    if bless {
        bless::results(&samples, &compiler, &store)?.write(&compiler.sources, &samples)?;
    }
    let expected = Expected::read(&compiler.sources)?;
    let mut built = Built {
        manifest: Manifest { toolchain: toolchain.version.clone(), samples: Vec::new() },
        rows: Vec::new(),
    };
    for sample in &samples {
        built.add(sample, &plan, &expected)?;
    }
    table::write_csv(&paths.wasm().join("samples.csv"), &built.rows)?;
    store::write(&paths.wasm().join(Manifest::FILE), &serde_json::to_vec_pretty(&built.manifest)?)?;
    Ok(built)
}

impl Built {
    fn add(&mut self, sample: &catalogue::Sample, plan: &Plan<'_>, expected: &Expected) -> Result<()> {
        let mut modules = Vec::new();
        for variant in VARIANTS {
            let path = outputs::module(sample, variant);
            let stamp = plan.stamp(&path)?;
            let survey = stamp.survey.unwrap_or_default();
            self.rows.push(Row::new(&sample.name, variant, stamp.bytes, &survey));
            modules.push(Module {
                variant: variant.to_owned(),
                path,
                bytes: stamp.bytes,
                sha256: stamp.sha256,
            });
        }
        let mut natives = Vec::new();
        for (cpu, variant) in Cpu::ALL.iter().flat_map(|cpu| VARIANTS.map(|variant| (*cpu, variant))) {
            let path = outputs::library(sample, cpu, variant);
            let stamp = plan.stamp(&path)?;
            let (cpu, variant) = (cpu.name().to_owned(), variant.to_owned());
            natives.push(Native { cpu, variant, path, bytes: stamp.bytes, sha256: stamp.sha256 });
        }
        self.manifest.samples.push(Sample {
            name: sample.name.clone(),
            exercises: sample.exercises.clone(),
            export: sample.export.clone(),
            fresh_instance: sample.fresh_instance,
            sizes: sizes(sample, expected)?,
            modules,
            natives,
        });
        Ok(())
    }
}

fn sizes(sample: &catalogue::Sample, expected: &Expected) -> Result<Vec<Size>> {
    let sizes = sample.sizes.all().into_iter();
    sizes
        .map(|(name, argument)| {
            let result = expected.result(sample, name, argument)?;
            Ok(Size {
                name: name.to_owned(),
                args: vec![Value::I32(argument.cast_signed())],
                expected: Outcome::One(Value::I64(result)),
            })
        })
        .collect()
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
