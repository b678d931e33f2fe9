// V8 itself: its configurations and their flags, compilation, saving and loading, and the garbage
// that these leave.
//
// The flags are set while the program runs, before it touches any module. `hello` compiles a small
// module and asks V8 which compiler made its code, so that a V8 that ignores a flag is not measured.

import { Engine } from './engine.mjs';
import { failure } from './failure.mjs';
import { freshTail } from './fresh.mjs';
import { TIERS, TIERS_NOTE, V8Natives, native } from './v8-natives.mjs';
import * as artifact from './artifact.mjs';
import fs from 'node:fs';
import os from 'node:os';
import v8 from 'node:v8';
import vm from 'node:vm';

/** Set where every function is compiled once, by one compiler. */
const ONE_TIER_FLAGS = [
  // All functions are compiled when the module is.
  '--no-wasm-lazy-compilation',
  // No function is compiled a second time.
  '--no-wasm-tier-up',
  '--no-wasm-dynamic-tiering',
];

/** Set for this program's own sake; they do not change how WebAssembly is compiled. */
const OWN_FLAGS = [
  // %SerializeWasmModule, %DeserializeWasmModule, %IsLiftoffFunction,
  // and the two that compile the worker's own loops.
  '--allow-natives-syntax',
  '--expose-gc',
  // The worker's own JavaScript stays compiled.
  '--no-flush-bytecode',
];

const CONFIGURATIONS = {
  'v8-tiers': {
    compiler: TIERS,
    flags: [],
    cannotSave: 'V8 cannot serialise code of Liftoff, which its default tiers begin with',
    note: TIERS_NOTE,
  },
  'v8-liftoff': {
    compiler: 'Liftoff',
    flags: ['--liftoff', '--liftoff-only', ...ONE_TIER_FLAGS],
    cannotSave: 'V8 cannot serialise code of Liftoff',
  },
  'v8-turbofan': { compiler: 'TurboFan', flags: ['--no-liftoff', ...ONE_TIER_FLAGS], cannotSave: null },
};

// The option `parallel` of those that compile a module as a whole.
for (const name of ['v8-liftoff', 'v8-turbofan']) {
  const all = CONFIGURATIONS[name];
  CONFIGURATIONS[`${name}:parallel=on`] = all;
  // The thread that waits and the one in the background take turns.
  const flags = [...all.flags, '--wasm-num-compilation-tasks=1'];
  CONFIGURATIONS[`${name}:parallel=off`] = { ...all, flags, threads: 1 };
}

/** One configuration of the V8 that runs this program. */
export class V8 extends Engine {
  constructor(name) {
    super(name, CONFIGURATIONS, null);
    this.hostThreads = fs.readdirSync('/proc/self/task').length - 1;
    for (const flag of [...OWN_FLAGS, ...(this.configuration?.flags ?? [])]) {
      v8.setFlagsFromString(flag);
    }
    this.collect = vm.runInNewContext('gc');
    this.serialize = native('SerializeWasmModule', ['module']);
    this.deserialize = native('DeserializeWasmModule', ['code', 'wasm']);
    this.natives = new V8Natives();
  }

  /** What this configuration is and can do. */
  hello() {
    this.isKnown();
    this.#checkCompiler();
    const version = process.versions.v8.replace(/-node.*/, '');
    const reason = this.cannotSave();
    return {
      configuration: this.name,
      version: `${version} (node ${process.versions.node})`,
      compiler: `${this.configuration.compiler} (V8 ${version})`,
      flags: this.configuration.flags.join(' ') || "none: V8's defaults",
      threads: this.configuration.threads ?? compilationThreads(),
      host_threads: this.hostThreads,
      differences: [],
      probes: [],
      can: {
        parse: 'yes',
        jit: 'yes',
        instantiate: 'yes',
        aot: reason === null ? 'yes' : { no: reason },
        wasi: 'yes',
      },
      notes: [...NOTES, this.configuration.note].filter((note) => note !== undefined),
    };
  }

  /** Why there are no artifacts, or null. */
  cannotSave() {
    if (this.configuration.cannotSave !== null) return this.configuration.cannotSave;
    if (this.serialize !== null && this.deserialize !== null) return null;
    return `V8 ${process.versions.v8} offers JavaScript no way to serialise a module`;
  }

  /** b': writes the code of `module`, which was compiled from `wasm`, to the new file `path`. */
  save(module, wasm, path) {
    this.#needsArtifacts();
    artifact.write(path, this.serialize(module), wasm);
  }

  /** Readies a load, untimed. */
  beforeLoad() {
    this.#needsArtifacts();
    return freshTail();
  }

  /** c': the artifact `path` to a module; `tail` makes its bytes ones that V8 has not seen. */
  load(path, tail) {
    const { code, wasm } = artifact.read(path, tail);
    const module = this.deserialize(code, wasm);
    if (module === undefined) {
      throw failure('rejected', 'V8 rejects the artifact: it is damaged, or of another V8 or other flags');
    }
    return module;
  }

  /** What one round of `loop` returns; V8 has compiled the loop afterwards. */
  optimized(loop) {
    return this.natives.optimized(loop);
  }

  /** Fails unless this V8 compiles as the configuration says, which its default tiers do by themselves. */
  #checkCompiler() {
    const { compiler, flags } = this.configuration;
    if (flags.length === 0) return;
    const used = this.natives.usedCompiler();
    if (used === null || used === compiler) return;
    throw failure('unsupported', `V8 ${process.versions.v8} compiles with ${used} in spite of ${flags.join(' ')}`);
  }

  #needsArtifacts() {
    const reason = this.cannotSave();
    if (reason !== null) throw failure('unsupported', reason);
  }
}

const NOTES = [
  'arguments and results cross from JavaScript to WebAssembly and back; a time of d includes it',
  'V8 starts with the process and serves all of its passes: the phase engine is empty',
  'V8 frees modules and instances by garbage collection, which is forced between passes, untimed: drop is 0',
  'V8 shares code between modules of equal bytes: each compilation and load gets a custom section of its own',
  'c of a WASI module includes making the functions of node:wasi, and d of a command what it does to start one',
  'processor time is counted in steps of 1 us',
];

/** Threads that compile: V8's background threads and the one that waits for them. */
function compilationThreads() {
  const size = process.execArgv.concat(process.env.NODE_OPTIONS?.split(' ') ?? []).join(' ');
  const asked = /--v8-pool-size=(\d+)/.exec(size);
  const background = asked === null ? NODE_POOL_SIZE : Number(asked[1]);
  return 1 + (background > 0 ? background : Math.max(1, os.availableParallelism() - 1));
}

/** node's own number of background threads for V8. */
const NODE_POOL_SIZE = 4;
