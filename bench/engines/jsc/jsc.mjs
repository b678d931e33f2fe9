// JavaScriptCore itself: its configurations, compilation, and the garbage that it leaves.
//
// start.sh sets the options of a configuration, since JavaScriptCore reads them when it starts. `hello`
// looks at them, so that a program that was started without them is not measured.

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

/** How many instances may become garbage before it is collected. */
const INSTANCES_KEPT = 32;

/** Rounds of a loop until JavaScriptCore has compiled it, and how often it is asked for one. */
const LOOP_ROUNDS = [1, 0, 0, 0];

/** One configuration of the JavaScriptCore that runs this program. */
export class Jsc {
  /** Why modules that import WASI cannot be run. */
  noWasi = "bun's node:wasi gives neither its functions nor a program's exit code";

  constructor(name) {
    this.name = name;
    this.configuration = Object.hasOwn(CONFIGURATIONS, name) ? CONFIGURATIONS[name] : null;
    this.garbage = 0;
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
        aot: { no: NO_ARTIFACTS },
        wasi: { no: this.noWasi },
      },
      notes: NOTES,
    };
  }

  /** Fails where this worker has no such configuration. */
  isKnown() {
    if (this.configuration !== null) return;
    throw failure('unsupported', `this worker has no configuration \`${this.name}\``);
  }

  /** a: validates `bytes`. */
  validate(bytes) {
    if (WebAssembly.validate(bytes)) return;
    // JavaScriptCore says why only when it compiles.
    new WebAssembly.Module(bytes);
    throw failure('rejected', 'WebAssembly.validate says that the module is invalid');
  }

  /** a+b: `bytes` to a module. */
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

  /** What one round of `loop` returns. Empty rounds behind it let JavaScriptCore see the loop. */
  optimized(loop) {
    const [returned] = LOOP_ROUNDS.map((rounds) => loop(rounds));
    return returned;
  }

  /** Garbage was made: of a whole pass, or of one instance. */
  dropped(wholePass) {
    this.garbage += wholePass ? INSTANCES_KEPT : 1;
    if (this.garbage < INSTANCES_KEPT) return;
    Bun.gc(true);
    this.garbage = 0;
  }
}

const NO_ARTIFACTS = 'JavaScriptCore offers no way to serialise a module';

const NOTES = [
  'arguments and results cross from JavaScript to WebAssembly and back; a time of d includes it',
  'a function is compiled when it is called first or later: a+b validates and lays out',
  'JavaScriptCore starts with the process and serves all of its passes: the phase engine is empty',
  'modules and instances are freed by garbage collection, which is forced between passes, untimed: drop is 0',
  'processor time is counted in steps of 1 us',
];
