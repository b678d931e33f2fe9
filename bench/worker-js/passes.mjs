// An open module and everything that is timed on it.

import * as clock from './clock.mjs';
import { failure, ofCall, ofCompilation, ofInstantiation, within } from './failure.mjs';
import { freshBytes } from './fresh.mjs';
import { Code, Guest } from './guest.mjs';
import * as marks from './marks.mjs';
import { agree, textOf } from './values.mjs';
import fs from 'node:fs';

/** How many times as long as a reading the search for the number of calls may take. */
const SEARCH_LIMIT = 64;

const CHANGED = 'the result changed between calls of one instance; each call needs a fresh one';

const { now, nsBetween } = clock;

/** An open module, what is expected of it, and what is held for warm readings. */
export class Opened {
  constructor(engine, request) {
    this.engine = engine;
    this.wasm = readFile(request.module);
    this.expected = request.expected ?? null;
    this.expectedOutput = request.expected_stdout == null ? null : readFile(request.expected_stdout);
    this.expectedErrors = request.expected_stderr == null ? null : readFile(request.expected_stderr);
    this.freshInstance = request.fresh_instance;
    this.marksAreCall = request.marks === 'timed-as-call';
    this.guest = new Guest(request, engine.noWasi ?? null);
    this.held = null;
  }

  /** a. */
  parse() {
    const bytes = freshBytes(this.wasm);
    const watch = this.#engine();
    watch.begin();
    within('a-parse', () => this.engine.validate(bytes), ofCompilation);
    watch.end('a-parse');
    watch.stop();
    return reading(watch, null);
  }

  /** a+b, b'. */
  save(path) {
    const bytes = freshBytes(this.wasm);
    const watch = this.#engine();
    watch.begin();
    const module = within('ab-compile', () => this.engine.compileToSave(bytes), ofCompilation);
    watch.end('ab-compile');
    within('b-save', () => this.engine.save(module, this.wasm, path));
    watch.end('b-save');
    watch.stop();
    return { ...reading(watch, 'aot-compile'), artifact: this.#written(path) };
  }

  /** c' alone. */
  load(artifact) {
    const tail = this.engine.beforeLoad();
    const watch = this.#engine();
    watch.begin();
    within('c-load', () => this.engine.load(artifact, tail), ofCompilation);
    watch.end('c-load');
    watch.stop();
    return reading(watch, null);
  }

  /**
   * From nothing to the first result: a+b, or c' where there is an `artifact`; then c and d. Where there
   * is a path to `save` to, b' behind the total.
   */
  firstResult(artifact, save = null) {
    const [made, total] = artifact === null ? ['ab-compile', 'jit'] : ['c-load', 'aot-execute'];
    const make = this.#maker(artifact);
    const watch = this.#engine();
    this.guest.ready();
    watch.begin();
    const code = within(made, make, ofCompilation);
    watch.end(made);
    const instance = within('c-instantiate-first', () => this.guest.instantiate(code), ofInstantiation);
    watch.end('c-instantiate-first');
    this.#setUp(instance, watch);
    const end = ending(() => instance.call());
    watch.end('d-call-first');
    watch.stop();
    const outcome = this.#checked('d-call-first', end, (returned) => instance.outcome(returned));
    const result = { ...reading(watch, total), outcome };
    if (this.marksAreCall) {
      const call = result.wall_ns.find(([phase]) => phase === 'd-call-first');
      call[1] = within('d-call-first', () => marks.takenNs(1));
    }
    return save === null ? result : this.#alsoSaved(result, code, save);
  }

  /** `result` with b' behind its total, and the artifact. */
  #alsoSaved(result, code, path) {
    const module = within('b-save', () => this.engine.toSave(code.module, () => freshBytes(this.wasm)));
    const start = now();
    within('b-save', () => this.engine.save(module, this.wasm, path));
    result.wall_ns.push(['b-save', nsBetween(start, now())]);
    return { ...result, artifact: this.#written(path) };
  }

  #written(path) {
    const bytes = within('b-save', () => fs.statSync(path).size);
    return { path, bytes, module_bytes: this.wasm.length };
  }

  /** Keeps a module and an instance whose first call is over. */
  hold(artifact) {
    this.held = null;
    this.guest.ready();
    const made = artifact == null ? 'ab-compile' : 'c-load';
    const code = within(made, this.#maker(artifact ?? null), ofCompilation);
    const instance = within('c-instantiate-first', () => this.guest.instantiate(code), ofInstantiation);
    this.held = { code, instance: this.#readied(instance) };
  }

  /** Replaces the held instance by a fresh one; it is called once, so that the engine compiles the loop. */
  renew() {
    this.guest.ready();
    const held = this.#holding();
    const instance = within('c-instantiate-warm', () => this.guest.instantiate(held.code), ofInstantiation);
    held.instance = this.#readied(instance);
  }

  /** A fresh `instance` whose first call is over. */
  #readied(instance) {
    within('c-instantiate-first', () => this.guest.setUp(instance), ofCall);
    const end = ending(() => instance.callToHold(this.engine));
    this.#checked('d-call-first', end, (returned) => instance.outcome(returned));
    return instance;
  }

  /** What happens between c and d, in neither and in no total. */
  #setUp(instance, watch) {
    if (!this.guest.needsSetup()) return;
    watch.pause();
    within('c-instantiate-first', () => this.guest.setUp(instance), ofCall);
    watch.resume();
  }

  /** c, once more on the held module. */
  instantiateWarm() {
    const phase = 'c-instantiate-warm';
    this.guest.ready();
    const { code } = this.#holding();
    const start = now();
    within(phase, () => this.guest.instantiate(code), ofInstantiation);
    const end = now();
    return { phase, calls: 1, wall_ns: nsBetween(start, end), cpu_ns: null, drop_ns: 0 };
  }

  /** Doubles the calls until one reading lasts `readingNs`; this also warms the code up. */
  callsThatFill(readingNs) {
    if (this.freshInstance) return 1;
    const start = now();
    let calls = 1;
    // Where d is only a part of the call, a reading might take very long to fill.
    while (
      this.callWarm(calls).wall_ns < readingNs &&
      !(this.marksAreCall && nsBetween(start, now()) >= SEARCH_LIMIT * readingNs)
    ) {
      calls *= 2;
    }
    return calls;
  }

  /** d, in the steady state. */
  callWarm(calls) {
    return this.freshInstance ? this.#callFresh() : this.#callHeld(calls);
  }

  /** `calls` calls of the held instance in a loop that checks no result. */
  callBare(calls) {
    const phase = 'd-call-warm';
    const { instance } = this.#holding();
    const bare = within(phase, () => instance.bare(this.engine), ofCall);
    const start = now();
    within(phase, () => bare(calls), ofCall);
    return { phase, calls, wall_ns: nsBetween(start, now()), cpu_ns: null, drop_ns: 0 };
  }

  close() {
    this.held = null;
    this.guest.close();
  }

  /** `calls` calls of the held instance between two clock readings, every result compared. */
  #callHeld(calls) {
    const phase = 'd-call-warm';
    const { instance } = this.#holding();
    const repeat = within(phase, () => instance.repeat());
    marks.clear();
    const cpuBefore = clock.cpuUs();
    const start = now();
    const ended = ending(() => repeat(calls));
    const end = now();
    const cpuNs = clock.cpuNsSince(cpuBefore);
    this.#checked(phase, ended, ([first]) => instance.outcome(first));
    within(phase, () => {
      const [, same] = ended.returned;
      if (!same) throw failure('wrong-result', CHANGED);
    });
    return this.#warmReading(calls, nsBetween(start, end), cpuNs);
  }

  /** One call on a fresh instance of the held module, instantiation untimed. */
  #callFresh() {
    const phase = 'd-call-warm';
    this.guest.ready();
    const { code } = this.#holding();
    const instance = within('c-instantiate-warm', () => this.guest.instantiate(code), ofInstantiation);
    within('c-instantiate-warm', () => this.guest.setUp(instance), ofCall);
    const start = now();
    const ended = ending(() => instance.call());
    const end = now();
    this.#checked(phase, ended, (returned) => instance.outcome(returned));
    return this.#warmReading(1, nsBetween(start, end), null);
  }

  /** A reading of d, which is the time between the module's marks where that is asked for. */
  #warmReading(calls, wholeNs, cpuNs) {
    const phase = 'd-call-warm';
    const reading = { phase, calls, wall_ns: wholeNs, cpu_ns: cpuNs, drop_ns: 0 };
    if (!this.marksAreCall) return reading;
    return { ...reading, wall_ns: within(phase, () => marks.takenNs(calls)), cpu_ns: null };
  }

  /** A stopwatch that has timed the creation of the engine, which is the program's own start: nothing is left. */
  #engine() {
    const watch = new clock.Stopwatch();
    watch.begin();
    watch.end('engine');
    return watch;
  }

  /** What makes code out of the open module or the artifact; readied here, untimed. */
  #maker(artifact) {
    if (artifact === null) {
      const bytes = freshBytes(this.wasm);
      return () => new Code(this.engine.compile(bytes));
    }
    const tail = this.engine.beforeLoad();
    return () => new Code(this.engine.load(artifact, tail));
  }

  #holding() {
    if (this.held === null) throw failure('internal', 'no instance is held');
    return this.held;
  }

  /**
   * The outcome of a call, if it ended and printed as was expected. Output that was cut off comes
   * before whatever the guest made of that.
   */
  #checked(phase, ended, outcomeOf) {
    return within(
      phase,
      () => {
        const { stdio } = this.guest;
        if (stdio.isFull()) throw stdio.overflow();
        if (ended.thrown !== undefined) throw ended.thrown;
        const outcome = outcomeOf(ended.returned);
        this.#check(outcome);
        return outcome;
      },
      ofCall,
    );
  }

  #check(outcome) {
    if (this.expected !== null && !agree(outcome, this.expected)) {
      const [wanted, got] = [this.expected, outcome].map((one) => textOf(one));
      throw failure('wrong-result', `wrong result: expected ${wanted}, got ${got}`);
    }
    this.#checkStream('output', 1, this.expectedOutput);
    this.#checkStream('standard error', 2, this.expectedErrors);
  }

  #checkStream(name, number, expected) {
    if (expected === null) return;
    const output = this.guest.stdio.output(number);
    if (output.equals(expected)) return;
    const [got, wanted] = [output.length, expected.length];
    throw failure('wrong-result', `wrong ${name}: ${got} bytes differ from the expected ${wanted}`);
  }
}

/** How a call ended: what it returned or what it threw. */
function ending(call) {
  try {
    return { returned: call() };
  } catch (thrown) {
    return { thrown };
  }
}

/** A pass without an outcome and without an artifact. */
function reading(watch, total) {
  return { wall_ns: watch.wallNs(total), cpu_ns: watch.cpuNs, drop_ns: 0, outcome: null, artifact: null };
}

function readFile(path) {
  try {
    return fs.readFileSync(path);
  } catch (error) {
    throw failure('io', `cannot read ${path}: ${error.message}`);
  }
}
