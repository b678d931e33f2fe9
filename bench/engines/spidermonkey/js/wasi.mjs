// WASI, which this host does not have: it only finds out that a module imports it.

const MODULES = ['wasi_snapshot_preview1', 'wasi_unstable'];

/** The WASI that `module` imports, or null. */
export function versionOf(module) {
  const used = WebAssembly.Module.imports(module).find((one) => MODULES.includes(one.module));
  return used === undefined ? null : used.module;
}
