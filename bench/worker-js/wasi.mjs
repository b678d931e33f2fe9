// WASI for modules that import it, through `node:wasi`, on the guest's own streams.

import { failure } from './failure.mjs';
import { WASI } from 'node:wasi';

/** The import modules that node provides, and what it calls each version. */
const VERSIONS = { wasi_snapshot_preview1: 'preview1', wasi_unstable: 'unstable' };

/** The WASI version that `module` imports, or null. */
export function versionOf(module) {
  const used = WebAssembly.Module.imports(module).find((one) => Object.hasOwn(VERSIONS, one.module));
  return used === undefined ? null : VERSIONS[used.module];
}

/** What one instance is given: the arguments, environment, folders and streams of `guest`. */
export function create(version, guest) {
  const { args, env, dirs } = guest.command;
  const [stdin, stdout, stderr] = guest.stdio.streams;
  const preopens = Object.fromEntries(dirs.map(([host, inside]) => [inside, host]));
  const environment = Object.fromEntries(env);
  return new WASI({ version, args, env: environment, preopens, stdin, stdout, stderr, returnOnExit: true });
}

/** Gives `wasi` the memory of `instance`, without calling anything there. */
export function bindMemory(wasi, instance) {
  const { memory } = instance.exports;
  if (!(memory instanceof WebAssembly.Memory)) {
    throw failure('link', 'the module imports WASI and exports no memory `memory`');
  }
  wasi.initialize({ exports: { memory } });
}
