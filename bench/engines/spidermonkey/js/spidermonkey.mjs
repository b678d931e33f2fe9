// SpiderMonkey itself: its configurations, compilation, and the garbage that it leaves.

import { Engine } from './engine.mjs';

const CONFIGURATIONS = {
  'spidermonkey-tiers': { compiler: 'the baseline compiler, then Ion', baseline: true, ion: true },
  'spidermonkey-baseline': { compiler: 'the baseline compiler, of one pass', baseline: true, ion: false },
  'spidermonkey-ion': { compiler: 'Ion, the optimising compiler', baseline: false, ion: true },
};

/** Empty rounds of a loop until Ion has compiled it; more than ION_CALLS of the host. */
const EMPTY_ROUNDS = 200;

/** One configuration of the SpiderMonkey that runs this program. */
export class SpiderMonkey extends Engine {
  /** Why modules that import WASI cannot be run. */
  noWasi = 'SpiderMonkey has no WASI, and this host provides none';

  constructor(name) {
    super(name, CONFIGURATIONS, NO_ARTIFACTS);
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
        aot: { no: this.noArtifacts },
        wasi: { no: this.noWasi },
      },
      notes: NOTES,
    };
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

const NO_ARTIFACTS =
  'SpiderMonkey gives its embedders code only in the middle of compiling a stream, not the code of a module';

const NOTES = [
  'arguments and results cross from JavaScript to WebAssembly and back; a time of d includes it',
  'SpiderMonkey starts with the process and serves all of its passes: the phase engine is empty',
  'modules and instances are freed by garbage collection, which is forced between passes, untimed: drop is 0',
  "the worker's own loops of calls are compiled by Ion before they are timed, in every configuration",
  'processor time is counted in steps of 1 us',
];
