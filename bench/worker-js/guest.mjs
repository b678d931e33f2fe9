// What is called, with what it is given: an exported function or a WASI command. Instances of it.

import { Entry } from './entry.mjs';
import { failure } from './failure.mjs';
import { Folders } from './folders.mjs';
import { Stdio } from './stdio.mjs';
import * as marks from './marks.mjs';
import * as wasi from './wasi.mjs';

/** The guest of an `open` request. */
export class Guest {
  /** `noWasi` is why the engine has no WASI, or null. */
  constructor({ entry, signature, setup, marks: use }, noWasi) {
    this.noWasi = noWasi;
    this.marksAreCall = use === 'timed-as-call';
    this.setup = (setup ?? []).map((call) => new Entry(call, call.signature));
    this.isCommand = entry.kind === 'command';
    this.command = this.isCommand ? entry : { args: [], env: [], dirs: [] };
    this.entry = this.isCommand ? null : new Entry(entry, signature);
    this.stdio = new Stdio(this.isCommand ? (entry.stdin ?? null) : null);
    this.folders = new Folders(this.command.dirs.map(([host]) => host));
  }

  /** Readies what the next instance is given: input from its start, outputs empty, nothing marked. */
  ready() {
    marks.clear();
    this.stdio.close();
    this.folders.closeLeftOpen();
    this.stdio.open();
  }

  /** Lets go of all files. */
  close() {
    this.stdio.close();
    this.folders.closeLeftOpen();
    this.stdio.remove();
  }

  /** c: an instance of `code` with its entry found. */
  instantiate(code) {
    const wasiVersion = code.wasiVersion();
    if (this.noWasi !== null && (this.isCommand || wasiVersion !== null)) {
      throw failure('unsupported', this.noWasi);
    }
    const context = wasiVersion === null ? null : wasi.create(wasiVersion, this);
    const imports = context === null ? marks.imports : { ...context.getImportObject(), ...marks.imports };
    const instance = linked(code.module, imports);
    return this.isCommand ? new Command(instance, context) : this.#exported(instance, context);
  }

  #exported(instance, context) {
    const found = this.entry.find(instance);
    if (context !== null) wasi.bindMemory(context, instance);
    const initialize = instance.exports[INITIALIZE];
    if (this.entry.name !== INITIALIZE && typeof initialize === 'function' && initialize.length === 0) {
      initialize();
    }
    return new Exported(instance, found, this.entry);
  }

  /** Whether anything happens between c and d. */
  needsSetup() {
    return this.marksAreCall || this.setup.length > 0;
  }

  /** Between c and d, and in neither: makes the calls that ready the fresh `instance` for its entry. */
  setUp(instance) {
    if (!this.needsSetup()) return;
    if (this.marksAreCall) marks.noneBeforeTheCall();
    for (const call of this.setup) setUpWith(call, instance);
    marks.clear();
  }
}

/** What a reactor exports to be called once, before anything else. */
const INITIALIZE = '_initialize';

/** Makes one call before the entry's; what it returns is not looked at. */
function setUpWith(call, { instance }) {
  try {
    call.call(call.find(instance));
  } catch (error) {
    if (error instanceof Error) error.message = `${call.name}: ${error.message}`;
    throw error;
  }
}

/** An instance of `module`; an import that nobody provides is named, which engines do only for some. */
function linked(module, imports) {
  try {
    return new WebAssembly.Instance(module, imports);
  } catch (error) {
    const isMissing = (one) => !Object.hasOwn(imports[one.module] ?? {}, one.name);
    const missing = WebAssembly.Module.imports(module).filter(isMissing);
    if (missing.length === 0) throw error;
    const names = missing.map((one) => `${one.module}.${one.name}`).join(', ');
    throw failure('link', `not provided: ${names} (${error.message})`);
  }
}

/** Compiled or loaded code; which WASI it imports is looked up once. */
export class Code {
  constructor(module) {
    this.module = module;
    this.wasi = undefined;
  }

  wasiVersion() {
    if (this.wasi === undefined) this.wasi = wasi.versionOf(this.module);
    return this.wasi;
  }
}

/** An instance of which an export is called. */
class Exported {
  constructor(instance, found, entry) {
    this.instance = instance;
    this.found = found;
    this.entry = entry;
    this.loops = null;
  }

  /** d: calls the export; `outcome` makes an outcome of what it returned. */
  call() {
    return this.entry.call(this.found);
  }

  outcome(returned) {
    return this.entry.outcome(returned);
  }

  /** The first call of an instance that is held, untimed; `engine` readies the loop for those that follow. */
  callToHold(engine) {
    this.loops = this.entry.loops(this.found);
    const [returned] = engine.optimized(this.loops.repeat);
    return returned;
  }

  /** The loop that compares results. */
  repeat() {
    return this.loops.repeat;
  }

  /** The loop that compares nothing; readying it calls the export once. */
  bare(engine) {
    engine.optimized(this.loops.bare);
    return this.loops.bare;
  }
}

/** An instance of a WASI command. */
class Command {
  constructor(instance, context) {
    const { _start: start, memory } = instance.exports;
    if (typeof start !== 'function') throw failure('link', 'the module exports no function `_start`');
    if (context !== null && !(memory instanceof WebAssembly.Memory)) {
      throw failure('link', 'the module imports WASI and exports no memory `memory`');
    }
    this.instance = instance;
    this.context = context;
  }

  /** d: runs the command; gives its exit code. */
  call() {
    if (this.context !== null) return this.context.start(this.instance);
    this.instance.exports._start();
    return 0;
  }

  outcome(exitCode) {
    return { exit: exitCode | 0 };
  }

  callToHold() {
    return this.call();
  }

  repeat() {
    throw failure('unsupported', 'node:wasi starts an instance of a command only once');
  }

  bare() {
    return this.repeat();
  }
}
