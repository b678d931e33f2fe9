//! The steps `llvm-config` and `llvm-cmake`: the system's LLVM where it is complete enough to be linked
//! statically, else the unpacked packages of Debian.

use super::need::Need;
use super::provided::Provided;
use crate::host::apt;
use crate::host::cache::CacheEntry;
use crate::host::programs::{on_path, write_script};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the steps of LLVM read of a need.
struct Wanted<'a> {
    /// The major version.
    version: &'a str,
    /// The prefix in the unpacked tree, and in the system's.
    prefix: &'a Path,
    /// The variable that tells the worker's build the prefix.
    sets: &'a str,
}

impl Wanted<'_> {
    fn of(need: &Need) -> Wanted<'_> {
        // A need with such a step has them all, which is checked when it is read.
        Wanted {
            version: need.version.as_deref().unwrap_or_default(),
            prefix: need.prefix.as_deref().unwrap_or(Path::new("")),
            sets: need.sets.as_deref().unwrap_or_default(),
        }
    }

    fn of_system(&self, prefix: PathBuf, version: &str) -> Provided {
        let identity = format!("LLVM {version} of the system");
        Provided { env: vec![(self.sets.to_owned(), prefix.into())], identity, ..Provided::default() }
    }
}

/// The system's LLVM where it is complete enough to be linked statically, or the one that the user names.
pub fn config_on_system(need: &Need) -> Option<Provided> {
    let wanted = Wanted::of(need);
    let named = need.env.as_ref().and_then(std::env::var_os).map(PathBuf::from).and_then(|prefix| {
        let version = version(&prefix, wanted.version)?;
        Some((prefix, version))
    });
    let on_path = || prefix_of(&on_path(&format!("llvm-config-{}", wanted.version))?);
    let found = || {
        let prefixes = [Some(Path::new("/").join(wanted.prefix)), on_path()];
        let usable = |prefix: PathBuf| {
            let version = version(&prefix, wanted.version)?;
            links_statically(&prefix).then_some((prefix, version))
        };
        prefixes.into_iter().flatten().find_map(usable)
    };
    let (prefix, version) = named.or_else(found)?;
    Some(wanted.of_system(prefix, &version))
}

/// The system's LLVM where it has cmake files, headers and archives.
pub fn cmake_on_system(need: &Need) -> Option<Provided> {
    let wanted = Wanted::of(need);
    let prefix = Path::new("/").join(wanted.prefix);
    let version = version(&prefix, wanted.version)?;
    let parts = ["lib/cmake/llvm/LLVMConfig.cmake", "lib/libLLVMCore.a", "include/llvm/IR/Module.h"];
    if !parts.iter().all(|part| prefix.join(part).exists()) {
        return None;
    }
    Some(wanted.of_system(prefix, &version))
}

/// What the `llvm-config` of `prefix` says, where it runs.
fn ask(prefix: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new(prefix.join("bin/llvm-config")).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The LLVM's version, where its major version is `wanted`.
fn version(prefix: &Path, wanted: &str) -> Option<String> {
    let major = |version: &String| version.split('.').next() == Some(wanted);
    ask(prefix, &["--version"]).filter(major)
}

/// The prefix whose `bin` folder the program really lies in.
fn prefix_of(program: &Path) -> Option<PathBuf> {
    Some(fs::canonicalize(program).ok()?.parent()?.parent()?.to_owned())
}

/// Whether everything is there that a static link with this LLVM names: its own archives
/// (Polly's come in a package of their own) and the libraries that those call.
fn links_statically(prefix: &Path) -> bool {
    let folders = library_search_path();
    let is_there = |flag: &str| match flag.strip_prefix("-l") {
        Some(name) => folders.iter().any(|folder| {
            folder.join(format!("lib{name}.so")).exists() || folder.join(format!("lib{name}.a")).exists()
        }),
        None => Path::new(flag).exists(),
    };
    let archives = ask(prefix, &["--link-static", "--libnames"]);
    let system = ask(prefix, &["--link-static", "--system-libs"]);
    archives.is_some_and(|names| names.split_whitespace().all(|name| prefix.join("lib").join(name).exists()))
        && system.is_some_and(|flags| flags.split_whitespace().all(is_there))
}

fn library_search_path() -> Vec<PathBuf> {
    let mut folders = apt::library_folders(Path::new("/"));
    folders.extend(["/usr/local/lib", "/usr/lib64", "/usr/lib"].map(PathBuf::from));
    folders
}

/// The tools go, since only `llvm-config` is used. zlib and zstd are linked from their archives,
/// so that a worker needs no library of the unpacked tree when it runs.
///
/// # Errors
/// When the packages do not have what is expected, or a file cannot be changed.
pub fn finish_config(need: &Need, tree: &Path) -> Result<()> {
    let bin = tree.join(Wanted::of(need).prefix).join("bin");
    for entry in fs::read_dir(&bin).with_context(|| format!("the packages have no {}", bin.display()))? {
        let entry = entry?;
        if entry.file_name() != "llvm-config" {
            fs::remove_file(entry.path())?;
        }
    }
    fs::rename(bin.join("llvm-config"), bin.join("llvm-config.bin"))?;
    write_script(&bin.join("llvm-config"), &llvm_config_script())?;
    for folder in apt::library_folders(tree) {
        for library in ["libz.so", "libzstd.so"] {
            let _ = fs::remove_file(folder.join(library));
        }
    }
    Ok(())
}

/// A wrapper that finds llvm-config's own libraries in the tree, and drops from its answers
/// the system libraries that only unused parts of LLVM call (the Z3 solver, Windows manifests).
fn llvm_config_script() -> [&'static str; 9] {
    [
        "here=$(dirname \"$(readlink -f \"$0\")\")",
        "tree=$here/../../../..",
        "multiarch=$(uname -m)-linux-gnu",
        "LD_LIBRARY_PATH=$tree/usr/lib/$multiarch:$tree/lib/$multiarch${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}",
        "export LD_LIBRARY_PATH",
        "case \" $* \" in *' --system-libs '*) ;; *) exec \"$here/llvm-config.bin\" \"$@\" ;; esac",
        "answer=$(\"$here/llvm-config.bin\" \"$@\") || exit",
        "# shellcheck disable=SC2086 # one library a word",
        "for word in $answer; do case $word in *z3*|-lxml2|-lffi) ;; *) printf '%s ' \"$word\" ;; esac; done; echo",
    ]
}

/// LLVM's cmake files refuse to be used without every tool and library that LLVM has, and name
/// the system's Z3; only its own archives are linked.
///
/// # Errors
/// When the packages have no such file, or it cannot be changed.
pub fn finish_cmake(need: &Need, tree: &Path) -> Result<()> {
    let path = tree.join(Wanted::of(need).prefix).join("lib/cmake/llvm/LLVMExports.cmake");
    let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let z3 = format!("/usr/lib/{}-linux-gnu/libz3.so;", std::env::consts::ARCH);
    let check = "message(FATAL_ERROR \"The imported target";
    let text = text.replace(&z3, "").replace(check, &check.replace("FATAL_ERROR", "VERBOSE"));
    fs::write(&path, text).with_context(|| format!("writing {}", path.display()))
}

/// The prefix in the tree, and the folders in which the linker finds what LLVM calls.
pub fn provide(need: &Need, entry: &CacheEntry) -> Provided {
    let wanted = Wanted::of(need);
    let mut env = vec![(wanted.sets.to_owned(), entry.path.join(wanted.prefix).into_os_string())];
    if let Some(path) = apt::search_path("LIBRARY_PATH", &apt::library_folders(&entry.path)) {
        env.push(("LIBRARY_PATH".to_owned(), path));
    }
    Provided { env, identity: entry.identity(), ..Provided::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn llvm(version: &str, step: &str) -> Need {
        let text = format!(
            "name = 'llvm'\nregistry = 'debian'\npackages = ['llvm']\nversion = '{version}'\nstep = '{step}'\n\
             prefix = 'usr/lib/llvm-{version}'\nsets = 'PREFIX'\nhelp = ''"
        );
        toml::from_str(&text).unwrap()
    }

    /// A folder with an `llvm-config` that answers as a complete LLVM would.
    fn fake_prefix(folder: &Path, version: &str, system_libs: &str) {
        fs::create_dir_all(folder.join("bin")).unwrap();
        fs::create_dir_all(folder.join("lib")).unwrap();
        let answers = format!(
            "case \"$*\" in --version) echo {version};; *--libnames) echo libLLVMCore.a libPolly.a;; \
             *) echo {system_libs};; esac"
        );
        write_script(&folder.join("bin/llvm-config"), &[&answers]).unwrap();
        fs::write(folder.join("lib/libLLVMCore.a"), "").unwrap();
        fs::write(folder.join("lib/libPolly.a"), "").unwrap();
    }

    #[test]
    fn another_major_version_is_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        fake_prefix(folder.path(), "21.1.0", "");
        assert_eq!(version(folder.path(), "22"), None);
        assert_eq!(version(folder.path(), "21").as_deref(), Some("21.1.0"));
        assert_eq!(version(&folder.path().join("none"), "22"), None);
    }

    #[test]
    fn an_llvm_without_polly_or_a_library_it_calls_is_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        fake_prefix(folder.path(), "22.1.8", "-lm");
        assert!(links_statically(folder.path()));
        fake_prefix(folder.path(), "22.1.8", "-lm -lno-such-library");
        assert!(!links_statically(folder.path()));
        fake_prefix(folder.path(), "22.1.8", "/no/such/libz3.so");
        assert!(!links_statically(folder.path()));
        fake_prefix(folder.path(), "22.1.8", "-lm");
        fs::remove_file(folder.path().join("lib/libPolly.a")).unwrap();
        assert!(!links_statically(folder.path()));
    }

    #[test]
    fn the_unpacked_cmake_files_do_not_insist_on_tools_that_are_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let cmake = folder.path().join("usr/lib/llvm-14/lib/cmake/llvm");
        fs::create_dir_all(&cmake).unwrap();
        let text = "message(FATAL_ERROR \"The imported target x\")\nmessage(FATAL_ERROR \"other\")\n";
        fs::write(cmake.join("LLVMExports.cmake"), text).unwrap();
        finish_cmake(&llvm("14", "llvm-cmake"), folder.path()).unwrap();
        let text = fs::read_to_string(cmake.join("LLVMExports.cmake")).unwrap();
        assert_eq!(text, "message(VERBOSE \"The imported target x\")\nmessage(FATAL_ERROR \"other\")\n");
    }

    #[test]
    fn the_unpacked_llvm_config_leaves_out_what_is_not_linked() {
        let folder = tempfile::tempdir().unwrap();
        let bin = folder.path().join("usr/lib/llvm-22/bin");
        fs::create_dir_all(&bin).unwrap();
        write_script(&bin.join("llvm-config"), &["echo -lm /usr/lib/libz3.so -lz -lzstd -lxml2"]).unwrap();
        write_script(&bin.join("opt"), &[]).unwrap();
        finish_config(&llvm("22", "llvm-config"), folder.path()).unwrap();
        let prefix = folder.path().join("usr/lib/llvm-22");
        assert_eq!(ask(&prefix, &["--link-static", "--system-libs"]).unwrap(), "-lm -lz -lzstd");
        assert!(ask(&prefix, &["--version"]).unwrap().contains("libz3"));
        assert!(!bin.join("opt").exists());
    }
}
