// The folders that are opened for a guest. `node:wasi` never closes them, nor what a guest left open
// in them: without this, a process would run out of descriptors after some hundred instances.

import fs from 'node:fs';

/** The folders of one guest. */
export class Folders {
  constructor(paths) {
    this.paths = paths.flatMap((path) => (fs.existsSync(path) ? [fs.realpathSync(path)] : []));
    this.openBefore = new Set(descriptors());
  }

  /** Closes what instances that have ended left open in the folders, and the folders. */
  closeLeftOpen() {
    if (this.paths.length === 0) return;
    for (const descriptor of descriptors()) {
      if (!this.openBefore.has(descriptor) && this.#holds(descriptor)) fs.closeSync(Number(descriptor));
    }
  }

  #holds(descriptor) {
    const target = targetOf(descriptor);
    return this.paths.some((path) => target === path || target?.startsWith(path.replace(/\/?$/, '/')));
  }
}

/** The numbers of all open descriptors, as text. */
function descriptors() {
  return fs.readdirSync('/proc/self/fd');
}

function targetOf(descriptor) {
  try {
    return fs.readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    // The one that listed the folder is closed by now.
    return null;
  }
}
