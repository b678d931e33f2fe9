//! A module of the user's own with everything that is asked of it: read, understood and checked before
//! anything is built.

use super::arguments;
use super::environment::{Environment, Given};
use super::expectation::{Expectations, ExpectedOutput};
use super::input;
use super::module::Module;
use super::steady::Instances;
use super::stubs::{self, Stubs};
use crate::host::files::written;
use crate::host::hash::sha256;
use anyhow::Result;
use bench::plan::Case;
use bench::record::ModuleFacts;
use protocol::{Entry, MarksUse, Outcome, SetupCall, marks};
use std::path::{Path, PathBuf};

/// What is asked of a module, as it was typed.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Its name in tables and files.
    pub name: String,
    /// The file, or `-`.
    pub file: PathBuf,
    /// The function to call and its arguments; empty for a command.
    pub invoke: Vec<String>,
    /// Calls that ready every fresh instance, each a function and its arguments.
    pub setup: Vec<String>,
    /// Whether nothing is called.
    pub compile_only: bool,
    /// What stands in for imports that no engine provides.
    pub stubs: Option<Stubs>,
    /// Which instances warm calls are made on.
    pub instances: Instances,
    /// The results that a function must have.
    pub expect: Option<Vec<String>>,
    /// The exit code that a command must have.
    pub expect_exit: Option<i32>,
    /// What a command is given, and what it must print.
    pub given: Given,
    /// The group of its case, where it is not one of several builds.
    pub group: Option<String>,
}

/// The call that was asked for cannot be made; the message says why.
#[derive(Debug)]
pub struct WrongCall(String);

impl std::fmt::Display for WrongCall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WrongCall {}

/// A module that was read and understood.
#[derive(Clone, Debug)]
pub struct OwnModule {
    /// Its name in tables and files.
    pub name: String,
    /// The file, or `-`.
    pub file: PathBuf,
    /// What is measured.
    pub wasm: Vec<u8>,
    /// What is in it.
    pub module: Module,
    /// What the file was unpacked or assembled from.
    pub forms: Vec<&'static str>,
    /// The imports that were replaced.
    pub stubbed: Vec<String>,
    /// What is called, where something can be.
    pub entry: Option<Entry>,
    /// What is called before on every fresh instance.
    pub setup: Vec<SetupCall>,
    /// Why nothing is called, where nothing is.
    pub compile_only: Option<String>,
    /// What a command is given.
    pub environment: Environment,
    /// Which instances warm calls are made on.
    pub instances: Instances,
    outcome: Option<(Outcome, &'static str)>,
    stubs: Stubs,
    group: Option<String>,
}

impl OwnModule {
    /// Reads and checks what is `asked`.
    ///
    /// # Errors
    /// When a file is not what it should be, or the call cannot be made ([`WrongCall`]).
    pub fn check(asked: &Asked) -> Result<OwnModule> {
        let shown = input::shown(&asked.file);
        let input::ModuleFile { mut wasm, forms } = input::read(&asked.file)?;
        let mut module = Module::of(&shown, &wasm)?;
        let mut stubbed = Vec::new();
        if let Some(stubs) = asked.stubs {
            stubbed = module.not_provided();
            if !stubbed.is_empty() {
                wasm = stubs::satisfy(&wasm, stubs, |from, name| module.is_provided(from, name))?;
                module = Module::of(&shown, &wasm)?;
            }
        }
        let compile_only = compile_only(asked, &module);
        let wrong = |error: anyhow::Error| WrongCall(format!("{error:#}"));
        let entry = match asked.invoke.as_slice() {
            [] if compile_only.is_some() => None,
            [] => {
                arguments::require_start(&shown, &module)?;
                None
            }
            invoke => Some(arguments::export(&shown, &module, invoke).map_err(wrong)?),
        };
        let setup = arguments::setup(&shown, &module, &asked.setup).map_err(wrong)?;
        let outcome = match (&asked.expect, &entry) {
            (Some(texts), Some(entry)) => {
                Some((arguments::outcome(&shown, &module, entry, texts).map_err(wrong)?, "--expect"))
            }
            _ => asked.expect_exit.map(|code| (Outcome::Exit(code), "--expect-exit")),
        };
        Ok(OwnModule {
            name: asked.name.clone(),
            file: asked.file.clone(),
            environment: Environment::check(&asked.given)?,
            instances: asked.instances,
            stubs: asked.stubs.unwrap_or_default(),
            group: asked.group.clone(),
            wasm,
            module,
            forms,
            stubbed,
            entry,
            setup,
            compile_only,
            outcome,
        })
    }

    /// The case of its copy `wasm`; nothing is expected of it yet.
    pub fn case(&self, wasm: &Path, stdin: Option<&Path>) -> Case {
        let around = &self.environment;
        let command = || Entry::Command {
            args: std::iter::once(self.program()).chain(around.args.iter().cloned()).collect(),
            env: around.env.clone(),
            stdin: stdin.map(Path::to_owned),
            dirs: around.dirs.clone(),
        };
        let mut case = Case::own(&self.name, wasm, self.entry.clone().unwrap_or_else(command));
        case.compile_only.clone_from(&self.compile_only);
        case.setup.clone_from(&self.setup);
        case.needs_wasi = self.needs_wasi();
        if let Some(group) = &self.group {
            case.group.clone_from(group);
            // It is compared with no other module.
            case.comparison.clone_from(&self.name);
        }
        if self.marks_d() {
            case.marks = MarksUse::TimedAsCall;
        }
        case
    }

    /// What the user expects, with copies of the expected outputs in the run's `folder`.
    ///
    /// # Errors
    /// When the copies cannot be written.
    pub fn expected(&self, folder: &Path) -> Result<Expectations> {
        let copy = |name: &str, bytes: Option<&Vec<u8>>| {
            let Some(bytes) = bytes else { return Ok(None) };
            let file = written(&folder.join(self.copy_name(name)), bytes)?;
            anyhow::Ok(Some(ExpectedOutput { file, bytes: bytes.len() as u64, sha256: sha256(bytes) }))
        };
        Ok(Expectations {
            outcome: self.outcome.clone(),
            stdout: copy("expected-stdout", self.environment.expected_stdout.as_ref())?,
            stderr: copy("expected-stderr", self.environment.expected_stderr.as_ref())?,
        })
    }

    /// Whether it is measured for itself, and is no build of a program that is compared with others.
    pub fn is_independent(&self) -> bool {
        self.group.is_some()
    }

    /// The name of a copy that the run keeps of what is given for it.
    pub fn copy_name(&self, what: &str) -> String {
        if self.is_independent() { format!("{}.{what}", self.name) } else { what.to_owned() }
    }

    /// Whether it uses WASI: it imports it, or runs as a command.
    pub fn needs_wasi(&self) -> bool {
        self.module.imports_wasi() || (self.entry.is_none() && self.compile_only.is_none())
    }

    /// The command's name, as it sees it.
    fn program(&self) -> String {
        match self.file.as_os_str() == input::STDIN {
            true => format!("{}.wasm", self.name),
            false => self.file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        }
    }

    /// Whether it imports both ends of the stretch that is d.
    fn marks_d(&self) -> bool {
        self.module.marks.len() == 2
    }

    /// What a reader of the tables must know before anything is tried.
    pub fn notes(&self, case: &Case) -> Vec<String> {
        let name = &self.name;
        let stubs = (!self.stubbed.is_empty()).then(|| {
            let doing = if self.stubs == Stubs::Trap { "trap when they are called" } else { "return zero" };
            format!(
                "{name}: measured with stubs in place of imports: {}; functions among them {doing}",
                self.stubbed.join(", ")
            )
        });
        let only = case.compile_only.as_ref().map(|reason| {
            format!("{name}: {reason}; parse, compile, save and load are measured, and no instance or call")
        });
        let unknown = (!self.module.unknown_wasi.is_empty() && only.is_none()).then(|| {
            format!(
                "{name}: it imports {}, which WASI preview 1 does not have; --stub-imports=trap stands in for it",
                self.module.unknown_wasi.join(", ")
            )
        });
        let unstable = (self.module.imports_unstable && only.is_none()).then(|| {
            format!(
                "{name}: it imports wasi_unstable, which few engines provide; to run it on all, build it for WASI \
                 preview 1 (wasm32-wasip1)"
            )
        });
        let marks = match (self.module.marks.as_slice(), &only) {
            ([_, _], None) => Some(format!(
                "{name}: d is the time between its {}.{} and {}.{}; totals hold the whole call",
                marks::MODULE,
                marks::START,
                marks::MODULE,
                marks::END
            )),
            ([one], None) => {
                Some(format!("{name}: it imports {one} without its other half, so d is the whole call"))
            }
            _ => None,
        };
        let reactor = (self.entry.is_some() && only.is_none() && self.module.is_reactor())
            .then(|| format!("{name}: a reactor: its _initialize is called once in every instance, in c"));
        let setup = (!self.setup.is_empty()).then(|| {
            let names: Vec<&str> = self.setup.iter().map(|call| call.name.as_str()).collect();
            format!("{name}: before its call every fresh instance is set up, untimed: {}", names.join(", "))
        });
        [stubs, only, unknown, unstable, marks, reactor, setup].into_iter().flatten().collect()
    }

    /// What `run.json` says of it.
    pub fn facts(&self) -> ModuleFacts {
        let path = (self.file.as_os_str() != input::STDIN).then(|| {
            let path = std::path::absolute(&self.file).unwrap_or_else(|_| self.file.clone());
            // JSON holds text alone.
            if path.to_str().is_some() { path } else { PathBuf::from(input::shown(&path)) }
        });
        ModuleFacts {
            sample: self.name.clone(),
            path,
            variant: bench::plan::OWN.to_owned(),
            bytes: self.wasm.len() as u64,
            code_section_bytes: Some(self.module.code_section_bytes),
            target_cpu: None,
            sha256: sha256(&self.wasm),
        }
    }
}

/// Why nothing of `module` is called, where nothing is.
fn compile_only(asked: &Asked, module: &Module) -> Option<String> {
    if asked.compile_only {
        return Some("--compile-only was set".to_owned());
    }
    if !module.unmet.is_empty() {
        return Some(format!(
            "it imports {}, which no engine here provides (--stub-imports=trap stands in for imports that are not \
             called)",
            module.unmet.join(", ")
        ));
    }
    let is_command = asked.invoke.is_empty();
    (is_command && module.imports_wasi() && !module.exports_memory())
        .then(|| "it imports WASI functions and exports no memory `memory`, which they need".to_owned())
}
