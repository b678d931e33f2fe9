//! The target folders in which workers are built: where they are, what they take, and when they go. They
//! stay, so that a change of the kit does not compile every runtime again.

use super::runtime::Runtime;
use crate::host::cache::size_of;
use crate::host::paths::Paths;
use crate::note;
use indicatif::DecimalBytes;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether a worker was built since [`say_what_they_take`].
static BUILT: AtomicBool = AtomicBool::new(false);

/// The folder of all target folders.
pub fn all(paths: &Paths) -> PathBuf {
    paths.root.join("target/engines")
}

/// The target folder of `runtime`.
pub fn of(runtime: &Runtime, paths: &Paths) -> PathBuf {
    all(paths).join(runtime.file_name())
}

/// To be called when a worker of `runtime` is built and in the cache folder, and when cargo is done with
/// it otherwise.
pub fn after_use(runtime: &Runtime, paths: &Paths) {
    BUILT.store(true, Ordering::Relaxed);
    if paths.low_disk {
        let folder = of(runtime, paths);
        // What cannot be removed only takes space; the next command tries again.
        if let Err(error) = fs::remove_dir_all(&folder)
            && folder.exists()
        {
            note!("{} stays: {error}", folder.display());
        }
    }
}

/// Says after builds what their folders take, and how to free that.
pub fn say_what_they_take(paths: &Paths) {
    if !BUILT.swap(false, Ordering::Relaxed) || paths.low_disk {
        return;
    }
    if let Ok(bytes @ 1..) = size_of(&all(paths)) {
        note!(
            "the engines' build folders take {} in {}; they make later builds short. `cargo xtask clean` frees \
             them, and --low-disk removes each after its build.",
            DecimalBytes(bytes),
            all(paths).display()
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engines::read_folder;

    #[test]
    fn a_target_folder_stays_unless_disk_is_low() {
        let place = tempfile::tempdir().unwrap();
        let engine = place.path().join("letters");
        fs::create_dir(&engine).unwrap();
        let text = "homepage = ''\n[[configuration]]\nname = 'letters'\nlicence = 'MIT'\n";
        fs::write(engine.join("engine.toml"), text).unwrap();
        let runtime = read_folder(&engine).unwrap();
        let mut paths = Paths { root: place.path().to_owned(), ..Paths::default() };
        let built = ["target/engines/letters/release/deps", "target/engines/numbers/release/deps"];
        for folder in built {
            fs::create_dir_all(place.path().join(folder)).unwrap();
        }
        let there = || built.map(|folder| place.path().join(folder).exists());
        after_use(&runtime, &paths);
        assert_eq!(there(), [true, true]);
        paths.low_disk = true;
        after_use(&runtime, &paths);
        assert_eq!(there(), [false, true]);
        after_use(&runtime, &paths);
    }
}
