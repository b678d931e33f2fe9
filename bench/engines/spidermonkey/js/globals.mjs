// The part of node's globals that workers in JavaScript use, made of the host's functions.

/** Bytes with the methods of node's Buffer that the workers call. */
class Bytes extends Uint8Array {
  static alloc(length) {
    return new Bytes(length);
  }

  static from(text) {
    const bytes = host.encode(text);
    return new Bytes(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  static concat(parts) {
    const whole = new Bytes(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  /** Where `what` is first: a number, or a text of one byte. */
  indexOf(what) {
    return super.indexOf(typeof what === 'string' ? what.charCodeAt(0) : what);
  }

  toString(_, begin = 0, end = this.length) {
    return host.decode(null, this, begin, end - begin);
  }

  equals(other) {
    return this.length === other.length && this.every((byte, index) => byte === other[index]);
  }
}

globalThis.Buffer = Bytes;
globalThis.console = { error: host.print };
globalThis.process = {
  argv: ['', '', host.configuration],
  hrtime: { bigint: host.now },
  cpuUsage: () => ({ user: host.cpuUs(), system: 0 }),
};
