// The guest's entry: found in an instance, checked against its signature, and called, once or in a
// loop.

import { failure } from './failure.mjs';
import { isNumber, outcomeOf, toJs, typeOf } from './values.mjs';

/** An exported function and its arguments, as `open` names them. */
export class Entry {
  constructor({ name, args }, signature) {
    this.name = name;
    this.args = args.map(toJs);
    this.results = signature?.results ?? [];
    this.mismatch = mismatch(name, args, signature);
  }

  /**
   * The function in `instance`. JavaScript coerces arguments to whatever a function takes, so the
   * types are compared here.
   */
  find(instance) {
    const found = instance.exports[this.name];
    if (typeof found !== 'function') throw failure('link', `the module exports no function \`${this.name}\``);
    if (this.mismatch !== null) throw this.mismatch;
    return found;
  }

  /** Calls `found` once and gives what it returned. */
  call(found) {
    return Reflect.apply(found, undefined, this.args);
  }

  /** The outcome of a call that returned `returned`. */
  outcome(returned) {
    return outcomeOf(this.results, returned);
  }

  /**
   * Loops over calls of `found`. The engine compiles them for this function alone: their source is written
   * anew, so that no other function was ever called from the same place. `repeat` gives what the
   * first call returned and whether all others returned the same; `bare` compares nothing.
   */
  loops(found) {
    const names = this.args.map((_, index) => `arg${index}`);
    const call = `found(${names.join(', ')})`;
    const { zero, isSame } = comparison(this.results);
    loopsWritten += 1;
    const source = `// ${loopsWritten}
      return {
        repeat(calls) {
          let first = ${zero};
          let same = true;
          for (let i = 0; i < calls; i += 1) {
            const value = ${call};
            if (i === 0) first = value;
            same = ${isSame} && same;
          }
          return [first, same];
        },
        bare(calls) {
          for (let i = 0; i < calls; i += 1) ${call};
        },
      };`;
    return new Function('found', 'is', 'areSame', ...names, source)(found, Object.is, areSame, ...this.args);
  }
}

/**
 * A value of the type that a function with these results returns, and how two are compared: with
 * `===`, no engine makes a BigInt of an i64, and the loop takes no longer than the bare one.
 */
function comparison(results) {
  if (results.length > 1) return { zero: '[]', isSame: 'areSame(value, first)' };
  switch (results[0]) {
    case 'i64':
      return { zero: '0n', isSame: 'value === first' };
    case 'f32':
    case 'f64':
      return { zero: '0.5', isSame: 'is(value, first)' };
    default:
      return { zero: '0', isSame: 'value === first' };
  }
}

/** Whether two lists of results are the same. */
function areSame(ones, others) {
  return ones.every((one, index) => Object.is(one, others[index]));
}

let loopsWritten = 0;

/** The error of arguments that are not what the function takes, or of results that are no numbers. */
function mismatch(name, args, signature) {
  if (signature === null || signature === undefined) {
    return failure('link', `the type of \`${name}\` was not given, so its arguments cannot be checked`);
  }
  const [takes, given] = [signature.params, args.map(typeOf)].map((types) => `(${types.join(', ')})`);
  if (takes !== given) return failure('link', `\`${name}\` takes ${takes}, not ${given}`);
  const other = signature.results.find((type) => !isNumber(type));
  return other === undefined ? null : failure('link', `\`${name}\` returns ${other}, which is no number`);
}
