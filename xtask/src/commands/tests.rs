//! The examples in `--help` are right: each is understood, and every name in it is in the catalogue.

use super::engine_choice;
use crate::cli::examples;
use crate::cli::flags::{Cli, Command};
use crate::cli::measure::EngineChoice;
use crate::cli::select;
use crate::host::paths::Paths;
use crate::samples;

/// The words of every example; two spaces begin what is said about it, `>` a redirection.
fn all_words() -> Vec<Vec<String>> {
    let lines = examples::ALL.iter().flat_map(|text| text.lines()).filter_map(|line| {
        let line = line.strip_prefix("  cargo xtask ")?;
        line.split("  ").next()?.split(" > ").next()
    });
    lines.map(|line| shlex::split(line).unwrap()).collect()
}

#[test]
fn every_example_is_understood_and_names_what_there_is() {
    let paths = Paths::find().unwrap();
    // The folder of a labelled build is an example, and not there.
    let plain = |name: &String| match name.split_once('@') {
        Some((name, _)) if !name.is_empty() => name.to_owned(),
        _ => name.clone(),
    };
    let check_engines = |choice: &EngineChoice| {
        let choice = &EngineChoice { names: choice.names.iter().map(plain).collect(), ..choice.clone() };
        let runtimes = engine_choice::read(choice, engine_choice::EVERY, &paths).unwrap();
        engine_choice::chosen(choice, engine_choice::EVERY, &runtimes)
            .unwrap_or_else(|error| panic!("{error}"));
    };
    let check_samples = |wanted: &[String]| {
        select::samples(wanted, &samples::names(&paths).unwrap()).unwrap_or_else(|error| panic!("{error}"));
    };
    assert!(all_words().len() > 20);
    for words in all_words() {
        let words = ["cargo xtask".into()].into_iter().chain(words.into_iter().map(Into::into));
        match Cli::parse(words).unwrap_or_else(|error| panic!("{error}")).command {
            Command::Samples(args) => check_samples(&args.samples),
            Command::Bench(args) => {
                check_engines(&args.selection.engines);
                check_samples(&args.selection.samples);
            }
            Command::StripCompare(args) => {
                check_engines(&args.selection.engines);
                check_samples(&args.selection.samples);
            }
            Command::Engines(args) => check_engines(&args.engines),
            Command::Selfcheck(args) => check_engines(&args.engines),
            _ => {}
        }
    }
}
