// deno's V8: its configurations, compilation, and the garbage that it leaves.
//
// start.sh gives V8 the flags of a configuration. `hello` compiles a small module and asks V8 which compiler made its
// code, so that a V8 that ignores a flag is not measured.

import { Engine } from './engine.mjs';
import { failure } from './failure.mjs';
import { TIERS, TIERS_NOTE, V8Natives } from './v8-natives.mjs';
import os from 'node:os';

const CONFIGURATIONS = {
  'deno-tiers': TIERS,
  'deno-liftoff': 'Liftoff',
  'deno-turbofan': 'TurboFan',
};

// The option `parallel` of those that compile a module as a whole.
for (const name of ['deno-liftoff', 'deno-turbofan']) {
  CONFIGURATIONS[`${name}:parallel=on`] = CONFIGURATIONS[name];
  CONFIGURATIONS[`${name}:parallel=off`] = CONFIGURATIONS[name];
}

/** The files of this program. */
const FILES_READ = 17;

/** One configuration of the V8 in the deno that runs this program. */
export class Deno extends Engine {
  constructor(name) {
    super(name, CONFIGURATIONS, 'V8 15 offers JavaScript no way to serialise a module');
    this.natives = new V8Natives();
  }

  /** What this configuration is and can do. */
  hello() {
    this.isKnown();
    this.#checkCompiler();
    const version = process.versions.v8.replace(/-rusty$/, '');
    return {
      configuration: this.name,
      version: `${version} (deno ${process.versions.deno})`,
      compiler: `${this.configuration} (V8 ${version})`,
      flags: process.env.WASM_PHASES_V8_FLAGS.replaceAll(',', ' ') || "none: V8's defaults",
      threads: this.name.endsWith(':parallel=off') ? 1 : compilationThreads(),
      host_threads: threadsBeside(),
      differences: [],
      probes: [],
      can: {
        parse: 'yes',
        jit: 'yes',
        instantiate: 'yes',
        aot: { no: this.noArtifacts },
        wasi: 'yes',
      },
      notes: this.configuration === TIERS ? [...NOTES, TIERS_NOTE] : NOTES,
    };
  }

  /** What one round of `loop` returns; V8 has compiled the loop afterwards. */
  optimized(loop) {
    return this.natives.optimized(loop);
  }

  /** Collects all garbage. */
  collect() {
    globalThis.gc();
  }

  /** Fails unless this V8 compiles as the configuration says, which its default tiers do by themselves. */
  #checkCompiler() {
    if (this.configuration === TIERS) return;
    const used = this.natives.usedCompiler();
    if (used === this.configuration) return;
    throw failure('unsupported', `V8 ${process.versions.v8} compiles with ${used} in spite of its flags`);
  }
}

const NOTES = [
  'arguments and results cross from JavaScript to WebAssembly and back; a time of d includes it',
  'V8 starts with the process and serves all of its passes: the phase engine is empty',
  'V8 frees modules and instances by garbage collection, which is forced between passes, untimed: drop is 0',
  'V8 shares code between modules of equal bytes: each compilation gets a custom section of its own',
  "c of a WASI module includes making the functions of deno's node:wasi, and d of a command what it does to start one",
  'processor time is counted in steps of 1 us',
];

/** Threads that compile: V8's background threads, by deno one fewer than processors, and the one that waits. */
function compilationThreads() {
  return 1 + Math.max(1, os.availableParallelism() - 1);
}

/**
 * Threads of this process beside the one that runs this program, at most: deno's own, V8's, and those that read
 * the files of this program, one each, and end after some seconds.
 */
function threadsBeside() {
  return FILES_READ + os.availableParallelism() + 4;
}
