// Artifact files: the code that SpiderMonkey gives, behind a mark, its length and a checksum, since SpiderMonkey
// trusts code that it is given.

import { failure } from './failure.mjs';
import fs, { writeParts } from 'node:fs';

const MARK = 'wasm-phases SM 1';
const HEADER_BYTES = MARK.length + 8;

/** Writes and closes the new file `path`. */
export function write(path, code) {
  const header = Buffer.alloc(HEADER_BYTES);
  header.set(Buffer.from(MARK));
  const numbers = new DataView(header.buffer, header.byteOffset + MARK.length, 8);
  numbers.setUint32(0, code.length, true);
  numbers.setUint32(4, host.checksum(code), true);
  writeParts(path, [header, code]);
}

/** The code in the file `path`. */
export function read(path) {
  const file = fs.readFileSync(path);
  const rejected = () => failure('rejected', `${path} is damaged, or no artifact of this worker`);
  if (file.length < HEADER_BYTES || file.toString('utf8', 0, MARK.length) !== MARK) throw rejected();
  const numbers = new DataView(file.buffer, file.byteOffset + MARK.length, 8);
  const code = new Uint8Array(file.buffer, file.byteOffset + HEADER_BYTES, file.length - HEADER_BYTES);
  if (numbers.getUint32(0, true) !== code.length) throw rejected();
  if (numbers.getUint32(4, true) !== host.checksum(code)) throw rejected();
  return code;
}
