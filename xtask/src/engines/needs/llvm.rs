//! LLVM for engines that compile with it: the system's where it is complete enough to be linked
//! statically, else Debian's packages in the cache folder.

use super::need::{Need, Provided};
use crate::host::apt::{self, Packages};
use crate::host::cache::Entry;
use crate::host::programs::{on_path, write_script};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// LLVM 22, for Wasmer's LLVM compiler through `llvm-sys` 221.
pub const LLVM_22: Need = Need {
    name: "llvm-22",
    system: llvm_22_of_the_system,
    packages: Packages {
        with_dependencies: &["libz3-4", "libzstd1", "zlib1g"],
        alone: &["llvm-22", "llvm-22-dev", "libpolly-22-dev", "libzstd-dev", "zlib1g-dev"],
        leave_out: &["./usr/bin", "./usr/lib/llvm-22/bin/llvm-exegesis"],
    },
    peak_bytes: 700_000_000,
    finish: finish_llvm_22,
    provide: provide_llvm_22,
    command: "sudo apt install llvm-22-dev libpolly-22-dev libzstd-dev libxml2-dev libffi-dev zlib1g-dev",
};

/// LLVM 14 with its cmake files, for WAVM: headers and archives, no tools.
pub const LLVM_14: Need = Need {
    name: "llvm-14",
    system: llvm_14_of_the_system,
    packages: Packages {
        with_dependencies: &["zlib1g", "libtinfo6"],
        alone: &["llvm-14-dev"],
        leave_out: &[],
    },
    peak_bytes: 350_000_000,
    finish: finish_llvm_14,
    provide: provide_llvm_14,
    command: "sudo apt install llvm-14-dev",
};

const LLVM_22_PREFIX: &str = "LLVM_SYS_221_PREFIX";
const LLVM_14_PREFIX: &str = "LLVM_14_PREFIX";

fn llvm_22_of_the_system() -> Option<Provided> {
    let named = std::env::var_os(LLVM_22_PREFIX).map(PathBuf::from).and_then(|prefix| {
        let version = version(&prefix, "22.")?;
        Some((prefix, version))
    });
    let on_path = || on_path("llvm-config-22").and_then(|config| prefix_of(&config));
    let found = || {
        let prefixes = [Some(PathBuf::from("/usr/lib/llvm-22")), on_path()];
        let usable = |prefix: PathBuf| {
            let version = version(&prefix, "22.")?;
            links_statically(&prefix).then_some((prefix, version))
        };
        prefixes.into_iter().flatten().find_map(usable)
    };
    let (prefix, version) = named.or_else(found)?;
    let identity = format!("LLVM {version} of the system");
    Some(Provided { env: vec![(LLVM_22_PREFIX.into(), prefix.into())], path: Vec::new(), identity })
}

fn llvm_14_of_the_system() -> Option<Provided> {
    let prefix = PathBuf::from("/usr/lib/llvm-14");
    let version = version(&prefix, "14.")?;
    let parts = ["lib/cmake/llvm/LLVMConfig.cmake", "lib/libLLVMCore.a", "include/llvm/IR/Module.h"];
    if !parts.iter().all(|part| prefix.join(part).exists()) {
        return None;
    }
    let identity = format!("LLVM {version} of the system");
    Some(Provided { env: vec![(LLVM_14_PREFIX.into(), prefix.into())], path: Vec::new(), identity })
}

/// What the `llvm-config` of `prefix` says, where it runs.
fn ask(prefix: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new(prefix.join("bin/llvm-config")).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn version(prefix: &Path, wanted: &str) -> Option<String> {
    ask(prefix, &["--version"]).filter(|version| version.starts_with(wanted))
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
fn finish_llvm_22(tree: &Path) -> Result<()> {
    let bin = tree.join("usr/lib/llvm-22/bin");
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

fn provide_llvm_22(entry: &Entry) -> Provided {
    provide(entry, LLVM_22_PREFIX, "usr/lib/llvm-22")
}

/// LLVM's cmake files refuse to be used without every tool and library that LLVM has, and name
/// the system's Z3; only its own archives are linked.
fn finish_llvm_14(tree: &Path) -> Result<()> {
    let path = tree.join("usr/lib/llvm-14/lib/cmake/llvm/LLVMExports.cmake");
    let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let z3 = format!("/usr/lib/{}-linux-gnu/libz3.so;", std::env::consts::ARCH);
    let check = "message(FATAL_ERROR \"The imported target";
    let text = text.replace(&z3, "").replace(check, &check.replace("FATAL_ERROR", "VERBOSE"));
    fs::write(&path, text).with_context(|| format!("writing {}", path.display()))
}

fn provide_llvm_14(entry: &Entry) -> Provided {
    provide(entry, LLVM_14_PREFIX, "usr/lib/llvm-14")
}

/// The prefix in the tree, and the folders in which the linker finds what LLVM calls.
fn provide(entry: &Entry, variable: &str, prefix: &str) -> Provided {
    let mut env = vec![(variable.to_owned(), entry.path.join(prefix).into_os_string())];
    if let Some(path) = apt::search_path("LIBRARY_PATH", &apt::library_folders(&entry.path)) {
        env.push(("LIBRARY_PATH".to_owned(), path));
    }
    Provided { env, path: Vec::new(), identity: entry.identity() }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(version(folder.path(), "22."), None);
        assert_eq!(version(folder.path(), "21.").as_deref(), Some("21.1.0"));
        assert_eq!(version(&folder.path().join("none"), "22."), None);
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
        finish_llvm_14(folder.path()).unwrap();
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
        finish_llvm_22(folder.path()).unwrap();
        let prefix = folder.path().join("usr/lib/llvm-22");
        assert_eq!(ask(&prefix, &["--link-static", "--system-libs"]).unwrap(), "-lm -lz -lzstd");
        assert!(ask(&prefix, &["--version"]).unwrap().contains("libz3"));
        assert!(!bin.join("opt").exists());
    }
}
