// The clocks: wall time in nanoseconds, processor time of the process, and a stopwatch that a pass
// reads at every boundary between phases.

/** The time now, in nanoseconds; only differences mean something. */
export const now = process.hrtime.bigint;

/** Nanoseconds between two clock readings, as a number. */
export function nsBetween(from, to) {
  return Number(to - from);
}

/** User and system time of all threads of this process so far, in microseconds. */
export function cpuUs() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/**
 * Nanoseconds of processor time since `beforeUs`. The system counts microseconds: less than one
 * is reported as one.
 */
export function cpuNsSince(beforeUs) {
  return Math.max(1, cpuUs() - beforeUs) * 1000;
}

/** Reads the clock at every boundary, and processor time around the last stretch. */
export class Stopwatch {
  constructor() {
    this.phases = [];
    // One reading for each phase and one for the start.
    this.times = [];
    this.cpuBefore = 0;
    this.cpuPaused = 0;
    this.cpuNs = 0;
    this.laps = [];
  }

  /** A stretch of adjacent phases begins. */
  begin() {
    this.#store();
    this.cpuBefore = cpuUs();
    this.times.push(now());
  }

  /** `phase` ends here, and the next begins. */
  end(phase) {
    this.times.push(now());
    this.phases.push(phase);
  }

  /** What follows belongs to no phase and to no total, until `resume`. */
  pause() {
    this.cpuPaused = cpuUs();
  }

  /** The next phase begins in the same stretch: what came before counts from later on. */
  resume() {
    this.cpuBefore += cpuUs() - this.cpuPaused;
    const pause = now() - this.times[this.times.length - 1];
    this.times = this.times.map((time) => time + pause);
  }

  /** The last stretch is over. */
  stop() {
    this.cpuNs = cpuNsSince(this.cpuBefore);
  }

  /** The name and wall time of every phase, then `total` for the last stretch unless it is null. */
  wallNs(total) {
    const stretch = nsBetween(this.times[0], this.times[this.times.length - 1]);
    this.#store();
    return total === null ? this.laps : [...this.laps, [total, stretch]];
  }

  #store() {
    this.phases.forEach((phase, index) => {
      this.laps.push([phase, nsBetween(this.times[index], this.times[index + 1])]);
    });
    this.phases.length = 0;
    this.times.length = 0;
  }
}
