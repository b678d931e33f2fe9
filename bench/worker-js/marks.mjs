// `bench.start` and `bench.end`, for modules that mark the stretch of a call that is to be timed
// (Sightglass's convention).

import { nsBetween, now } from './clock.mjs';
import { failure } from './failure.mjs';

let openedAt = null;
let totalNs = 0;
let stretches = 0;
let unpaired = false;

/** What a module that imports the marks is given. */
export const imports = {
  bench: {
    /** A stretch begins: the clock is read last. */
    start() {
      unpaired ||= openedAt !== null;
      openedAt = now();
    },
    /** The stretch ends: the clock is read first. */
    end() {
      const end = now();
      if (openedAt === null) {
        unpaired = true;
        return;
      }
      totalNs += nsBetween(openedAt, end);
      stretches += 1;
      openedAt = null;
    },
  },
};

/** Forgets what was marked. */
export function clear() {
  openedAt = null;
  totalNs = 0;
  stretches = 0;
  unpaired = false;
}

/** Fails if anything was marked since the last `clear`, which is before the call. */
export function noneBeforeTheCall() {
  if (openedAt === null && stretches === 0 && !unpaired) return;
  const where = 'bench.start is called in the start section, outside the call';
  throw failure('wrong-result', `${where}: d has no stretch of its own`);
}

/** The time between the marks of `calls` calls since the last `clear`, in nanoseconds. */
export function takenNs(calls) {
  if (!unpaired && openedAt === null && stretches === calls) return totalNs;
  const rule = 'each call must go once through bench.start and then bench.end, which the module imports';
  throw failure('wrong-result', `${rule}; ${stretches} did in ${calls} calls`);
}
