//! An engine for this crate's own tests: its "modules" are JSON files that say what each phase
//! costs, what a call returns, and what goes wrong. The configuration `slower-3` makes every
//! call 3% longer; `restless` has a thread that never stops computing.

use serde::{Deserialize, Serialize};
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use worker::protocol::{Ability, Capabilities, Error, Hello, Outcome, Result, Value};
use worker::{Engine, Guest, Instance, kit, serve};

/// What a synthetic module does.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
struct Program {
    /// What compilation costs, in microseconds.
    compile_us: u64,
    /// What compilation has resident while it lasts, in bytes.
    compile_bytes: usize,
    /// What a call costs, in microseconds.
    call_us: u64,
    /// So many calls of a process cost ten times as much.
    slow_calls: u64,
    /// After so many calls they cost twice as much, after as many more they do no more, and so on; never where it is 0.
    cycle_calls: u64,
    /// What a call has resident while it lasts, in bytes.
    call_bytes: usize,
    /// What a call costs, in additions.
    call_additions: u64,
    /// The speed of the machine changes after this many milliseconds, in random steps of up to 1.6 times that all
    /// processes share; never where it is 0.
    speed_ms: u64,
    /// By how many thousandths processes differ at most, from the middle.
    luck: u64,
    /// What a call returns.
    result: i64,
    /// What goes wrong.
    fault: Option<Fault>,
    /// A file; once it exists, calls crash.
    crash_after: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Fault {
    /// The process dies in a call.
    Crash,
    /// The call never ends.
    Hang,
    /// The call traps.
    Trap,
    /// The engine rejects the module when it compiles it.
    Reject,
    /// The disk is full when an artifact is written.
    FullDisk,
    /// The engine has no artifact of such a module.
    NoArtifact,
}

struct Synthetic {
    percent_slower: u64,
}

struct Call {
    program: Program,
    cost: Duration,
}

impl Engine for Synthetic {
    const CONFIGURATIONS: &'static [&'static str] = &[];

    type Configuration = String;
    type Module = Program;
    type Instance = Call;

    /// Any name is a configuration.
    fn offers(_: &str) -> bool {
        true
    }

    fn describe(name: &str) -> Result<Hello> {
        let can = Capabilities {
            parse: Ability::no("a synthetic engine parses nothing"),
            wasi: Ability::no("a synthetic engine has no system"),
            ..Capabilities::ALL
        };
        Ok(Hello { can, ..kit::hello(name, "1", "none".to_owned(), String::new(), &[]) })
    }

    fn configure(name: &str) -> Result<String> {
        Ok(name.to_owned())
    }

    fn create(name: &String) -> Result<Synthetic> {
        static RESTLESS: Once = Once::new();
        if name == "restless" {
            RESTLESS.call_once(|| drop(std::thread::spawn(|| spin(Duration::MAX))));
        }
        let percent_slower = match name.strip_prefix("slower-") {
            Some(percent) => percent.parse().map_err(Error::internal)?,
            None => 0,
        };
        Ok(Synthetic { percent_slower })
    }

    fn compile(&mut self, wasm: &[u8]) -> Result<Program> {
        let program: Program = serde_json::from_slice(wasm).map_err(Error::rejected)?;
        if let Some(Fault::Reject) = program.fault {
            return Err(Error::rejected("this engine does not take such modules"));
        }
        spin(Duration::from_micros(program.compile_us));
        fill(program.compile_bytes);
        Ok(program)
    }

    fn save(&mut self, module: &Program, artifact: &Path) -> Result<()> {
        match module.fault {
            Some(Fault::FullDisk) => return Err(std::io::Error::from_raw_os_error(28).into()),
            Some(Fault::NoArtifact) => return Err(Error::unsupported("no artifact of such modules")),
            _ => {}
        }
        Ok(std::fs::write(artifact, serde_json::to_vec(module).map_err(Error::internal)?)?)
    }

    fn load(&mut self, artifact: &Path) -> Result<Program> {
        serde_json::from_slice(&std::fs::read(artifact)?).map_err(Error::rejected)
    }

    fn instantiate(&mut self, module: &Program, _guest: &Guest) -> Result<Call> {
        let cost = Duration::from_nanos(module.call_us * (1_000 + 10 * self.percent_slower));
        let cost =
            cost.mul_f64(1.0 + 1e-3 * module.luck as f64 * (2.0 * random(std::process::id().into()) - 1.0));
        Ok(Call { program: module.clone(), cost })
    }
}

/// The calls of this process.
static CALLS: AtomicU64 = AtomicU64::new(0);

/// How many times as long as usual the call number `call` takes, counted from 0.
fn tier(program: &Program, call: u64) -> f64 {
    let cycle = call.checked_div(program.cycle_calls).unwrap_or(0) % 2;
    if call < program.slow_calls { 10.0 } else { 1.0 + cycle as f64 }
}

impl Instance for Call {
    fn call(&mut self) -> Result<Outcome> {
        if self.program.crash_after.as_ref().is_some_and(|file| file.exists()) {
            std::process::abort();
        }
        match self.program.fault {
            Some(Fault::Crash) => {
                eprintln!("synthetic crash");
                std::process::abort()
            }
            Some(Fault::Hang) => loop {
                std::thread::sleep(Duration::from_secs(1));
            },
            Some(Fault::Trap) => Err(Error::trap("synthetic trap")),
            Some(Fault::Reject | Fault::FullDisk | Fault::NoArtifact) | None => {
                let tier = tier(&self.program, CALLS.fetch_add(1, Ordering::Relaxed));
                spin(self.cost.mul_f64(tier * slowness(self.program.speed_ms)));
                fill(self.program.call_bytes);
                black_box((0..self.program.call_additions).fold(0, |sum: u64, one| black_box(sum + one)));
                Ok(Outcome::One(Value::I64(self.program.result)))
            }
        }
    }
}

/// How much slower the machine is now than at its best: the same in all processes.
fn slowness(speed_ms: u64) -> f64 {
    let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let Some(step) = now_ms.checked_div(u128::from(speed_ms)) else { return 1.0 };
    1.0 + 0.6 * random(u64::try_from(step).unwrap_or_default())
}

/// A number from 0 to 1 that belongs to `key`: the upper bits of a product with a large odd number.
fn random(key: u64) -> f64 {
    (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as f64 / (1_u64 << 24) as f64
}

/// Work of a known length.
fn spin(cost: Duration) {
    let start = Instant::now();
    while start.elapsed() < cost {
        std::hint::spin_loop();
    }
}

/// Memory of a known size, resident and let go of again.
fn fill(bytes: usize) {
    drop(black_box(vec![1_u8; bytes]));
}

fn main() -> std::io::Result<()> {
    serve::<Synthetic>()
}
