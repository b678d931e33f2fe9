//! `cargo xtask engines --costs`: what each engine costs whoever embeds it.

use crate::cli::exit::Exit;
use crate::engines::{PreparedEngine, embedding_facts};
use crate::out;
use crate::report::embedding;
use anyhow::{Result, ensure};
use bench::record::EmbeddingFacts;

/// The window of the table.
const WIDTH: usize = 100;

/// Prints what those of `engines` cost that are built.
///
/// # Errors
/// When none is.
pub fn run(engines: &[PreparedEngine]) -> Result<Exit> {
    let built = engines.iter().filter(|engine| engine.ready().is_some());
    let facts: Vec<(&str, EmbeddingFacts)> =
        built.map(|engine| (engine.configuration.name.as_str(), embedding_facts(engine))).collect();
    ensure!(!facts.is_empty(), "none of these engines is built; `cargo xtask engines --build` builds them");
    let rows = facts.iter().map(|(engine, facts)| (*engine, facts));
    out!("{}", embedding::sheet(rows).render(WIDTH));
    Ok(Exit::Done)
}
