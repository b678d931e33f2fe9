// SpiderMonkey itself: its configurations, compilation, and the garbage that it leaves.

import * as artifact from './artifact.mjs';
import { Engine } from './engine.mjs';
import { failure } from './failure.mjs';

const CONFIGURATIONS = {
  'spidermonkey-tiers': {
    compiler: 'the baseline compiler, then Ion',
    baseline: true,
    ion: true,
    noArtifacts: 'SpiderMonkey saves the code of Ion, which its default tiers make after a compilation',
  },
  'spidermonkey-baseline': {
    compiler: 'the baseline compiler, of one pass',
    baseline: true,
    ion: false,
    noArtifacts: 'SpiderMonkey saves the code of Ion only',
  },
  'spidermonkey-ion': { compiler: 'Ion, the optimising compiler', baseline: false, ion: true, noArtifacts: null },
};

/** Empty rounds of a loop until Ion has compiled it; more than ION_CALLS of the host. */
const EMPTY_ROUNDS = 200;

/** One configuration of the SpiderMonkey that runs this program. */
export class SpiderMonkey extends Engine {
  /** Why modules that import WASI cannot be run. */
  noWasi = 'SpiderMonkey has no WASI, and this host provides none';

  constructor(name) {
    super(name, CONFIGURATIONS, CONFIGURATIONS[name]?.noArtifacts ?? null);
    /** The code of each module, which SpiderMonkey gives while it compiles. */
    this.codes = new WeakMap();
    this.hostThreads = host.threads();
    host.useCompilers(this.configuration?.baseline ?? true, this.configuration?.ion ?? true);
  }

  /** What this configuration is and can do. */
  hello() {
    this.isKnown();
    const { compiler, baseline, ion } = this.configuration;
    return {
      configuration: this.name,
      version: `${host.engine().replace('JavaScript-C', '')} (Firefox 102 ESR, libmozjs of Debian)`,
      compiler,
      flags: `setWasmBaseline(${baseline}) setWasmIon(${ion})`,
      // One for each processor, and the main thread, which decodes and waits for them.
      threads: 1 + host.processors(),
      host_threads: this.hostThreads,
      differences: [],
      probes: [],
      can: {
        parse: 'yes',
        jit: 'yes',
        instantiate: 'yes',
        aot: this.noArtifacts === null ? 'yes' : { no: this.noArtifacts },
        wasi: { no: this.noWasi },
      },
      notes: this.noArtifacts === null ? [...NOTES, ...ARTIFACT_NOTES] : NOTES,
    };
  }

  /** a+b of a module that is saved: as a stream, of which SpiderMonkey gives the code. */
  compileToSave(bytes) {
    // Of a module that was cut short, the other way says why it is rejected.
    if (this.noArtifacts !== null || !host.isWhole(bytes)) return this.compile(bytes);
    const module = host.streamed(bytes, false);
    this.codes.set(module, host.takeCode());
    return module;
  }

  /** The module compiled once more, as a stream. */
  toSave(module, fresh) {
    return this.noArtifacts === null ? this.compileToSave(fresh()) : module;
  }

  /** b': writes the code of `module` to the new file `path`. */
  save(module, _, path) {
    if (this.noArtifacts !== null) return super.save();
    const code = this.codes.get(module);
    if (code == null) throw failure('unsupported', 'SpiderMonkey gives no code of this module');
    artifact.write(path, new Uint8Array(code));
  }

  /** Readies a load, untimed. */
  beforeLoad() {
    if (this.noArtifacts !== null) super.beforeLoad();
  }

  /** c': the artifact `path` to a module. */
  load(path) {
    if (this.noArtifacts !== null) return super.load();
    return host.streamed(artifact.read(path), true);
  }

  /**
   * What one round of `loop` returns; SpiderMonkey has compiled the loop afterwards. The round tells Ion what
   * is called, and the empty ones that the loop is worth compiling.
   */
  optimized(loop) {
    const returned = loop(1);
    for (let round = 0; round < EMPTY_ROUNDS; round += 1) loop(0);
    return returned;
  }

  /** Collects all garbage. */
  collect() {
    host.collect();
  }
}

const NOTES = [
  'arguments and results cross from JavaScript to WebAssembly and back; a time of d includes it',
  'SpiderMonkey starts with the process and serves all of its passes: the phase engine is empty',
  'modules and instances are freed by garbage collection, which is forced between passes, untimed: drop is 0',
  "the worker's own loops of calls are compiled by Ion before they are timed, in every configuration",
  'processor time is counted in steps of 1 us',
];

const ARTIFACT_NOTES = [
  "AOT: the module is compiled as a stream that is there as a whole, and a+b of that pass ends with SpiderMonkey's copy of " +
    "the code, which b' writes; on two processors this takes 1.6 to 1.8 times as long as `new WebAssembly.Module`, which is " +
    'the a+b of JIT',
  "c' reads the file and compares a checksum, since SpiderMonkey does not look whether code is whole",
];
