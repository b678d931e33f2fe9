//! Indirect calls: trait objects in an order that no compiler knows, so that each step is one
//! `call_indirect` with its check of table bounds and signature.

/// One step on an accumulator.
trait Step {
    fn apply(&self, value: u64) -> u64;
}

struct Add(u64);
struct Xor(u64);
struct Multiply(u64);
struct Rotate(u32);
struct ShiftXor(u32);
struct Swap;

impl Step for Add {
    fn apply(&self, value: u64) -> u64 {
        value.wrapping_add(self.0)
    }
}

impl Step for Xor {
    fn apply(&self, value: u64) -> u64 {
        value ^ self.0
    }
}

impl Step for Multiply {
    fn apply(&self, value: u64) -> u64 {
        value.wrapping_mul(self.0)
    }
}

impl Step for Rotate {
    fn apply(&self, value: u64) -> u64 {
        value.rotate_left(self.0)
    }
}

impl Step for ShiftXor {
    fn apply(&self, value: u64) -> u64 {
        value ^ (value >> self.0)
    }
}

impl Step for Swap {
    fn apply(&self, value: u64) -> u64 {
        value.swap_bytes()
    }
}

const STEPS: usize = 1009;

/// Applies `size` steps of a fixed random program, over and over, and returns the accumulator.
#[unsafe(no_mangle)]
pub extern "C" fn run(size: u32) -> u64 {
    let mut random = 0x2545_f491_4f6c_dd1d;
    let program: Vec<Box<dyn Step>> = (0..STEPS).map(|_| step(next(&mut random))).collect();
    let steps = program.iter().cycle().take(size as usize);
    steps.fold(u64::from(size), |value, step| step.apply(value))
}

fn step(random: u64) -> Box<dyn Step> {
    let operand = random >> 8;
    match random % 6 {
        0 => Box::new(Add(operand)),
        1 => Box::new(Xor(operand)),
        2 => Box::new(Multiply(operand | 1)),
        3 => Box::new(Rotate((operand % 63) as u32 + 1)),
        4 => Box::new(ShiftXor((operand % 31) as u32 + 1)),
        _ => Box::new(Swap),
    }
}

/// A xorshift generator: the same numbers on every machine.
fn next(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}
