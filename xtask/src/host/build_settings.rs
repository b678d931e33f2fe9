//! What reaches code generation in the builds of this project is set here and wins over the user's
//! settings: flags, profiles, linker, wrapper, C compilers. How cargo reaches its registry (proxies,
//! mirrors, certificates, credentials) stays the user's.

use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use toml::Value;

/// Variables that would change what is compiled, or where it goes.
const UNWANTED: [&str; 12] = [
    "RUSTFLAGS",
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_TARGET_DIR",
    "CARGO_BUILD_TARGET_DIR",
    "CARGO_BUILD_DEP_INFO_BASEDIR",
    "CARGO_INCREMENTAL",
    "CARGO_BUILD_INCREMENTAL",
    "RUSTC_BOOTSTRAP",
    "LIBRARY_PATH",
    "CPATH",
    "LD_LIBRARY_PATH",
];

/// Beginnings of such variables: profiles and targets of cargo, compilers of C and their flags, which the
/// `cc` crate also reads with a target's name behind or before them.
const UNWANTED_BEGINNINGS: [&str; 18] = [
    "CARGO_PROFILE_",
    "CARGO_TARGET_",
    "CC",
    "CXX",
    "CFLAGS",
    "CXXFLAGS",
    "CPPFLAGS",
    "LDFLAGS",
    "AR",
    "ARFLAGS",
    "RANLIB",
    "NM",
    "HOST_",
    "TARGET_",
    "CMAKE_",
    "BINDGEN_EXTRA_CLANG_ARGS",
    "C_INCLUDE_PATH",
    "CPLUS_INCLUDE_PATH",
];

/// Wrappers around the compiler; empty means none, whatever the user's configuration says.
const WRAPPERS: [&str; 4] = [
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
    "CARGO_BUILD_RUSTC_WRAPPER",
    "CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER",
];

/// The flags of rustc besides those of the profile: none, whatever the user's configuration says.
const FLAGS: (&str, &str) = ("CARGO_ENCODED_RUSTFLAGS", "");

/// cargo's release profile; what a package's manifest says of its own comes on top.
const RELEASE: [(&str, &str); 10] = [
    ("codegen-units", "16"),
    ("debug", "false"),
    ("debug-assertions", "false"),
    ("incremental", "false"),
    ("lto", "false"),
    ("opt-level", "3"),
    ("overflow-checks", "false"),
    ("panic", "\"unwind\""),
    ("rpath", "false"),
    ("strip", "\"none\""),
];

/// Takes the user's settings of code generation out of `cargo`.
pub fn without_the_users(cargo: &mut Command) {
    without(cargo, std::env::vars_os().map(|(name, _)| name));
}

/// Takes those of the variables `inherited` out of `cargo` that are not wanted, and sets the others that
/// decide about code generation.
fn without(cargo: &mut Command, inherited: impl Iterator<Item = OsString>) {
    for name in inherited.filter(|name| name.to_str().is_some_and(is_unwanted)) {
        cargo.env_remove(name);
    }
    cargo.envs(WRAPPERS.map(|name| (name, ""))).env(FLAGS.0, FLAGS.1);
}

fn is_unwanted(name: &str) -> bool {
    let begins = |beginning: &str| {
        let rest = name.strip_prefix(beginning);
        rest.is_some_and(|rest| beginning.ends_with('_') || rest.is_empty() || rest.starts_with('_'))
    };
    UNWANTED.contains(&name) || UNWANTED_BEGINNINGS.iter().any(|beginning| begins(beginning))
}

/// The release profile of the package in `folder`, and its linker, as arguments that no configuration of
/// the user comes before.
///
/// # Errors
/// When the manifest cannot be read.
pub fn arguments(folder: &Path) -> Result<Vec<String>> {
    let file = folder.join("Cargo.toml");
    let text = std::fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
    let manifest: Value =
        toml::from_str(&text).with_context(|| format!("understanding {}", file.display()))?;
    let mut profile: BTreeMap<String, String> =
        RELEASE.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let own = manifest.get("profile").and_then(|profiles| profiles.get("release")).and_then(Value::as_table);
    for (key, value) in own.into_iter().flatten().filter(|(_, value)| !value.is_table()) {
        profile.insert(key.clone(), value.to_string());
    }
    let linker = format!("target.{}-unknown-linux-gnu.linker=\"cc\"", std::env::consts::ARCH);
    let profile = profile.iter().map(|(key, value)| format!("profile.release.{key}={value}"));
    Ok(profile.chain([linker]).flat_map(|setting| ["--config".to_owned(), setting]).collect())
}

/// The settings that all builds share, for keys; a manifest's own are in its package's key.
pub fn identity() -> String {
    let profile: Vec<String> = RELEASE.iter().map(|(key, value)| format!("{key}={value}")).collect();
    format!("{} flags={}", profile.join(" "), FLAGS.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_code_generation_are_unwanted_and_ways_to_the_registry_are_kept() {
        for name in [
            "RUSTFLAGS",
            "CARGO_PROFILE_RELEASE_LTO",
            "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER",
            "CC",
            "CC_x86_64_unknown_linux_gnu",
            "CFLAGS",
            "HOST_CFLAGS",
            "AR",
        ] {
            assert!(is_unwanted(name), "{name}");
        }
        for name in
            ["CARGO_HOME", "CARGO_HTTP_PROXY", "CARGO_NET_OFFLINE", "CCACHE_DIR", "ARCH", "HTTPS_PROXY"]
        {
            assert!(!is_unwanted(name), "{name}");
        }
    }

    #[test]
    fn a_manifests_own_profile_stands_and_the_rest_is_cargos() {
        let folder = tempfile::tempdir().unwrap();
        let manifest = "[package]\nname = 'worker'\n[profile.release]\ncodegen-units = 1\nlto = \"fat\"\n";
        std::fs::write(folder.path().join("Cargo.toml"), manifest).unwrap();
        let arguments = arguments(folder.path()).unwrap();
        for setting in [
            "profile.release.codegen-units=1",
            "profile.release.lto=\"fat\"",
            "profile.release.opt-level=3",
            "profile.release.debug=false",
        ] {
            assert!(arguments.iter().any(|argument| argument == setting), "{setting} in {arguments:?}");
        }
    }

    #[test]
    fn a_hostile_environment_does_not_reach_a_build() {
        // Set on the command: other threads of this process read its environment.
        let hostile = [("CFLAGS", "-O0"), ("CARGO_PROFILE_RELEASE_LTO", "off"), ("RUSTC_WRAPPER", "false")];
        let mut cargo = Command::new("env");
        cargo.envs(hostile).env("HTTPS_PROXY", "kept");
        without(
            &mut cargo,
            ["CFLAGS", "CARGO_PROFILE_RELEASE_LTO", "HTTPS_PROXY"].map(OsString::from).into_iter(),
        );
        let output = cargo.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.lines().any(|line| line == "CARGO_ENCODED_RUSTFLAGS="), "{text}");
        assert!(text.lines().any(|line| line == "RUSTC_WRAPPER="), "{text}");
        assert!(text.lines().any(|line| line == "HTTPS_PROXY=kept"), "{text}");
        assert!(!text.contains("CFLAGS=") && !text.contains("CARGO_PROFILE_"), "{text}");
    }
}
