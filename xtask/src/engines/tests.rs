//! Workers that cargo does not build, from an engine folder to the answer of hello.

use super::*;

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
