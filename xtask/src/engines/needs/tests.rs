//! Needs without a registry: what is in the cache folder, what is only looked for, what fails.

use super::*;

/// Debian packages that nobody has room for.
const LETTERS: &str = "name = 'letters'\nregistry = 'debian'\npackages = ['letters']\n\
    peak-megabytes = 9000000000\nhelp = 'apt install letters'\n";

fn need(text: &str) -> Need {
    toml::from_str(text).unwrap()
}

fn unavailable(lack: Lack) -> Unavailable {
    match lack {
        Lack::Unavailable(unavailable) => unavailable,
        Lack::NotFetched => panic!("it was said that it can be fetched"),
    }
}

#[test]
fn only_looking_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::at(&folder.path().join("none"));
    assert!(meet(&need(LETTERS), folder.path(), &cache, Fetch::No).is_err());
    assert!(!folder.path().join("none").exists());
}

#[test]
fn a_fetch_that_fails_is_a_missing_need_with_its_reason_and_what_helps() {
    if apt::require().is_err() {
        eprintln!("SKIPPED: there is no apt-get");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let lack = meet(&need(LETTERS), folder.path(), &Cache::at(folder.path()), Fetch::Yes).unwrap_err();
    let unavailable = unavailable(lack);
    assert!(
        unavailable.reason.starts_with("letters is missing: there is no room for letters"),
        "{unavailable:?}"
    );
    assert_eq!(unavailable.command, "apt install letters");
}

#[test]
fn what_is_in_the_cache_folder_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::at(folder.path());
    cache.entry("letters", 0, |_| Ok([("a".to_owned(), "1".to_owned())].into())).unwrap();
    assert_eq!(meet(&need(LETTERS), folder.path(), &cache, Fetch::No).unwrap().identity, "a 1");
}

#[test]
fn a_crate_stands_in_for_the_registrys_or_is_told_in_a_variable() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::at(folder.path());
    let text = format!(
        "name = 'one'\nregistry = 'crates'\npackage = 'one'\nversion = '1.0.0'\nsha256 = '{}'\nhelp = ''\n",
        "ab".repeat(32)
    );
    let one = need(&text);
    let name = entry_name(&one, folder.path()).unwrap();
    let entry = cache.entry(&name, 0, |_| Ok(Holds::new())).unwrap();
    let provided = meet(&one, folder.path(), &cache, Fetch::No).unwrap();
    assert_eq!(provided.patched, Some(("one".to_owned(), entry.path.join("source"))));
    let provided = meet(&need(&format!("{text}sets = 'ONE'\n")), folder.path(), &cache, Fetch::No).unwrap();
    assert_eq!(provided.patched, None);
    assert_eq!(provided.env, [("ONE".to_owned(), entry.path.join("source").into())]);
}
