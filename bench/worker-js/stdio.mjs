// The guest's standard streams: files without a name in memory, so that nothing depends on a
// terminal, a pipe or a disk.

import { failure } from './failure.mjs';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** The most that a guest may print and that is kept, in bytes. The coordinator sets the limit. */
const LIMIT_BYTES = 64 << 20;

/** Standard input, output and error of a guest. */
export class Stdio {
  /** Makes the three files; the input is a copy of the file `input`, or empty where that is null. */
  constructor(input) {
    const content = input === null ? Buffer.alloc(0) : fs.readFileSync(input);
    this.files = [content, Buffer.alloc(0), Buffer.alloc(0)].map(namelessFile);
    this.streams = [];
  }

  /**
   * Opens the streams: the input at its start, both outputs empty. node has no seek, so they are
   * opened anew for every instance.
   */
  open() {
    for (const { descriptor } of this.files.slice(1)) fs.ftruncateSync(descriptor, 0);
    this.streams = this.files.map(({ descriptor }, number) =>
      fs.openSync(`/proc/self/fd/${descriptor}`, number === 0 ? 'r' : 'r+'),
    );
  }

  /** Closes the streams. What a guest has closed or replaced is left alone. */
  close() {
    this.streams.forEach((stream, number) => {
      if (isOpen(stream, this.files[number].inode)) fs.closeSync(stream);
    });
    this.streams = [];
  }

  /** Removes the files, which have no names. */
  remove() {
    for (const { descriptor } of this.files) fs.closeSync(descriptor);
  }

  /** Whether an output is as long as it may be: what the guest printed beyond is lost. */
  isFull() {
    return this.files.slice(1).some(({ descriptor }) => fs.fstatSync(descriptor).size >= LIMIT_BYTES);
  }

  /** Empties a full output and gives the error that says so. */
  overflow() {
    for (const { descriptor } of this.files.slice(1)) fs.ftruncateSync(descriptor, 0);
    return failure('io', `the guest printed more than ${LIMIT_BYTES >> 20} MiB, the most that is kept`);
  }

  /** All that the guest has written to an output since the last `open`: 1 is standard output, 2 error. */
  output(number = 1) {
    const { descriptor } = this.files[number];
    const bytes = Buffer.alloc(fs.fstatSync(descriptor).size);
    for (let read = 0, more = 1; more > 0 && read < bytes.length; read += more) {
      more = fs.readSync(descriptor, bytes, read, bytes.length - read, read);
    }
    return bytes;
  }

  /** Writes what the guest has printed to the file `to`, and its standard error to `stderrTo` or nowhere. */
  copyOutputs(to, stderrTo) {
    fs.writeFileSync(to, this.output());
    if (stderrTo !== null) fs.writeFileSync(stderrTo, this.output(2));
  }
}

/** A new file with this content, in memory where there is room, and its only descriptor. */
function namelessFile(content) {
  const folder = fs.mkdtempSync(path.join(roomyFolder(), 'wasm-phases-'));
  try {
    const descriptor = fs.openSync(path.join(folder, 'stream'), 'wx+', 0o600);
    fs.writeFileSync(descriptor, content);
    return { descriptor, inode: fs.fstatSync(descriptor, { bigint: true }).ino };
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/** The folder of files in memory; containers often give it too little room. */
function roomyFolder() {
  const memory = '/dev/shm';
  try {
    const { bavail, bsize } = fs.statfsSync(memory);
    fs.accessSync(memory, fs.constants.W_OK);
    if (bavail * bsize > 3 * LIMIT_BYTES) return memory;
  } catch {
    // There is no such folder here.
  }
  return os.tmpdir();
}

function isOpen(descriptor, inode) {
  try {
    return fs.fstatSync(descriptor, { bigint: true }).ino === inode;
  } catch {
    return false;
  }
}
