// The functions of node's file system that workers in JavaScript call, made of the host's.

/** `result`, unless it is the negative number of an error in the call `syscall`. */
function checked(result, syscall, path) {
  if (result >= 0) return result;
  const error = new Error(`${host.errorText(-result)}: ${syscall}${path === undefined ? '' : ` '${path}'`}`);
  error.syscall = syscall;
  throw error;
}

function withFile(path, write, work) {
  const descriptor = checked(host.open(path, write), 'open', path);
  try {
    return work(descriptor);
  } finally {
    host.close(descriptor);
  }
}

function readSync(descriptor, bytes, begin, length) {
  return checked(host.read(descriptor, bytes, begin, length), 'read');
}

function writeSync(descriptor, bytes, begin = 0) {
  return checked(host.write(descriptor, bytes, begin, bytes.length - begin), 'write');
}

function statSync(path) {
  return withFile(path, false, (descriptor) => ({ size: checked(host.size(descriptor), 'stat', path) }));
}

function readFileSync(path) {
  return withFile(path, false, (descriptor) => {
    const bytes = Buffer.alloc(checked(host.size(descriptor), 'stat', path));
    for (let done = 0, more = 1; more > 0 && done < bytes.length; done += more) {
      more = readSync(descriptor, bytes, done, bytes.length - done);
    }
    return bytes;
  });
}

/** Writes `parts` one behind the other, without a copy of the whole. */
export function writeParts(path, parts) {
  withFile(path, true, (descriptor) => {
    for (const bytes of parts) {
      for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
    }
  });
}

function writeFileSync(path, bytes) {
  writeParts(path, [bytes]);
}

/** Removes the file `path` if there is one. */
function rmSync(path) {
  host.remove(path);
}

export default { readSync, writeSync, statSync, readFileSync, writeFileSync, rmSync };
