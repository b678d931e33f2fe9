//! A case: one sample in one variant at one size, with everything a worker needs to open it.

use super::engine::{EngineSpec, Input, WorkerCommand};
use super::manifest::BuiltSample;
use protocol::message::Request;
use protocol::{Entry, MarksUse, Outcome, Pass, SetupCall};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// One sample in one variant at one size, the same for every engine.
#[derive(Clone, Debug)]
pub struct Case {
    /// The sample's name.
    pub sample: String,
    /// The wasm's variant.
    pub variant: String,
    /// The arguments' name: `small`, `medium` or `large`.
    pub size: String,
    /// The sample's group in the catalogue.
    pub group: String,
    /// What its comparison is called; the cases of one comparison are read next to each other.
    pub comparison: String,
    /// What is called.
    pub entry: Entry,
    /// What every call must end in.
    pub expected: Option<Outcome>,
    /// A file whose bytes the guest's standard output must equal.
    pub expected_stdout: Option<PathBuf>,
    /// A file whose bytes the guest's standard error must equal.
    pub expected_stderr: Option<PathBuf>,
    /// Exports that are called on every fresh instance before the entry, untimed.
    pub setup: Vec<SetupCall>,
    /// Whether each batch of warm calls gets an instance of its own, since an instance may wear out.
    pub renews_instances: bool,
    /// Whether every warm call needs a fresh instance.
    pub fresh_instance: bool,
    /// Whether it uses WASI, so that an engine with a worker of its own for that takes it.
    pub needs_wasi: bool,
    /// Whether d is the whole call, or the stretch that the module marks.
    pub marks: MarksUse,
    /// Why it is only parsed, compiled, saved and loaded, where it is.
    pub compile_only: Option<String>,
    /// Engines, by name, that can compile it and not call it, each with the reason.
    pub uncallable: BTreeMap<String, String>,
    /// Engines, by name, that have failed before the run, each with the reason: their cells fail.
    pub failing: BTreeMap<String, String>,
    /// Another entry of the same module, with what it must end in: a known amount of more work.
    pub injected: Option<(Entry, Outcome)>,
    wasm: PathBuf,
    native_baseline: Option<PathBuf>,
    native_host: Option<PathBuf>,
}

/// The variant, the size and the group of a module that is no sample of the catalogue.
pub const OWN: &str = "own";

impl Case {
    /// The case of `sample` in `variant` at `size`, with files under `folder`; `None` where the
    /// sample has no such variant or size.
    pub fn new(sample: &BuiltSample, variant: &str, size: &str, folder: &Path) -> Option<Case> {
        let module = sample.modules.iter().find(|module| module.variant == variant)?;
        let size = sample.sizes.iter().find(|known| known.name == size)?;
        let native = |cpu: &str| {
            let of_cpu = || sample.natives.iter().filter(|native| native.cpu == cpu);
            let same = of_cpu().find(|native| native.variant == variant);
            same.or_else(|| of_cpu().find(|native| native.variant == "stripped"))
                .map(|native| folder.join(&native.path))
        };
        Some(Case {
            sample: sample.name.clone(),
            variant: variant.to_owned(),
            size: size.name.clone(),
            group: sample.group.clone(),
            // The variants of a sample are compared with each other.
            comparison: format!("{} {}", sample.name, size.name),
            entry: size.entry.clone(),
            expected: Some(size.expected.clone()),
            expected_stdout: size.expected_stdout.as_ref().map(|file| folder.join(file)),
            expected_stderr: None,
            setup: Vec::new(),
            renews_instances: false,
            fresh_instance: sample.fresh_instance,
            needs_wasi: matches!(size.entry, Entry::Command { .. }),
            marks: MarksUse::Ignored,
            compile_only: None,
            uncallable: BTreeMap::new(),
            failing: BTreeMap::new(),
            injected: None,
            wasm: folder.join(&module.path),
            native_baseline: native("baseline"),
            native_host: native("host"),
        })
    }

    /// The case of a module that is no sample of the catalogue: its one variant, its size and its group are
    /// called `own`, there is no native code of it, and nothing is expected of it yet.
    pub fn own(name: &str, wasm: &Path, entry: Entry) -> Case {
        Case {
            sample: name.to_owned(),
            variant: OWN.to_owned(),
            size: OWN.to_owned(),
            group: OWN.to_owned(),
            comparison: OWN.to_owned(),
            // Commands are written to run once in an instance.
            fresh_instance: matches!(entry, Entry::Command { .. }),
            needs_wasi: matches!(entry, Entry::Command { .. }),
            entry,
            expected: None,
            expected_stdout: None,
            expected_stderr: None,
            setup: Vec::new(),
            renews_instances: true,
            marks: MarksUse::Ignored,
            compile_only: None,
            uncallable: BTreeMap::new(),
            failing: BTreeMap::new(),
            injected: None,
            wasm: wasm.to_owned(),
            native_baseline: None,
            native_host: None,
        }
    }

    /// Why `engine` only parses, compiles, saves and loads it, where it does.
    pub fn only_compiled(&self, engine: &str) -> Option<&str> {
        let of_engine = || self.uncallable.get(engine);
        self.compile_only.as_ref().or_else(of_engine).map(String::as_str)
    }

    /// Whether `pass` is a pass of `engine` on this case: where a case is only compiled its loads are
    /// read alone, otherwise they are read as part of a run pass.
    pub fn has_pass(&self, pass: Pass, engine: &str) -> bool {
        pass != Pass::Load || self.only_compiled(engine).is_some()
    }

    /// Why `pass` of `engine` on this case is unsupported, where it is.
    pub fn unsupported<'a>(&'a self, pass: Pass, engine: &'a EngineSpec) -> Option<&'a str> {
        let only = self.only_compiled(&engine.name).filter(|_| pass.needs_instances());
        only.or_else(|| self.lacks(engine.input)).or_else(|| engine.lacks(pass))
    }

    /// How the worker of `engine` that measures it is started.
    pub fn worker_of<'a>(&self, engine: &'a EngineSpec) -> &'a WorkerCommand {
        engine.wasi_worker.as_ref().filter(|_| self.needs_wasi).unwrap_or(&engine.worker)
    }

    /// Whether its module needs nothing newer than WebAssembly's first release.
    pub fn is_mvp(&self) -> bool {
        super::is_mvp(&self.wasm)
    }

    /// Whether it is a module of the user's own.
    pub fn is_own(&self) -> bool {
        self.variant == OWN
    }

    /// Why `engine` failed before anything was measured, if it did.
    pub fn failure_of(&self, engine: &str) -> Option<&str> {
        self.failing.get(engine).map(String::as_str)
    }

    /// The file that `engine` opens; `None` where the sample has none for it.
    pub fn file(&self, input: Input) -> Option<&Path> {
        match input {
            Input::Wasm => Some(&self.wasm),
            Input::NativeBaseline => self.native_baseline.as_deref(),
            Input::NativeHost => self.native_host.as_deref(),
        }
    }

    /// The same case with copies of its files in `folder`, so that nothing that is built meanwhile changes what
    /// is measured.
    ///
    /// # Errors
    /// When a file cannot be copied.
    pub fn copied_to(mut self, folder: &Path) -> io::Result<Case> {
        let of_case = folder.join(format!("{}-{}-{}", self.sample, self.variant, self.size));
        let natives = [&mut self.native_baseline, &mut self.native_host].into_iter().flatten();
        for (file, name) in [&mut self.wasm].into_iter().chain(natives).zip(["wasm", "baseline", "host"]) {
            let copies = of_case.join(name);
            std::fs::create_dir_all(&copies)?;
            let copy = copies.join(file.file_name().unwrap_or_default());
            std::fs::copy(&*file, &copy)?;
            *file = copy;
        }
        Ok(self)
    }

    /// Why the sample has no file that an engine with this `input` could open, where it has none.
    pub fn lacks(&self, input: Input) -> Option<&'static str> {
        match (self.file(input), &self.entry) {
            (Some(_), _) => None,
            (None, Entry::Command { .. }) => {
                Some("a command is no library: its native program is the reference, and is not measured")
            }
            (None, Entry::Export { .. }) => Some("the sample is not built as a native library for this CPU"),
        }
    }

    /// The request that has a worker open this case; `None` where the sample has no file for it.
    pub fn open(&self, input: Input) -> Option<Request> {
        Some(Request::Open {
            module: self.file(input)?.to_owned(),
            entry: self.entry.clone(),
            expected: self.expected.clone(),
            expected_stdout: self.expected_stdout.clone(),
            expected_stderr: self.expected_stderr.clone(),
            setup: self.setup.clone(),
            fresh_instance: self.fresh_instance,
            marks: self.marks,
            signature: super::signature(self.file(input)?, &self.entry),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::manifest::{BuiltModule, Size};
    use super::*;

    #[test]
    fn a_command_carries_what_it_prints_and_says_why_native_code_does_not_run_it() {
        let entry = Entry::Command { args: vec!["x".into()], env: vec![], stdin: None, dirs: vec![] };
        let size = Size {
            name: "small".into(),
            entry: entry.clone(),
            expected: Outcome::Exit(3),
            expected_stdout: Some("out/x".into()),
        };
        let module = BuiltModule {
            variant: "stripped".into(),
            path: "x.wasm".into(),
            bytes: 8,
            code_section_bytes: 0,
            sha256: String::new(),
        };
        let sample = BuiltSample {
            name: "x".into(),
            group: "wasi".into(),
            exercises: String::new(),
            fresh_instance: true,
            sizes: vec![size],
            modules: vec![module],
            natives: Vec::new(),
        };
        let case = Case::new(&sample, "stripped", "small", Path::new("/wasm")).expect("it has both");
        assert_eq!((case.lacks(Input::Wasm), case.file(Input::NativeHost)), (None, None));
        assert!(case.lacks(Input::NativeBaseline).is_some_and(|reason| reason.contains("command")));
        let open = Request::Open {
            module: "/wasm/x.wasm".into(),
            entry,
            expected: Some(Outcome::Exit(3)),
            expected_stdout: Some("/wasm/out/x".into()),
            expected_stderr: None,
            setup: Vec::new(),
            fresh_instance: true,
            marks: MarksUse::Ignored,
            signature: None,
        };
        assert_eq!(case.open(Input::Wasm), Some(open));
        assert!(Case::new(&sample, "oz", "small", Path::new("/wasm")).is_none());
    }
}
