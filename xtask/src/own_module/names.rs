//! What each module is called in tables and files: its stem, with as many parent folders as
//! tell it from the others.

use std::collections::BTreeSet;
use std::path::{Component, Path};

/// A name for each of `files`, in their order, all different.
pub fn unique(files: &[impl AsRef<Path>]) -> Vec<String> {
    let files: Vec<Vec<String>> = files.iter().map(|file| parts(file.as_ref())).collect();
    let mut taken = BTreeSet::new();
    let mut names = Vec::new();
    for file in &files {
        let alike =
            |depth: usize| files.iter().filter(|other| tail(other, depth) == tail(file, depth)).count();
        let depth = (1..=file.len()).find(|depth| alike(*depth) == 1).unwrap_or(1);
        let name = tail(file, depth).join("-");
        // The same file twice, or parts whose dashes happen to make the same name.
        let numbered = (2..).map(|number| format!("{name}-{number}"));
        let free = std::iter::once(name.clone()).chain(numbered).find(|name| !taken.contains(name));
        let name = free.unwrap_or(name);
        taken.insert(name.clone());
        names.push(name);
    }
    names
}

/// The file's folders and its stem.
fn parts(file: &Path) -> Vec<String> {
    if file.as_os_str() == super::input::STDIN {
        return vec!["stdin".to_owned()];
    }
    let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let folders = file.parent().into_iter().flat_map(Path::components).filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        _ => None,
    });
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    // What is packed has two endings.
    let stem = stem.strip_suffix(".wasm").or(stem.strip_suffix(".wat")).unwrap_or(&stem).to_owned();
    folders.chain([stem]).collect()
}

fn tail(parts: &[String], count: usize) -> &[String] {
    &parts[parts.len().saturating_sub(count)..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stem_is_enough_where_no_other_is_alike() {
        assert_eq!(unique(&["/a/one.wasm", "/a/two.wasm"]), ["one", "two"]);
        assert_eq!(unique(&["/a/one.wasm.gz", "-"]), ["one", "stdin"]);
    }

    #[test]
    fn parent_folders_tell_files_of_one_name_apart() {
        let files = ["/x/old/app.wasm", "/x/new/app.wasm", "/x/new/other.wasm"];
        assert_eq!(unique(&files), ["old-app", "new-app", "other"]);
        assert_eq!(unique(&["/a/x/app.wasm", "/b/x/app.wasm"]), ["a-x-app", "b-x-app"]);
    }

    #[test]
    fn the_same_file_twice_gets_a_number() {
        assert_eq!(unique(&["/a/app.wasm", "/a/app.wasm"]), ["app", "app-2"]);
        assert_eq!(unique(&["/a/b/c.wasm", "/x/b-c.wasm", "/x/c.wasm"]), ["b-c", "b-c-2", "x-c"]);
    }
}
