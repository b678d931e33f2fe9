//! Scalar f64 arithmetic in registers: additions, multiplications, divisions and square roots
//! in long dependency chains, with almost no memory traffic.

/// A point mass.
#[derive(Clone, Copy)]
struct Body {
    position: [f64; 3],
    velocity: [f64; 3],
    mass: f64,
}

/// One heavy body and four light ones on nearly circular orbits around it.
const START: [Body; 5] = [
    body([0.0, 0.0, 0.0], [0.0, 0.0, 0.0], 1_000.0),
    body([10.0, 0.0, 0.5], [0.0, 10.0, 0.0], 1.0),
    body([0.0, 20.0, -0.5], [-7.0, 0.0, 0.25], 2.0),
    body([-35.0, 0.0, 1.0], [0.0, -5.25, 0.0], 3.0),
    body([0.0, -50.0, -2.0], [4.5, 0.0, -0.125], 1.5),
];

const STEP: f64 = 0.001;

const fn body(position: [f64; 3], velocity: [f64; 3], mass: f64) -> Body {
    Body { position, velocity, mass }
}

/// Moves the bodies by `size` time steps and returns the bits of all coordinates, mixed.
#[unsafe(no_mangle)]
pub extern "C" fn run(size: u32) -> u64 {
    let mut bodies = START;
    for _ in 0..size {
        advance(&mut bodies);
    }
    bodies.iter().fold(0, |checksum, body| {
        body.position.iter().fold(checksum, |checksum: u64, x| checksum.rotate_left(7) ^ x.to_bits())
    })
}

fn advance(bodies: &mut [Body; 5]) {
    for i in 0..bodies.len() {
        for j in i + 1..bodies.len() {
            attract(bodies, i, j);
        }
    }
    for body in bodies {
        for axis in 0..3 {
            body.position[axis] += STEP * body.velocity[axis];
        }
    }
}

fn attract(bodies: &mut [Body; 5], i: usize, j: usize) {
    let mut apart = [0.0; 3];
    for axis in 0..3 {
        apart[axis] = bodies[j].position[axis] - bodies[i].position[axis];
    }
    let square = apart[0] * apart[0] + apart[1] * apart[1] + apart[2] * apart[2];
    let pull = STEP / (square * square.sqrt());
    for axis in 0..3 {
        bodies[i].velocity[axis] += apart[axis] * bodies[j].mass * pull;
        bodies[j].velocity[axis] -= apart[axis] * bodies[i].mass * pull;
    }
}
