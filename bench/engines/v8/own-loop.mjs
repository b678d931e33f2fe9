// A loop around V8's calls that shares nothing with the worker: it shows that what the worker reads is not of
// its own making. `selfcheck` compares the two.
//
//     node own-loop.mjs CONFIGURATION FILE.wasm EXPORT ARGUMENT MILLISECONDS
//
// prints the median of its readings, in nanoseconds a call.

import fs from 'node:fs';
import v8 from 'node:v8';

/** Every function is compiled once, when the module is. */
const ONCE = ['--no-wasm-lazy-compilation', '--no-wasm-tier-up', '--no-wasm-dynamic-tiering'];

const FLAGS = {
  'v8-tiers': [],
  'v8-liftoff': ['--liftoff', '--liftoff-only', ...ONCE],
  'v8-turbofan': ['--no-liftoff', ...ONCE],
};

/** The length of a reading, in milliseconds. */
const READING_MS = 2;

const [configuration, file, name, argument, milliseconds] = process.argv.slice(2);
FLAGS[configuration].forEach((flag) => v8.setFlagsFromString(flag));
const { exports } = new WebAssembly.Instance(new WebAssembly.Module(fs.readFileSync(file)));
const call = exports[name];
const value = Number(argument);
let last;

/** The time of `calls` calls, in milliseconds. */
function read(calls) {
  const start = performance.now();
  for (let count = 0; count < calls; count += 1) last = call(value);
  return performance.now() - start;
}

let calls = 1;
while (read(calls) < READING_MS) calls *= 2;
const readings = [];
const end = performance.now() + Number(milliseconds);
while (performance.now() < end || readings.length === 0) readings.push((read(calls) * 1e6) / calls);
readings.sort((one, other) => one - other);
if (last === undefined) process.exitCode = 1;
console.log(readings[Math.floor(readings.length / 2)]);
