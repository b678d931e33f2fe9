// The guest's standard streams. A guest without WASI reads and prints nothing, so there are none.

import fs from 'node:fs';

/** Streams through which nothing goes. */
export class Stdio {
  open() {}

  close() {}

  remove() {}

  isFull() {
    return false;
  }

  /** All that the guest has printed. */
  output() {
    return Buffer.alloc(0);
  }

  /** Writes what the guest has printed to the file `to`, and its standard error to `stderrTo` or nowhere. */
  copyOutputs(to, stderrTo) {
    fs.writeFileSync(to, this.output());
    if (stderrTo !== null) fs.writeFileSync(stderrTo, this.output());
  }
}
