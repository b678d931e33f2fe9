// The protocol's lines: requests from standard input, replies on standard output.
//
// Both are synchronous. A request's replies are written together with its closing one, since whoever
// reads them would wake up beside the next pass. A guest cannot reach these streams: `node:wasi` gives it
// the files of stdio.mjs and nothing else.

import { failure, toReply } from './failure.mjs';
import fs from 'node:fs';

const STDIN = 0;
const STDOUT = 1;

/** Hands every request to `answer` until standard input ends. */
export function readRequests(answer) {
  const chunk = Buffer.alloc(1 << 16);
  let pending = Buffer.alloc(0);
  for (;;) {
    const length = fs.readSync(STDIN, chunk, 0, chunk.length, null);
    if (length === 0) return;
    pending = Buffer.concat([pending, chunk.subarray(0, length)]);
    for (let end = pending.indexOf('\n'); end >= 0; end = pending.indexOf('\n')) {
      const line = pending.toString('utf8', 0, end);
      pending = pending.subarray(end + 1);
      const request = parsed(line);
      if (request !== null) answer(request);
    }
  }
}

const unsent = [];

/** Keeps `reply` until the request's closing one. */
export function keep(reply) {
  unsent.push(`${toJson(reply)}\n`);
}

/** Writes what was kept, and `reply`, which closes a request, one a line. */
export function close(reply) {
  keep(reply);
  const lines = Buffer.from(unsent.splice(0).join(''));
  for (let written = 0; written < lines.length; ) {
    written += fs.writeSync(STDOUT, lines, written);
  }
}

function parsed(line) {
  try {
    return JSON.parse(withLongNumbersAsText(line));
  } catch (error) {
    close(toReply(failure('internal', `not a request: ${error.message}: ${line}`)));
    return null;
  }
}

/**
 * Puts quotes around the numbers that need 64 bits, which JSON.parse would round. A quote inside a
 * JSON string has a backslash before it, so only keys are found.
 */
function withLongNumbersAsText(line) {
  return line.replace(/(?<!\\)"(i64|f64)"\s*:\s*(-?\d+)/g, '"$1":"$2"');
}

/** JSON in which a BigInt is a plain number, which JSON.stringify refuses to write. */
function toJson(value) {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map(toJson).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const fields = Object.entries(value).map(([key, field]) => `${JSON.stringify(key)}:${toJson(field)}`);
    return `{${fields.join(',')}}`;
  }
  return JSON.stringify(value);
}
