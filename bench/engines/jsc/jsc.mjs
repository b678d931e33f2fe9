// JavaScriptCore itself: its configurations, compilation, and the garbage that it leaves.
//
// start.sh sets the options of a configuration, since JavaScriptCore reads them when it starts. `hello`
// looks at them, so that a program that was started without them is not measured.

import { Engine } from './engine.mjs';
import { failure } from './failure.mjs';
import fs from 'node:fs';
import os from 'node:os';

const CONFIGURATIONS = {
  'jsc-tiers': {
    compiler: 'IPInt, then BBQ, then OMG',
    options: [],
    threads: () => os.availableParallelism(),
  },
  'jsc-ipint': {
    compiler: 'IPInt, an interpreter of the bytes of wasm',
    options: ['BUN_JSC_useBBQJIT', 'BUN_JSC_useOMGJIT'],
    threads: () => 1,
  },
  'jsc-bbq': {
    compiler: 'BBQ, a compiler of one pass',
    options: ['BUN_JSC_useWasmIPInt', 'BUN_JSC_useOMGJIT'],
    threads: () => os.availableParallelism(),
  },
};

/** Rounds of a loop until JavaScriptCore has compiled it, and how often it is asked for one. */
const LOOP_ROUNDS = [1, 0, 0, 0];

/** One configuration of the JavaScriptCore that runs this program. */
export class Jsc extends Engine {
  /** Why modules that import WASI cannot be run. */
  noWasi = "bun's node:wasi gives neither its functions nor a program's exit code";

  constructor(name) {
    super(name, CONFIGURATIONS, 'JavaScriptCore offers no way to serialise a module');
    this.hostThreads = fs.readdirSync('/proc/self/task').length - 1;
  }

  /** What this configuration is and can do. */
  hello() {
    this.isKnown();
    const { compiler, options, threads } = this.configuration;
    const unset = options.filter((option) => process.env[option] !== '0');
    if (unset.length > 0) {
      throw failure('unsupported', `start.sh did not set ${unset.join(', ')} to 0`);
    }
    return {
      configuration: this.name,
      version: `WebKit ${process.versions.webkit.slice(0, 12)} (bun ${process.versions.bun})`,
      compiler,
      flags: options.map((option) => `${option}=0`).join(' ') || "none: JavaScriptCore's defaults",
      threads: threads(),
      host_threads: this.hostThreads,
      differences: [],
      probes: [],
      can: {
        parse: 'yes',
        jit: 'yes',
        instantiate: 'yes',
        aot: { no: this.noArtifacts },
        wasi: { no: this.noWasi },
      },
      notes: NOTES,
    };
  }

  /** What one round of `loop` returns. Empty rounds behind it let JavaScriptCore see the loop. */
  optimized(loop) {
    const [returned] = LOOP_ROUNDS.map((rounds) => loop(rounds));
    return returned;
  }

  /** Collects all garbage. */
  collect() {
    Bun.gc(true);
  }
}

const NOTES = [
  'arguments and results cross from JavaScript to WebAssembly and back; a time of d includes it',
  'a function is compiled when it is called first, or later: a+b validates and lays out, and d first compiles',
  'JavaScriptCore starts with the process and serves all of its passes: the phase engine is empty',
  'modules and instances are freed by garbage collection, which is forced between passes, untimed: drop is 0',
  'processor time is counted in steps of 1 us',
];
