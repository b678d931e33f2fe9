// Artifact files: V8's serialised code, and the module's bytes, without which V8 cannot load it.
//
// A file is a mark, the two lengths, the code and the module. V8 does not find that code was cut
// short, so the lengths are compared with the file's.

import { failure } from './failure.mjs';
import fs from 'node:fs';

const MARK = 'wasm-phases V8 1';
const HEADER_BYTES = MARK.length + 8;

/** Writes and closes the new file `path`. */
export function write(path, code, wasm) {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(MARK, 'latin1');
  header.writeUInt32LE(code.byteLength, MARK.length);
  header.writeUInt32LE(wasm.length, MARK.length + 4);
  const file = fs.openSync(path, 'w');
  try {
    for (const part of [header, new Uint8Array(code), wasm]) writeAll(file, part);
  } finally {
    fs.closeSync(file);
  }
}

/** The code and the module's bytes with `tail` behind them, as `%DeserializeWasmModule` takes them. */
export function read(path, tail) {
  const file = fs.openSync(path, 'r');
  try {
    const header = readAll(file, HEADER_BYTES, HEADER_BYTES);
    if (header.toString('latin1', 0, MARK.length) !== MARK) throw damaged(path);
    const [codeBytes, wasmBytes] = [MARK.length, MARK.length + 4].map((at) => header.readUInt32LE(at));
    if (fs.fstatSync(file).size !== HEADER_BYTES + codeBytes + wasmBytes) throw damaged(path);
    const code = readAll(file, codeBytes, codeBytes).buffer;
    const wasm = readAll(file, wasmBytes, wasmBytes + tail.length);
    wasm.set(tail, wasmBytes);
    return { code, wasm };
  } finally {
    fs.closeSync(file);
  }
}

function damaged(path) {
  return failure('rejected', `${path} is damaged, or no artifact of this worker`);
}

function writeAll(file, bytes) {
  for (let done = 0; done < bytes.length; ) done += fs.writeSync(file, bytes, done);
}

/** The next `length` bytes of `file`, in a buffer of its own that has room for `room` bytes. */
function readAll(file, length, room) {
  const bytes = Buffer.from(new ArrayBuffer(room));
  for (let done = 0, more = 1; more > 0 && done < length; done += more) {
    more = fs.readSync(file, bytes, done, length - done, null);
  }
  return bytes;
}
