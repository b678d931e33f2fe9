//! Tests of the cache folder with small entries of its own.

use super::*;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

fn cache(folder: &Path) -> Cache {
    Cache { folder: folder.to_owned(), available: |_| Ok(u64::MAX) }
}

fn two_files(folder: &Path) -> Result<Holds> {
    fs::create_dir(folder.join("usr"))?;
    fs::write(folder.join("usr/a"), "first")?;
    fs::write(folder.join("b"), "second")?;
    Ok(Holds::from([("letters".into(), "1.0 sha256:00".into())]))
}

fn refuse(_: &Path) -> Result<Holds> {
    bail!("nothing was to be made")
}

#[test]
fn an_entry_is_made_once_and_then_found() {
    let folder = tempfile::tempdir().unwrap();
    let made = cache(folder.path()).entry("letters", 0, two_files).unwrap();
    assert_eq!(made.identity(), "letters 1.0 sha256:00");
    assert_eq!(cache(folder.path()).entry("letters", 0, refuse).unwrap(), made);
    assert_eq!(cache(folder.path()).find("letters").unwrap(), made);
}

#[test]
fn a_name_may_hold_a_slash() {
    let folder = tempfile::tempdir().unwrap();
    let made = cache(folder.path()).entry("workers/0123", 0, two_files).unwrap();
    assert!(made.path.join("usr/a").is_file());
}

#[test]
fn an_entry_without_a_marker_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("letters")).unwrap();
    fs::write(folder.path().join("letters/half"), "").unwrap();
    assert!(cache(folder.path()).find("letters").is_none());
    let made = cache(folder.path()).entry("letters", 0, two_files).unwrap();
    assert!(!made.path.join("half").exists() && made.path.join("b").is_file());
}

#[test]
fn an_entry_that_was_used_and_is_lost_or_damaged_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let here = cache(folder.path());
    for damage in [|path: &Path| fs::remove_file(path.join("b")), |path: &Path| fs::remove_dir_all(path)] {
        here.entry("letters", 0, two_files).unwrap();
        let used = here.find_to_use("letters").unwrap();
        damage(&used.path).unwrap();
        assert_eq!(here.find_to_use("letters"), None);
        here.entry("letters", 0, two_files).unwrap();
    }
    assert!(here.find_to_use("letters").is_some() && !here.remove_unused("letters").unwrap());
}

#[test]
fn an_entry_that_lost_a_file_or_bytes_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let made = cache(folder.path()).entry("letters", 0, two_files).unwrap();
    for damage in [|path: &Path| fs::remove_file(path), |path: &Path| fs::write(path, "")] {
        damage(&made.path.join("usr/a")).unwrap();
        assert!(cache(folder.path()).find("letters").is_none());
        cache(folder.path()).entry("letters", 0, two_files).unwrap();
        assert_eq!(fs::read_to_string(made.path.join("usr/a")).unwrap(), "first");
    }
}

#[test]
fn a_failed_fill_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let fill = |path: &Path| two_files(path).and_then(|_| bail!("the network went away"));
    let error = cache(folder.path()).entry("letters", 0, fill).unwrap_err();
    assert_eq!(error.to_string(), "the network went away");
    assert!(temporaries(folder.path(), 2).is_empty() && !folder.path().join("letters").exists());
}

#[test]
fn temporary_folders_of_dead_runs_are_removed_and_those_of_living_ones_kept() {
    let folder = tempfile::tempdir().unwrap();
    let here = cache(folder.path());
    for name in ["letters.tmp.dead", "numbers.tmp.dead", "living.tmp.half"] {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    let _living = here.lock("living").unwrap();
    here.entry("letters", 0, two_files).unwrap();
    assert_eq!(temporaries(folder.path(), 2), [folder.path().join("living.tmp.half")]);
}

#[test]
fn a_second_run_waits_and_uses_what_the_first_made() {
    let folder = tempfile::tempdir().unwrap();
    let (here, made) = (cache(folder.path()), AtomicUsize::new(0));
    let (started, second_may_come) = mpsc::channel();
    std::thread::scope(|scope| {
        let (here, made) = (&here, &made);
        scope.spawn(move || {
            here.entry("letters", 0, |path| {
                started.send(()).unwrap();
                std::thread::sleep(std::time::Duration::from_millis(200));
                made.fetch_add(1, Ordering::SeqCst);
                two_files(path)
            })
        });
        second_may_come.recv().unwrap();
        assert!(here.find("letters").is_none());
        here.entry("letters", 0, refuse).unwrap();
        assert_eq!(made.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn too_little_room_is_said_before_anything_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let here = Cache { folder: folder.path().to_owned(), available: |_| Ok(5_000_000) };
    let error = here.entry("letters", 7_000_001, refuse).unwrap_err().to_string();
    let expected = format!(
        "there is no room for letters: the cache folder {} needs 8 MB, 5 MB are free; \
         make room, or name a folder on another disk in WASM_PHASES_CACHE",
        folder.path().display()
    );
    assert_eq!(error, expected);
}

#[test]
fn another_programs_words_about_a_full_disk_are_understood() {
    let folder = tempfile::tempdir().unwrap();
    let fill = |_: &Path| -> Result<Holds> { bail!("tar: usr/a: No space left on device") };
    let error = cache(folder.path()).entry("letters", 1, fill).unwrap_err();
    assert!(error.to_string().starts_with("the disk is full: the cache folder"), "{error:#}");
}

/// A disk of 256 KB that exists only in a name space of its own; this test starts itself again
/// inside it. Where name spaces are not allowed it says that it could not be run.
#[test]
fn a_disk_that_fills_up_on_the_way_is_explained() {
    const DISK: &str = "WASM_PHASES_TEST_DISK";
    if let Some(disk) = std::env::var_os(DISK) {
        let fill = |path: &Path| -> Result<Holds> {
            fs::write(path.join("large"), vec![1; 1 << 20]).context("unpacking")?;
            Ok(Holds::new())
        };
        let error = Cache { folder: PathBuf::from(&disk), available: space::available }
            .entry("letters", 0, fill)
            .unwrap_err();
        assert!(error.to_string().starts_with("the disk is full: the cache folder"), "{error:#}");
        assert!(temporaries(Path::new(&disk), 2).is_empty());
        println!("THE DISK WAS FULL");
        return;
    }
    let disk = tempfile::tempdir().unwrap();
    let script =
        "mount -t tmpfs -o size=256k tmpfs \"$WASM_PHASES_TEST_DISK\" && exec \"$0\" --nocapture \"$1\"";
    let name = "cache::tests::a_disk_that_fills_up_on_the_way_is_explained";
    let run = std::process::Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", script])
        .args([std::env::current_exe().unwrap().as_os_str(), name.as_ref()])
        .env(DISK, disk.path())
        .output();
    match run {
        Ok(output) if output.status.success() => {
            assert!(String::from_utf8_lossy(&output.stdout).contains("THE DISK WAS FULL"));
        }
        Ok(output) if String::from_utf8_lossy(&output.stdout).contains("panicked") => {
            panic!("{}", String::from_utf8_lossy(&output.stdout));
        }
        _ => eprintln!("SKIPPED: this machine allows no name space to mount a small disk in"),
    }
}
