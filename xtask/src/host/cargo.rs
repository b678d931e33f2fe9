//! How the pipeline runs cargo: which program, without which variables of the caller, with a log and
//! progress; and the key of what cargo builds.

use super::build_settings;
use super::files::{self, Named};
use super::hash::hexadecimal;
use super::paths::Paths;
use super::progress;
use crate::{detail, note};
use anyhow::{Context, Result, bail};
use cargo_lock::Lockfile;
use cargo_metadata::Message;
use indicatif::ProgressBar;
use rustix::process::{Pid, setpriority_process};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

/// The cargo that started this program, else the one on PATH.
pub fn program() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// cargo with the environment of the caller.
pub fn inherited() -> Command {
    Command::new(program())
}

/// cargo without the settings of the user that would change what it builds, and without what the cargo
/// around this program left in the environment.
pub fn clean() -> Command {
    let mut cargo = inherited();
    build_settings::without_the_users(&mut cargo);
    cargo
}

/// The same for the package in `folder`, in release, as its manifest has that profile.
///
/// # Errors
/// When the manifest cannot be read.
pub fn release(folder: &Path) -> Result<Command> {
    let mut cargo = clean();
    cargo.current_dir(folder).args(build_settings::arguments(folder)?);
    Ok(cargo)
}

/// The key of a program that is built from `files`, by the checkout's compiler and with `choices`.
///
/// # Errors
/// When a file cannot be read or there is no compiler.
pub fn program_key(files: &[Named], choices: &str, paths: &Paths) -> Result<String> {
    let mut hash = Sha256::new();
    let toolchain = Named::in_folder(&paths.root, "rust-toolchain.toml");
    files::hash(files.iter().chain([&toolchain]), &mut hash)?;
    hash.update(choices);
    hash.update(build_settings::identity());
    hash.update(rustc_version(paths)?);
    Ok(hexadecimal(&hash.finalize()[..8]))
}

fn rustc_version(paths: &Paths) -> Result<Vec<u8>> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(&rustc).arg("-vV").current_dir(&paths.root).output();
    Ok(output.with_context(|| format!("running {} -vV", rustc.display()))?.stdout)
}

/// What is built by [`build`].
pub struct CargoBuild<'a> {
    /// How messages name it.
    pub what: &'a str,
    /// The package's folder.
    pub folder: &'a Path,
    /// The program among what cargo builds there.
    pub program: &'a str,
    /// The file that gets what cargo prints.
    pub log: &'a Path,
    /// Whether another build comes first: then this one takes what that leaves idle.
    pub beside: bool,
}

/// The priority of a build that another one comes before: a third of the other's share where both want
/// the same processor (sched(7)).
const BESIDE_NICE: i32 = 5;

/// Runs `cargo`, a `cargo build`, in release, showing the crates as they go by; gives the path of the
/// program, as cargo names it.
///
/// # Errors
/// When the build fails, with its first error and the log's place.
pub fn build(mut cargo: Command, build: &CargoBuild<'_>) -> Result<PathBuf> {
    std::fs::create_dir_all(build.log.parent().unwrap_or(build.log))?;
    let log = File::create(build.log).with_context(|| format!("creating {}", build.log.display()))?;
    let bar = progress::bar(locked_crates(build.folder).len() as u64, format!("building {}", build.what));
    note!("building {} (once; about {} crates)", build.what, bar.length().unwrap_or(0));
    cargo.args(["--release", "--color", "never", "--message-format", "json-render-diagnostics"]);
    detail!("running {cargo:?}");
    let mut child = cargo
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("starting cargo")?;
    if build.beside {
        // At the usual priority the other build takes longer, and nothing else happens.
        let _ = setpriority_process(Pid::from_raw(child.id().cast_signed()), BESIDE_NICE);
    }
    let (messages, words) = (child.stdout.take(), child.stderr.take());
    let (messages, words) = (messages.context("cargo has no output")?, words.context("cargo has no output")?);
    let logging = thread::spawn(move || log_words(words, log));
    let program = follow(messages, build, &bar);
    let status = child.wait()?;
    let first_error = logging.join().unwrap_or_else(|_| Err(io::Error::other("the log's thread panicked")));
    let first_error = first_error.with_context(|| format!("writing {}", build.log.display()))?;
    bar.finish_and_clear();
    if !status.success() {
        let first = first_error.unwrap_or_else(|| status.to_string());
        bail!("{first} (the whole log is in {})", build.log.display());
    }
    program?
        .with_context(|| format!("cargo built no program `{}` in {}", build.program, build.folder.display()))
}

/// Reads cargo's messages to their end: each crate moves the bar on, and one message names the program.
fn follow(messages: impl Read, build: &CargoBuild<'_>, bar: &ProgressBar) -> Result<Option<PathBuf>> {
    let mut program = None;
    let mut crates = HashSet::new();
    for line in BufReader::new(messages).split(b'\n') {
        // What is no message was printed by something else.
        if let Ok(Message::CompilerArtifact(artifact)) = serde_json::from_slice(&line?) {
            // A crate with a build script has two artifacts.
            crates.insert(artifact.package_id);
            bar.set_position(crates.len() as u64);
            bar.set_message(format!("building {}: {}", build.what, artifact.target.name));
            if artifact.target.name == build.program {
                program = artifact.executable.map(PathBuf::from).or(program);
            }
        }
    }
    Ok(program)
}

/// Copies what cargo prints to the log, whatever bytes it is, and gives its first error.
fn log_words(words: impl Read, mut log: impl Write) -> io::Result<Option<String>> {
    let mut first_error = None;
    for line in BufReader::new(words).split(b'\n') {
        let mut line = line?;
        detail!("{}", String::from_utf8_lossy(&line));
        if first_error.is_none() && line.starts_with(b"error") {
            first_error = Some(String::from_utf8_lossy(&line).into_owned());
        }
        line.push(b'\n');
        log.write_all(&line)?;
    }
    Ok(first_error)
}

/// The crates in the lock file of the package in `folder`; none where it cannot be read.
pub fn locked_crates(folder: &Path) -> Vec<cargo_lock::Package> {
    Lockfile::load(folder.join("Cargo.lock")).map(|lock| lock.packages).unwrap_or_default()
}

/// How many of `crates` cargo has not downloaded yet.
pub fn not_downloaded(crates: &[cargo_lock::Package]) -> usize {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo"))).unwrap_or_default();
    let registries = std::fs::read_dir(home.join("registry/cache")).into_iter().flatten().flatten();
    let registries: Vec<PathBuf> = registries.map(|entry| entry.path()).collect();
    let is_here = |one: &cargo_lock::Package| {
        let file = format!("{}-{}.crate", one.name, one.version);
        registries.iter().any(|registry| registry.join(&file).is_file())
    };
    crates.iter().filter(|one| one.source.is_some() && !is_here(one)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_programs_path_is_the_one_that_cargo_names_whatever_stands_between_its_messages() {
        let artifact = |name: &str, executable: &str| {
            format!(
                r#"{{"reason":"compiler-artifact","package_id":"path+file:///x#{name}@0.1.0","manifest_path":"/x/Cargo.toml","target":{{"kind":["bin"],"crate_types":["bin"],"name":"{name}","src_path":"/x/src/main.rs","edition":"2024","doc":true,"doctest":false,"test":true}},"profile":{{"opt_level":"3","debuginfo":0,"debug_assertions":false,"overflow_checks":false,"test":false}},"features":[],"filenames":[],"executable":{executable},"fresh":false}}"#
            )
        };
        let mut text = artifact("other", "null").into_bytes();
        text.extend(b"\n\xff a line of something else\n");
        text.extend(artifact("worker", r#""/target/some-target/release/worker""#).into_bytes());
        text.push(b'\n');
        text.extend(artifact("worker", "null").into_bytes());
        let (bar, folder, log) = (ProgressBar::hidden(), Path::new("."), Path::new("log"));
        let build = CargoBuild { what: "a worker", folder, program: "worker", log, beside: false };
        let program = follow(&text[..], &build, &bar).unwrap();
        assert_eq!(program, Some(PathBuf::from("/target/some-target/release/worker")));
        assert_eq!(bar.position(), 2, "a crate's second artifact is no other crate");
    }

    #[test]
    fn the_log_has_every_byte_and_the_first_error_is_found() {
        let words = b"   Compiling a\n\xff\xfe\nerror[E0001]: one\nerror: two\n";
        let mut log = Vec::new();
        assert_eq!(log_words(&words[..], &mut log).unwrap().as_deref(), Some("error[E0001]: one"));
        assert_eq!(log, words);
    }
}
