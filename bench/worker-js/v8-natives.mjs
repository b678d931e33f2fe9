// What V8 tells and does by the names that `--allow-natives-syntax` gives to functions of its own, in whichever program
// it is.

/** What V8 does by default. */
export const TIERS = 'Liftoff at the first call, then TurboFan';
export const TIERS_NOTE =
  'a function is compiled when it is called first, and once more, on another thread, when it is used much';

/** Exports one function, `f`, which returns nothing. */
const SMALL_MODULE = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0],
  ...[7, 5, 1, 1, 0x66, 0, 0, 10, 4, 1, 2, 0, 0x0b],
);

/** Functions of V8, found once its flag is set. */
export class V8Natives {
  constructor() {
    this.isLiftoff = native('IsLiftoffFunction', ['exported']);
    this.optimizeNext = native('OptimizeFunctionOnNextCall', ['loop']);
    this.prepare = native('PrepareFunctionForOptimization', ['loop']);
  }

  /** The compiler that V8 uses for a function when it compiles the module, or null where it does not tell. */
  usedCompiler() {
    if (this.isLiftoff === null) return null;
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(SMALL_MODULE));
    return this.isLiftoff(exports.f) ? 'Liftoff' : 'TurboFan';
  }

  /**
   * What one round of `loop` returns; V8 has compiled the loop afterwards. Else V8 would interpret
   * it at first and compile it in the middle of the first readings.
   */
  optimized(loop) {
    if (this.prepare === null || this.optimizeNext === null) return loop(1);
    this.prepare(loop);
    const returned = loop(1);
    this.optimizeNext(loop);
    // No round at all.
    loop(0);
    return returned;
  }
}

/** A function of V8 that its flag gives a name to, or null where V8 has none. */
export function native(name, parameters) {
  try {
    return new Function(...parameters, `return %${name}(${parameters.join(', ')})`);
  } catch {
    return null;
  }
}
