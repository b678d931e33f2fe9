//! An interpreter's loop: each instruction of a small stack machine is one jump through a table
//! (`br_table`) whose target depends on data.

/// Counts the steps of Collatz sequences, each number after the other, for ever.
#[rustfmt::skip]
const PROGRAM: [u8; 45] = [
    // 0: the next number: start += 1; value = start
    LOAD, 0, PUSH, 1, ADD, DUPLICATE, STORE, 0, STORE, 1,
    // 10: is it 1? then on to the next number
    LOAD, 1, PUSH, 1, XOR, JUMP_IF_ZERO, 0,
    // 17: one more step
    LOAD, 2, PUSH, 1, ADD, STORE, 2,
    // 24: even?
    LOAD, 1, PUSH, 1, AND, JUMP_IF_ZERO, 38,
    // 31: odd: value += value / 2 + 1, which is (3 * value + 1) / 2
    LOAD, 1, DUPLICATE, HALVE, ADD, INCREMENT, SWAP_STORE_JUMP,
    // 38: even: value /= 2
    LOAD, 1, HALVE, STORE, 1, JUMP, 10,
];

const PUSH: u8 = 0;
const LOAD: u8 = 1;
const STORE: u8 = 2;
const ADD: u8 = 3;
const XOR: u8 = 4;
const AND: u8 = 5;
const HALVE: u8 = 6;
const INCREMENT: u8 = 7;
const DUPLICATE: u8 = 8;
const JUMP: u8 = 9;
const JUMP_IF_ZERO: u8 = 10;
const SWAP_STORE_JUMP: u8 = 11;

/// A machine with a small stack and three variables.
#[derive(Default)]
struct Machine {
    stack: [u64; 8],
    top: usize,
    variables: [u64; 4],
    at: usize,
}

/// Interprets `size` instructions and returns the machine's variables, mixed.
#[unsafe(no_mangle)]
pub extern "C" fn run(size: u32) -> u64 {
    let mut machine = Machine::default();
    for _ in 0..size {
        machine.step();
    }
    machine.variables.iter().fold(machine.at as u64, |sum, value| sum.wrapping_mul(1_000_003) ^ value)
}

impl Machine {
    fn step(&mut self) {
        match self.fetch() {
            PUSH => {
                let value = self.fetch();
                self.push(u64::from(value));
            }
            LOAD => {
                let variable = usize::from(self.fetch()) % 4;
                self.push(self.variables[variable]);
            }
            STORE => {
                let variable = usize::from(self.fetch()) % 4;
                self.variables[variable] = self.pop();
            }
            ADD => {
                let sum = self.pop().wrapping_add(self.pop());
                self.push(sum);
            }
            XOR => {
                let value = self.pop() ^ self.pop();
                self.push(value);
            }
            AND => {
                let value = self.pop() & self.pop();
                self.push(value);
            }
            HALVE => {
                let half = self.pop() >> 1;
                self.push(half);
            }
            INCREMENT => {
                let more = self.pop().wrapping_add(1);
                self.push(more);
            }
            DUPLICATE => {
                let value = self.pop();
                self.push(value);
                self.push(value);
            }
            JUMP => self.at = usize::from(self.fetch()),
            JUMP_IF_ZERO => {
                let target = usize::from(self.fetch());
                if self.pop() == 0 {
                    self.at = target;
                }
            }
            SWAP_STORE_JUMP => {
                self.variables[1] = self.pop();
                self.at = 10;
            }
            _ => self.at = 0,
        }
    }

    fn fetch(&mut self) -> u8 {
        let byte = PROGRAM.get(self.at).copied().unwrap_or(JUMP);
        self.at += 1;
        byte
    }

    fn push(&mut self, value: u64) {
        self.stack[self.top % 8] = value;
        self.top += 1;
    }

    fn pop(&mut self) -> u64 {
        self.top = self.top.wrapping_sub(1);
        self.stack[self.top % 8]
    }
}
