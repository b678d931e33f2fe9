//! How `cargo xtask engines` lists engines: a table, notes on each, and JSON.

use crate::engines::{PreparedEngine, Runtime, State, embedding_facts};
use crate::report::sheet;
use bench::record::EmbeddingFacts;
use protocol::{Ability, Hello};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write;

/// An engine in the JSON list. What only its worker knows is `null` until that is built.
#[derive(Serialize)]
pub struct ListedEngine {
    engine: String,
    runtime: String,
    homepage: String,
    licence: String,
    licence_note: Option<String>,
    /// `ready`, `not-built`, `not-fetched` or `unavailable`.
    state: &'static str,
    needs: Vec<String>,
    /// What would be downloaded for the needs that are not fetched.
    download_megabytes: Option<u64>,
    version: Option<String>,
    compiler: Option<String>,
    /// Threads that compilation may use.
    threads: Option<u32>,
    flags: Option<String>,
    notes: Vec<String>,
    /// Of `parse`, `jit`, `aot` and `wasi`.
    can: Vec<&'static str>,
    /// The others, with the reason.
    cannot: BTreeMap<&'static str, String>,
    /// What it costs whoever embeds it.
    embedding: EmbeddingFacts,
    /// Why it is unavailable, and the command that would help.
    reason: Option<String>,
    command: Option<String>,
}

impl ListedEngine {
    /// What is known of `engine`, which is of one of the `runtimes`.
    pub fn of(engine: &PreparedEngine, runtimes: &[Runtime]) -> ListedEngine {
        let PreparedEngine { homepage, configuration, state, .. } = engine;
        let hello = engine.ready().map(|spec| &spec.hello);
        let missing = match state {
            State::Unavailable(missing) => Some(missing),
            State::Ready(_) | State::NotBuilt | State::NotFetched { .. } => None,
        };
        let abilities =
            hello.map_or(Vec::new(), |hello| abilities(hello, ["parse", "jit", "aot", "wasi"]).to_vec());
        let is_of =
            |runtime: &&Runtime| runtime.configurations.iter().any(|one| one.name == configuration.name);
        ListedEngine {
            engine: configuration.name.clone(),
            runtime: runtimes.iter().find(is_of).map(|runtime| runtime.name.clone()).unwrap_or_default(),
            homepage: homepage.clone(),
            licence: configuration.licence.clone(),
            licence_note: configuration.licence_note.clone(),
            state: match state {
                State::Ready(_) => "ready",
                State::NotBuilt => "not-built",
                State::NotFetched { .. } => "not-fetched",
                State::Unavailable(_) => "unavailable",
            },
            needs: configuration.needs.clone(),
            download_megabytes: match state {
                State::NotFetched { download_bytes } => Some(megabytes(*download_bytes)),
                State::Ready(_) | State::NotBuilt | State::Unavailable(_) => None,
            },
            version: hello.map(|hello| hello.version.clone()),
            compiler: hello.map(|hello| hello.compiler.clone()),
            threads: hello.map(|hello| hello.threads),
            flags: hello.map(|hello| hello.flags.clone()),
            notes: hello.map(|hello| hello.notes.clone()).unwrap_or_default(),
            can: able(&abilities).collect(),
            cannot: unable(&abilities).map(|(name, reason)| (name, reason.to_owned())).collect(),
            embedding: embedding_facts(engine),
            reason: missing.map(|missing| missing.reason.clone()),
            command: missing.map(|missing| missing.command.clone()),
        }
    }
}

fn megabytes(bytes: u64) -> u64 {
    bytes.div_ceil(1_000_000)
}

/// A line for each engine.
pub fn table(engines: &[PreparedEngine]) -> String {
    let mut table = sheet::table(["engine", "version", "state", "licence", "threads"]);
    for engine in engines {
        table.add_row(row(engine));
    }
    sheet::numbers_from(&mut table, 4);
    for column in table.column_iter_mut() {
        column.set_padding((1, 0));
    }
    format!("{table}\n")
}

fn row(engine: &PreparedEngine) -> [String; 5] {
    let unknown = || "-".to_owned();
    let (version, threads) = match engine.ready().map(|spec| &spec.hello) {
        Some(hello) => (short_version(&hello.version).to_owned(), hello.threads.to_string()),
        None => (unknown(), unknown()),
    };
    let configuration = &engine.configuration;
    [configuration.name.clone(), version, shown_state(&engine.state), configuration.licence.clone(), threads]
}

/// A version without what stands in brackets behind it.
fn short_version(version: &str) -> &str {
    version.split_once(" (").map_or(version, |(short, _)| short)
}

fn shown_state(state: &State) -> String {
    match state {
        State::Ready(_) => "ready".to_owned(),
        State::NotBuilt => "not built".to_owned(),
        State::NotFetched { download_bytes } => {
            format!("not fetched, {} MB", megabytes(*download_bytes))
        }
        State::Unavailable(_) => "unavailable".to_owned(),
    }
}

/// What tables call the abilities.
const SHOWN: [&str; 4] = ["parse", "JIT", "AOT", "WASI"];

/// What the worker says of its abilities, which are called `names` in this order.
fn abilities<'a>(hello: &'a Hello, names: [&'static str; 4]) -> [(&'static str, &'a Ability); 4] {
    let can = &hello.can;
    let [parse, jit, aot, wasi] = names;
    [(parse, &can.parse), (jit, &can.jit), (aot, &can.aot), (wasi, &can.wasi)]
}

fn able<'a>(abilities: &'a [(&'static str, &Ability)]) -> impl Iterator<Item = &'static str> + 'a {
    abilities.iter().filter(|(_, ability)| **ability == Ability::Yes).map(|(name, _)| *name)
}

fn unable<'a>(
    abilities: &'a [(&'static str, &Ability)],
) -> impl Iterator<Item = (&'static str, &'a str)> + 'a {
    abilities.iter().filter_map(|(name, ability)| Some((*name, ability.reason()?)))
}

fn shown_abilities(hello: &Hello) -> String {
    let able: Vec<&str> = able(&abilities(hello, SHOWN)).collect();
    if able.is_empty() { "execute".to_owned() } else { able.join(", ") }
}

/// What a reader must know of an engine, what it cannot do and why, and what would enable it.
pub fn notes(engine: &PreparedEngine) -> String {
    let (name, homepage) = (&engine.configuration.name, &engine.homepage);
    let mut lines = vec![format!("licence: {}", engine.configuration.whole_licence())];
    match &engine.state {
        State::Ready(spec) => lines.extend(notes_of_worker(&spec.hello)),
        State::NotBuilt | State::NotFetched { .. } => {
            lines.push(format!("{}; a command that needs the engine does that", shown_state(&engine.state)));
            lines.push(format!("to do it now: cargo xtask engines --build --engines {name}"));
        }
        State::Unavailable(missing) => {
            lines.push(format!("unavailable: {}", missing.reason));
            lines.push(format!("to enable it: {}", missing.command));
        }
    }
    let mut text = format!("{name} ({homepage})\n");
    for line in lines {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {line}");
    }
    text
}

/// What the worker says of itself.
fn notes_of_worker(hello: &Hello) -> Vec<String> {
    let mut lines = vec![
        format!("version: {}", hello.version),
        format!("compiler: {}", hello.compiler),
        format!("settings: {}", hello.flags),
        format!("can do: {}", shown_abilities(hello)),
    ];
    lines.extend(unable(&abilities(hello, SHOWN)).map(|(what, reason)| format!("no {what}: {reason}")));
    lines.extend(hello.notes.iter().cloned());
    lines
}
