//! Options behind an engine's name: `NAME:OPTION=VALUE` is an engine of its own, made from a configuration and
//! the options that the engine's folder offers.

use super::engine_option::{EngineOption, ThreadValues};
use super::runtime::{Configuration, OPTION, Runtime};
use super::versions;

/// The name that `typed` stands for: the configuration in place of its runtime, and the options in the order in
/// which the folder declares them. A name without options stays as it is.
///
/// # Errors
/// With a reason, when there is no such engine, option or value.
pub fn normalised(typed: &str, runtimes: &[Runtime]) -> Result<String, String> {
    let Some((name, options)) = typed.split_once(OPTION) else {
        versions::check(typed, runtimes)?;
        return Ok(typed.to_owned());
    };
    let (runtime, base) = base(name, runtimes)?;
    let mut chosen = vec![None; runtime.options.len()];
    for word in options.split(OPTION) {
        let (option, value) = word
            .split_once('=')
            .ok_or_else(|| format!("`{word}` is no OPTION=VALUE; {}", offered(runtime, base)))?;
        let known = |one: &EngineOption| one.name == option && one.is_for(&base.name);
        let Some(place) = runtime.options.iter().position(known) else {
            return Err(format!("{} has no option `{option}`; {}", base.name, offered(runtime, base)));
        };
        let values = &runtime.options[place].values;
        if !values.iter().any(|known| known == value) {
            return Err(format!("{option} is one of {}, not `{value}`", values.join(", ")));
        }
        if chosen[place].replace(value).is_some() {
            return Err(format!("{option} is given twice"));
        }
    }
    let words = runtime.options.iter().zip(chosen).filter_map(|(option, value)| Some((&option.name, value?)));
    Ok(words.fold(base.name.clone(), |name, (option, value)| format!("{name}{OPTION}{option}={value}")))
}

/// Adds the engine `name`, as [`normalised`] writes it, behind those of its runtime, unless it is there: one with
/// options, or of a version.
pub fn add(name: &str, runtimes: &mut [Runtime]) {
    versions::add(name, runtimes);
    let Some((base_name, _)) = name.split_once(OPTION) else { return };
    for runtime in runtimes {
        let configurations = &mut runtime.configurations;
        if configurations.iter().any(|one| one.name == name) {
            return;
        }
        let Some(place) = configurations.iter().position(|one| one.name == base_name) else { continue };
        let changed = Configuration {
            name: name.to_owned(),
            groups: Vec::new(),
            control: false,
            usual: false,
            ..configurations[place].clone()
        };
        let has_base = |one: &Configuration| one.name.split(OPTION).next() == Some(base_name);
        let last = configurations.iter().rposition(has_base).unwrap_or(place);
        configurations.insert(last + 1, changed);
        return;
    }
}

/// The name of the engine `name` that compiles on as many threads as `value` chooses; the same name where that is
/// so by default, or the engine's folder offers no choice.
pub fn with_threads(name: &str, value: fn(&ThreadValues) -> &str, runtimes: &[Runtime]) -> String {
    let plain = name.split(OPTION).next().unwrap_or(name);
    let Ok((runtime, _)) = base(plain, runtimes) else { return name.to_owned() };
    let set = runtime.options.iter().filter(|option| option.is_for(plain)).find_map(|option| {
        let value = value(option.compile_threads.as_ref()?);
        (value != option.default).then(|| format!("{name}{OPTION}{}={value}", option.name))
    });
    // An option that is there already stays: what was typed is more exact.
    set.and_then(|name| normalised(&name, runtimes).ok()).unwrap_or_else(|| name.to_owned())
}

fn base<'a>(name: &str, runtimes: &'a [Runtime]) -> Result<(&'a Runtime, &'a Configuration), String> {
    let named = runtimes.iter().find_map(|runtime| {
        let own = runtime.configurations.iter().find(|one| one.name == name);
        let usual = || runtime.usual().filter(|_| runtime.name == name);
        own.or_else(usual).map(|one| (runtime, one))
    });
    named.ok_or_else(|| format!("there is no engine `{name}`; `cargo xtask engines` lists them"))
}

fn offered(runtime: &Runtime, configuration: &Configuration) -> String {
    let own = runtime.options.iter().filter(|option| option.is_for(&configuration.name));
    let names: Vec<&str> = own.map(|option| option.name.as_str()).collect();
    match names.as_slice() {
        [] => format!("{} has no options", configuration.name),
        _ => format!("it has {}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engines::read_folder;

    const TEXT: &str = "homepage = ''
        [[configuration]]
        name = 'one-a'
        licence = ''
        groups = ['default']
        usual = true
        [[configuration]]
        name = 'one-b'
        licence = ''
        [[option]]
        name = 'level'
        says = 'how much'
        values = ['none', 'much']
        default = 'much'
        only = ['one-a']
        [[option]]
        name = 'parallel'
        says = 'threads'
        values = ['on', 'off']
        default = 'on'
        compile-threads = { one = 'off', all = 'on' }";

    fn runtimes() -> Vec<Runtime> {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("one");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("engine.toml"), TEXT).unwrap();
        vec![read_folder(&folder).unwrap(), read_folder(&folder).unwrap().labelled("new")]
    }

    #[test]
    fn a_name_with_options_is_written_in_one_way() {
        let of = |typed| normalised(typed, &runtimes()).unwrap();
        assert_eq!(of("one:parallel=off:level=none"), "one-a:level=none:parallel=off");
        assert_eq!(of("one-b@new:parallel=on"), "one-b@new:parallel=on");
        assert_eq!(of("one-b"), "one-b");
    }

    #[test]
    fn what_there_is_not_is_refused_and_what_there_is_named() {
        let of = |typed| normalised(typed, &runtimes()).unwrap_err();
        assert_eq!(of("one-b:level=none"), "one-b has no option `level`; it has parallel");
        assert_eq!(of("one-a:level=some"), "level is one of none, much, not `some`");
        assert_eq!(of("one-a:level"), "`level` is no OPTION=VALUE; it has level, parallel");
        assert_eq!(of("one-a:level=none:level=much"), "level is given twice");
        assert!(of("two:level=none").contains("there is no engine `two`"));
    }

    #[test]
    fn an_engine_with_options_stands_behind_its_own_and_in_no_group() {
        let mut runtimes = runtimes();
        for name in ["one-a:level=none", "one-a@new:level=none", "one-a:level=none"] {
            add(name, &mut runtimes);
        }
        let names = |runtime: &Runtime| -> Vec<String> {
            runtime.configurations.iter().map(|one| one.name.clone()).collect()
        };
        assert_eq!(names(&runtimes[0]), ["one-a", "one-a:level=none", "one-b"]);
        assert_eq!(names(&runtimes[1]), ["one-a@new", "one-a@new:level=none", "one-b@new"]);
        let added = &runtimes[1].configurations[1];
        assert_eq!(added.worker_name(), "one-a:level=none");
        assert!(added.groups.is_empty() && !added.usual);
    }

    #[test]
    fn compile_threads_are_an_option_like_any_other() {
        let of = |name| with_threads(name, |values| &values.one, &runtimes());
        assert_eq!(of("one-a:level=none"), "one-a:level=none:parallel=off");
        assert_eq!(of("one-a:parallel=on"), "one-a:parallel=on");
        assert_eq!(with_threads("one-a", |values| &values.all, &runtimes()), "one-a");
    }
}
