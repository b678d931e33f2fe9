// What all engines in JavaScript have in common: their configurations by name, the calls of `WebAssembly`, and garbage
// that is collected between passes. An engine's own class adds `hello`, `optimized` and `collect`, and artifacts where
// it has some.

import { failure } from './failure.mjs';

/** How many instances may become garbage before it is collected. */
const INSTANCES_KEPT = 32;

/** One configuration of the engine that runs this program. */
export class Engine {
  /** The configuration `name` of `configurations`; `noArtifacts` is why it saves none, where it does not. */
  constructor(name, configurations, noArtifacts) {
    this.name = name;
    this.configuration = Object.hasOwn(configurations, name) ? configurations[name] : null;
    this.noArtifacts = noArtifacts;
    this.garbage = 0;
  }

  /** Fails where this worker has no such configuration. */
  isKnown() {
    if (this.configuration !== null) return;
    throw failure('unsupported', `this worker has no configuration \`${this.name}\``);
  }

  /** a: validates `bytes`. */
  validate(bytes) {
    if (WebAssembly.validate(bytes)) return;
    // Engines say why only when they compile.
    new WebAssembly.Module(bytes);
    throw failure('rejected', 'WebAssembly.validate says that the module is invalid');
  }

  /** a+b: `bytes`, which the engine must not have seen, to a module. */
  compile(bytes) {
    return new WebAssembly.Module(bytes);
  }

  /** a+b of a module that is saved afterwards, where the engine has another way for that. */
  compileToSave(bytes) {
    return this.compile(bytes);
  }

  /** What `save` takes in place of `module`, untimed; `fresh` gives the module's bytes as ones not seen before. */
  toSave(module, fresh) {
    return module;
  }

  /** b'. */
  save() {
    throw failure('unsupported', this.noArtifacts);
  }

  /** Readies a load, untimed. */
  beforeLoad() {
    throw failure('unsupported', this.noArtifacts);
  }

  /** c'. */
  load() {
    throw failure('unsupported', this.noArtifacts);
  }

  /** Garbage was made: of a whole pass, or of one instance. */
  dropped(wholePass) {
    this.garbage += wholePass ? INSTANCES_KEPT : 1;
    if (this.garbage < INSTANCES_KEPT) return;
    this.collect();
    this.garbage = 0;
  }
}
