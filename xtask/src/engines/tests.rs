//! Workers that cargo does not build, from an engine folder to the answer of hello.

use super::*;
use crate::host::cache::Cache;

/// Answers hello in the words of the contract; its version is what a file beside it says.
const WORKER: &str = r#"read -r request
can='{"parse":"yes","jit":"yes","instantiate":"yes","aot":{"no":"it has no artifacts"},"wasi":"yes"}'
version=$(cat "${0%/*}/data/version")
printf '{"reply":"hello","configuration":"%s","version":"%s","compiler":"none","flags":"","threads":1,"can":%s,"probes":[],"host_threads":0,"notes":[]}\n' "$1" "$version" "$can"
"#;

fn folder(within: &Path) -> PathBuf {
    let folder = within.join("scripted");
    std::fs::create_dir_all(folder.join("data")).unwrap();
    std::fs::write(folder.join("worker.sh"), WORKER).unwrap();
    std::fs::write(folder.join("data/version"), "1").unwrap();
    let text = "homepage = ''\ncommand = ['sh', 'worker.sh']\nfiles = ['worker.sh', 'data/version']\n\
        [[configuration]]\nname = 'scripted'\nlicence = 'MIT'\n";
    std::fs::write(folder.join("engine.toml"), text).unwrap();
    folder
}

#[test]
fn a_command_is_started_from_a_copy_that_its_files_decide_about() {
    let place = tempfile::tempdir().unwrap();
    let folder = folder(place.path());
    let paths =
        Paths { cache: place.path().join("cache"), engine_dirs: vec![folder.clone()], ..Paths::default() };
    let state = |build| {
        let runtimes = read_named(&paths).unwrap();
        prepare(&runtimes, Wanted { names: &["scripted"], wasi: WasiUse::Somewhere, build }, &paths)
            .unwrap()
            .remove(0)
            .state
    };
    assert!(matches!(state(Build::No), State::NotBuilt));
    let State::Ready(first) = state(Build::Yes) else { panic!("{:?}", state(Build::Yes)) };
    assert_eq!((first.hello.configuration.as_str(), first.hello.version.as_str()), ("scripted", "1"));
    assert!(first.worker.args[0].starts_with(&paths.cache), "{}", first.worker);

    std::fs::write(folder.join("notes.txt"), "not in `files`").unwrap();
    let State::Ready(same) = state(Build::No) else { panic!("another file made another worker") };
    assert_eq!(same.worker, first.worker);

    std::fs::write(folder.join("data/version"), "2").unwrap();
    assert!(matches!(state(Build::No), State::NotBuilt));
    let State::Ready(second) = state(Build::Yes) else { panic!("{:?}", state(Build::Yes)) };
    assert_eq!(second.hello.version, "2");
}

#[test]
fn a_cache_folder_that_was_moved_still_starts_programs_of_needs() {
    let place = tempfile::tempdir().unwrap();
    let folder = folder(place.path());
    let need = format!(
        "[[needs]]\nname = 'tool'\nregistry = 'pypi'\npackage = 'tool'\nversion = '1'\nfile = 'tool.whl'\n\
         sha256 = '{}'\nprogram = 'bin/tool'\nhelp = ''\n",
        "0".repeat(64)
    );
    let text = std::fs::read_to_string(folder.join("engine.toml")).unwrap();
    let text = text.replace("'sh', ", "'tool', ") + "needs = ['tool']\n" + &need;
    std::fs::write(folder.join("engine.toml"), text).unwrap();
    let mut paths =
        Paths { cache: place.path().join("cache"), engine_dirs: vec![folder], ..Paths::default() };
    let fetched = |tree: &Path| {
        std::fs::create_dir(tree.join("bin"))?;
        std::fs::write(tree.join("bin/tool"), "#!/bin/sh\nexec sh \"$@\"\n")?;
        std::fs::set_permissions(tree.join("bin/tool"), std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
        Ok([("tool".to_owned(), "1".to_owned())].into())
    };
    Cache::at(&paths.cache).entry("needs/tool-1-0000000000000000", 0, fetched).unwrap();
    let state = |paths: &Paths, build| {
        let runtimes = read_named(paths).unwrap();
        let wanted = Wanted { names: &["scripted"], wasi: WasiUse::Somewhere, build };
        prepare(&runtimes, wanted, paths).unwrap().remove(0).state
    };
    let State::Ready(first) = state(&paths, Build::Yes) else { panic!("{:?}", state(&paths, Build::Yes)) };
    assert_eq!(first.worker.program, paths.cache.join("needs/tool-1-0000000000000000/bin/tool"));

    let moved = place.path().join("moved");
    std::fs::rename(&paths.cache, &moved).unwrap();
    paths.cache = moved;
    let State::Ready(second) = state(&paths, Build::No) else { panic!("{:?}", state(&paths, Build::No)) };
    assert!(second.worker.program.starts_with(&paths.cache), "{}", second.worker);
}
