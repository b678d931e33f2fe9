//! The browser that the tests of a run's page use, and what drives it. They are needs like those of
//! engines, since they are fetched in the same way; no engine uses them.

use super::needs::{self, Fetch, Lack, Need};
use crate::host::paths::Paths;
use crate::host::programs;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::ffi::OsString;

/// What is needed.
const NEEDS: &str = include_str!("../../browser/needs.toml");

#[derive(Deserialize)]
struct Needs {
    needs: Vec<Need>,
}

/// Fetches the browser and what drives it, where they are not here, and gives the environment variables
/// that tell the tests where they are: `WASM_PHASES_BROWSER`, `WASM_PHASES_BROWSER_NODE`,
/// `WASM_PHASES_PLAYWRIGHT` and `WASM_PHASES_AXE`.
///
/// # Errors
/// When one of them cannot be had; the message says what would help.
pub fn environment(paths: &Paths) -> Result<Vec<(String, OsString)>> {
    let needs: Needs = toml::from_str(NEEDS).context("reading the needs of the browser's tests")?;
    let mut environment = Vec::new();
    for need in &needs.needs {
        let provided = match needs::resolve(need, &paths.root, paths, Fetch::Yes)? {
            Ok(provided) => provided,
            Err(Lack::Unavailable(lack)) => bail!("{} ({})", lack.reason, lack.command),
            Err(Lack::NotFetched) => bail!("{} was not fetched", need.name),
        };
        environment.extend(provided.env.into_iter().filter(|(name, _)| name.starts_with("WASM_PHASES_")));
        if let Some((_, program)) = provided.program {
            environment.push(("WASM_PHASES_BROWSER_NODE".to_owned(), program.into()));
        } else if let Some(program) = &need.program {
            // Behind a script of its own, or on the system.
            let name = program.file_name().unwrap_or_default();
            let script = provided.path.first().map(|folder| folder.join(name));
            let program = script.or_else(|| programs::on_path(&name.to_string_lossy()));
            let program = program.with_context(|| format!("{} is not where it was", need.name))?;
            environment.push(("WASM_PHASES_BROWSER".to_owned(), program.into()));
        }
    }
    Ok(environment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[ignore = "it downloads 150 MB; `cargo xtask test --all` does so as well"]
    fn the_browser_and_what_drives_it_can_be_fetched() {
        let environment = environment(&Paths::find().unwrap()).unwrap();
        for (name, path) in &environment {
            println!("export {name}={}", path.display());
            assert!(std::path::Path::new(path).exists(), "{name}");
        }
        assert_eq!(environment.len(), 4);
    }

    #[test]
    fn every_need_of_the_browsers_tests_can_be_read() {
        let needs: Needs = toml::from_str(NEEDS).unwrap();
        let names: Vec<&str> = needs.needs.iter().map(|need| need.name.as_str()).collect();
        assert_eq!(names, ["chromium-headless-shell", "playwright-core", "axe-core", "node"]);
    }
}
