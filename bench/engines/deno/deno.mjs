// deno's V8: its configurations, compilation, and the garbage that it leaves.
//
// start.sh gives V8 the flags of a configuration. `hello` compiles a small module and asks V8 which compiler made its
// code, so that a V8 that ignores a flag is not measured.

import { failure } from './failure.mjs';
import fs from 'node:fs';
import os from 'node:os';

const CONFIGURATIONS = {
  'deno-liftoff': 'Liftoff',
  'deno-turbofan': 'TurboFan',
};

/** Exports one function, `f`, which returns nothing. */
const SMALL_MODULE = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0],
  ...[7, 5, 1, 1, 0x66, 0, 0, 10, 4, 1, 2, 0, 0x0b],
);

/** The files of this program. */
const FILES_READ = 15;

/** How many instances may become garbage before it is collected. */
const INSTANCES_KEPT = 32;

/** One configuration of the V8 in the deno that runs this program. */
export class Deno {
  constructor(name) {
    this.name = name;
    this.compiler = Object.hasOwn(CONFIGURATIONS, name) ? CONFIGURATIONS[name] : null;
    this.garbage = 0;
    this.isLiftoff = native('IsLiftoffFunction', 'exported');
    this.optimizeNext = native('OptimizeFunctionOnNextCall', 'loop');
    this.prepare = native('PrepareFunctionForOptimization', 'loop');
  }

  /** What this configuration is and can do. */
  hello() {
    this.isKnown();
    this.#checkCompiler();
    const version = process.versions.v8.replace(/-rusty$/, '');
    return {
      configuration: this.name,
      version: `${version} (deno ${process.versions.deno})`,
      compiler: `${this.compiler} (V8 ${version})`,
      flags: process.env.WASM_PHASES_V8_FLAGS.replaceAll(',', ' '),
      threads: compilationThreads(),
      host_threads: threadsBeside(),
      differences: [],
      probes: [],
      can: {
        parse: 'yes',
        jit: 'yes',
        instantiate: 'yes',
        aot: { no: NO_ARTIFACTS },
        wasi: 'yes',
      },
      notes: NOTES,
    };
  }

  /** Fails where this worker has no such configuration. */
  isKnown() {
    if (this.compiler !== null) return;
    throw failure('unsupported', `this worker has no configuration \`${this.name}\``);
  }

  /** a: validates `bytes`. */
  validate(bytes) {
    if (WebAssembly.validate(bytes)) return;
    // V8 says why only when it compiles.
    new WebAssembly.Module(bytes);
    throw failure('rejected', 'WebAssembly.validate says that the module is invalid');
  }

  /** a+b: `bytes`, which V8 must not have seen, to a module. */
  compile(bytes) {
    return new WebAssembly.Module(bytes);
  }

  /** b': there is none. */
  save() {
    throw failure('unsupported', NO_ARTIFACTS);
  }

  /** Readies a load: there is none. */
  beforeLoad() {
    throw failure('unsupported', NO_ARTIFACTS);
  }

  /** c': there is none. */
  load() {
    throw failure('unsupported', NO_ARTIFACTS);
  }

  /**
   * What one round of `loop` returns; V8 has compiled the loop afterwards. Else V8 would interpret
   * it at first and compile it in the middle of the first readings.
   */
  optimized(loop) {
    this.prepare(loop);
    const returned = loop(1);
    this.optimizeNext(loop);
    // No round at all.
    loop(0);
    return returned;
  }

  /** Garbage was made: of a whole pass, or of one instance. */
  dropped(wholePass) {
    this.garbage += wholePass ? INSTANCES_KEPT : 1;
    if (this.garbage < INSTANCES_KEPT) return;
    globalThis.gc();
    this.garbage = 0;
  }

  /** Fails unless this V8 compiles as the configuration says. */
  #checkCompiler() {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(SMALL_MODULE));
    const used = this.isLiftoff(exports.f) ? 'Liftoff' : 'TurboFan';
    if (used === this.compiler) return;
    throw failure('unsupported', `V8 ${process.versions.v8} compiles with ${used} in spite of its flags`);
  }
}

const NO_ARTIFACTS = 'V8 15 offers JavaScript no way to serialise a module';

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

/** A function of V8 that `--allow-natives-syntax` gives names to. */
function native(name, parameter) {
  return new Function(parameter, `return %${name}(${parameter})`);
}

/**
 * Threads of this process beside the one that runs this program, at most: deno's own, V8's, and those that read
 * the files of this program, one each, and end after some seconds.
 */
function threadsBeside() {
  return FILES_READ + os.availableParallelism() + 4;
}
