//! The three configurations, and what each says of itself.

use crate::errors;
use protocol::{Ability, Capabilities, Error, Hello, Result};
use wasmtime::{Config, OptLevel, Strategy};

/// Wasmtime's settings for a configuration: the defaults, with the compilation strategy named.
///
/// # Errors
/// [`protocol::ErrorKind::Unsupported`] for an unknown name.
pub fn config(configuration: &str) -> Result<Config> {
    let mut config = Config::new();
    match configuration {
        "wasmtime-cranelift" => {
            config.strategy(Strategy::Cranelift).cranelift_opt_level(OptLevel::Speed);
        }
        "wasmtime-winch" => {
            config.strategy(Strategy::Winch);
        }
        "wasmtime-pulley" => {
            config
                .target("pulley64")
                .map_err(|error| errors::internal(&error))?
                .cranelift_opt_level(OptLevel::Speed);
        }
        unknown => return Err(Error::unsupported(format!("Wasmtime has no configuration `{unknown}`"))),
    }
    Ok(config)
}

/// What a configuration is and can do.
///
/// # Errors
/// [`protocol::ErrorKind::Unsupported`] for an unknown name.
pub fn hello(configuration: &str) -> Result<Hello> {
    config(configuration)?;
    let cranelift = locked_version("cranelift-codegen");
    let (compiler, level) = match configuration {
        "wasmtime-winch" => {
            (format!("Winch {}", locked_version("winch-codegen")), "one pass, no optimisation")
        }
        "wasmtime-pulley" => {
            (format!("Cranelift {cranelift} to Pulley bytecode, interpreted"), "OptLevel::Speed")
        }
        _ => (format!("Cranelift {cranelift}"), "OptLevel::Speed"),
    };
    Ok(Hello {
        configuration: configuration.to_owned(),
        version: locked_version("wasmtime").to_owned(),
        compiler,
        flags: format!(
            "{level}; parallel compilation; on-demand allocator, copy-on-write memory images; \
             512 KiB wasm stack; no code cache"
        ),
        threads: u32::try_from(rayon::current_num_threads()).unwrap_or(u32::MAX),
        can: Capabilities {
            parse: Ability::Yes,
            jit: Ability::Yes,
            instantiate: Ability::Yes,
            aot: Ability::Yes,
            wasi: Ability::Yes,
        },
        notes: notes(),
    })
}

fn notes() -> Vec<String> {
    [
        "the host functions of WASI are defined with the engine, outside every total; the first \
         instantiation of a module resolves its imports (InstancePre) and builds its memory image, \
         later ones reuse both",
        "exports of type (i32) -> i64 are called through TypedFunc, others through Func::call with dynamic values",
        "the compiler's thread pool belongs to the process and is started with the first engine",
        "artifacts are mapped, not read: pages of code are loaded when they run",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// The version of `package` in the lock file that this program was built with.
fn locked_version(package: &str) -> &'static str {
    let lock = include_str!("../Cargo.lock");
    let name = format!("name = \"{package}\"\nversion = \"");
    lock.split_once(&name).and_then(|(_, rest)| rest.split('"').next()).unwrap_or("of unknown version")
}
