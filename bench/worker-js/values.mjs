// WebAssembly's numbers and outcomes of calls: as the protocol carries them, and as JavaScript does.

const view = new DataView(new ArrayBuffer(8));

/** For each type: JavaScript's value of a carried one, the carried one of JavaScript's, and its text. */
const TYPES = {
  i32: { toJs: Number, toCarried: (value) => value | 0, text: String },
  i64: { toJs: BigInt, toCarried: (value) => BigInt.asIntN(64, value), text: String },
  f32: { toJs: f32OfBits, toCarried: bitsOfF32, text: (bits) => floatText(f32OfBits(bits)) },
  f64: { toJs: f64OfBits, toCarried: bitsOfF64, text: (bits) => floatText(f64OfBits(bits)) },
};

/** Whether `type` is a number's. */
export function isNumber(type) {
  return Object.hasOwn(TYPES, type);
}

/** The type of a carried value, such as `i32`. */
export function typeOf(carried) {
  return Object.keys(carried)[0];
}

/** JavaScript's value of a carried one. Of a NaN, JavaScript may change the bits. */
export function toJs(carried) {
  const type = typeOf(carried);
  return TYPES[type].toJs(carried[type]);
}

/** The outcome of a function with these result types that returned `returned`. */
export function outcomeOf(results, returned) {
  const carried = (type, value) => ({ [type]: TYPES[type].toCarried(value) });
  if (results.length === 0) return 'nothing';
  if (results.length === 1) return { one: carried(results[0], returned) };
  return { many: results.map((type, index) => carried(type, returned[index])) };
}

/** Whether two outcomes are the same result. Any two NaNs are. */
export function agree(one, other) {
  return textOf(one, exact) === textOf(other, exact);
}

/** An outcome in words, as messages have it. */
export function textOf(outcome, text = plain) {
  if (outcome === 'nothing') return 'nothing';
  if (Object.hasOwn(outcome, 'exit')) return `exit code ${outcome.exit}`;
  if (Object.hasOwn(outcome, 'one')) return text(outcome.one);
  return `(${outcome.many.map(text).join(', ')})`;
}

function plain(carried) {
  const type = typeOf(carried);
  return TYPES[type].text(carried[type]);
}

/** The type and the bits, which tell 0 and -0 apart. */
function exact(carried) {
  const type = typeOf(carried);
  const isNan = Number.isNaN(toJs(carried));
  return `${type} ${isNan ? 'NaN' : carried[type]}`;
}

function floatText(value) {
  return Object.is(value, -0) ? '-0' : String(value);
}

function f32OfBits(bits) {
  view.setUint32(0, Number(bits));
  return view.getFloat32(0);
}

function bitsOfF32(value) {
  view.setFloat32(0, value);
  return view.getUint32(0);
}

function f64OfBits(bits) {
  view.setBigUint64(0, BigInt(bits));
  return view.getFloat64(0);
}

function bitsOfF64(value) {
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}
