//! What `selfcheck` lets pass: how often an instrument with a known fault meets the limits of the checks
//! `control` and `injected`, through the real intervals. docs/selfcheck.md has the table.

use crate::machine::normal;
use bench::stats::{self, Comparison};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Checks that are simulated for each figure.
const CHECKS: usize = 1_000;
/// The injected difference, as a logarithm.
const INJECTED: f64 = 0.029_558_8;

/// A fault of an instrument.
struct Fault {
    /// Its name in the table.
    name: &'static str,
    /// The half width of its intervals on an injected difference, as a fraction.
    half_width: f64,
    /// An error that its rounds do not see, in standard errors of its ratios: the same in all rounds of a run,
    /// another one in the next.
    hidden: f64,
    /// The share of a difference that it loses.
    lost: f64,
}

const FAULTS: [Fault; 8] = [
    Fault { name: "none, injected read to ±1%", half_width: 0.01, hidden: 0.0, lost: 0.0 },
    Fault { name: "none, injected read to ±2%", half_width: 0.02, hidden: 0.0, lost: 0.0 },
    Fault { name: "none, injected read to ±4%", half_width: 0.04, hidden: 0.0, lost: 0.0 },
    Fault { name: "half of an interval's error is hidden", half_width: 0.01, hidden: 0.5, lost: 0.0 },
    Fault { name: "as much error again is hidden", half_width: 0.01, hidden: 1.0, lost: 0.0 },
    Fault { name: "twice as much error is hidden", half_width: 0.01, hidden: 2.0, lost: 0.0 },
    Fault { name: "a quarter of every difference is lost", half_width: 0.01, hidden: 0.0, lost: 0.25 },
    Fault { name: "half of every difference is lost", half_width: 0.01, hidden: 0.0, lost: 0.5 },
];

/// One comparison of `rounds` rounds whose true log ratio is `truth`, with intervals of about `half_width`.
fn compared(rng: &mut ChaCha8Rng, fault: &Fault, rounds: u32, (truth, half_width): (f64, f64)) -> Comparison {
    let error = half_width / 1.96;
    let spread = error * f64::from(rounds).sqrt();
    let centre = truth * (1.0 - fault.lost) + fault.hidden * error * normal(rng);
    let by_round = (0..rounds).map(|round| (round, (centre + spread * normal(rng)).exp())).collect();
    stats::compare_ratios(&by_round).unwrap()
}

/// Whether at most ten of a hundred comparisons of an engine with itself find a difference.
fn control_passes(rng: &mut ChaCha8Rng, fault: &Fault) -> bool {
    let differs = |rng: &mut ChaCha8Rng| {
        let one = compared(rng, fault, 10, (0.0, 0.01));
        one.low > 1.0 || one.high < 1.0
    };
    (0..100).filter(|_| differs(rng)).count() <= 10
}

/// Whether at least 17 of 20 runs find the injected difference, and 17 contain it.
fn injected_passes(rng: &mut ChaCha8Rng, fault: &Fault) -> bool {
    let (mut found, mut contained) = (0, 0);
    for _ in 0..20 {
        let one = compared(rng, fault, 40, (INJECTED, fault.half_width));
        found += u32::from(one.low > 1.0);
        contained += u32::from((one.low..=one.high).contains(&INJECTED.exp()));
    }
    found >= 17 && contained >= 17
}

fn share(passes: fn(&mut ChaCha8Rng, &Fault) -> bool, fault: &Fault) -> f64 {
    let mut rng = ChaCha8Rng::seed_from_u64(26);
    let passed = (0..CHECKS).filter(|_| passes(&mut rng, fault)).count();
    100.0 * passed as f64 / CHECKS as f64
}

#[test]
fn the_documented_table_says_what_the_checks_let_pass() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/selfcheck.md")).unwrap();
    let row = |fault: &Fault| {
        let (control, injected) = (share(control_passes, fault), share(injected_passes, fault));
        format!("| {} | {control:.0}% | {injected:.0}% |", fault.name)
    };
    let rows: Vec<String> = FAULTS.iter().map(row).collect();
    let table = rows.join("\n");
    println!("{table}");
    assert!(page.contains(&table), "docs/selfcheck.md must have this table:\n{table}");
}
