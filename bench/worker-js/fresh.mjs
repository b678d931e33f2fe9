// Bytes that the engine has not seen in this process.
//
// Engines such as V8 share compiled code between modules of equal bytes while one of them is alive, also when it
// loads an artifact. A custom section that holds a counter makes every copy of a module different.

/** Longer than any section's number is high, so that no part of the section is a section itself. */
const NAME = 'wasm-phases counter';
const DIGITS = 16;

/** The length of what is appended, in bytes. */
export const TAIL_BYTES = 3 + NAME.length + DIGITS;

let counter = 0;

/** A custom section that no module in this process has. */
export function freshTail() {
  counter += 1;
  const content = Buffer.from(NAME + String(counter).padStart(DIGITS, '0'));
  return Uint8Array.of(0, 1 + content.length, NAME.length, ...content);
}

/**
 * `wasm` with a custom section at its end. Where the sections of `wasm` do not end where the file
 * does, the section might complete what is cut short: such bytes are given as they are.
 */
export function freshBytes(wasm) {
  if (!isWhole(wasm)) return wasm;
  const bytes = new Uint8Array(new ArrayBuffer(wasm.length + TAIL_BYTES));
  bytes.set(wasm);
  bytes.set(freshTail(), wasm.length);
  return bytes;
}

/** Whether the sections of `wasm` fill it exactly. */
function isWhole(wasm) {
  const HEADER = 8;
  let at = HEADER;
  while (at < wasm.length) {
    let length = 0;
    let shift = 0;
    let byte;
    do {
      at += 1;
      byte = wasm[at] ?? 0;
      length += (byte & 0x7f) * 2 ** shift;
      shift += 7;
    } while (byte >= 0x80 && shift < 35);
    at += 1 + length;
  }
  return at === wasm.length;
}
