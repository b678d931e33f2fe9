// Errors as the protocol has them: a kind, a message in the engine's or the system's own words, and the
// phase in which they happened.

/** An error whose kind is known. */
class Failure extends Error {
  constructor(kind, message) {
    super(message);
    this.kind = kind;
    this.phase = null;
  }
}

/** An error of `kind`; see `ErrorKind` in `bench/protocol`. */
export function failure(kind, message) {
  return new Failure(kind, message);
}

/** What `work` returns; an error of it is one of `phase`, and of the kind that `kindOf` finds. */
export function within(phase, work, kindOf = () => 'internal') {
  try {
    return work();
  } catch (error) {
    const known = asFailure(error, kindOf);
    known.phase ??= phase;
    throw known;
  }
}

/** The reply that ends a request with `error`. */
export function toReply(error) {
  const { phase, kind, message } = asFailure(error, () => 'internal');
  return { reply: 'failed', phase, error: { kind, message } };
}

/** What compilation and loading fail with. */
export function ofCompilation(error) {
  return error instanceof WebAssembly.CompileError ? 'rejected' : 'internal';
}

/** What instantiation fails with: an import that is missing, or a start function that traps. */
export function ofInstantiation(error) {
  // An import that is no function, memory, table or global is a TypeError.
  if (error instanceof WebAssembly.LinkError || error instanceof TypeError) return 'link';
  // An instance that finds no memory is a RangeError, and so is a stack that is too deep.
  if (error instanceof RangeError && !isStackOverflow(error)) return 'internal';
  return ofCall(error);
}

/** What a call fails with. */
export function ofCall(error) {
  const trapped = error instanceof WebAssembly.RuntimeError || isStackOverflow(error);
  // A symbol is how `node:wasi` leaves a program that calls proc_exit and was not started as a command.
  return trapped || error instanceof WebAssembly.Exception || typeof error === 'symbol'
    ? 'trap'
    : 'internal';
}

/** V8 and JavaScriptCore throw a RangeError, SpiderMonkey an InternalError, which is no standard class. */
function isStackOverflow(error) {
  if (error instanceof RangeError) return /call stack/i.test(error.message);
  return error?.name === 'InternalError' && error.message === 'too much recursion';
}

function asFailure(error, kindOf) {
  if (error instanceof Failure) return error;
  // Errors of the file system name the system call that failed.
  const kind = error?.syscall === undefined ? kindOf(error) : 'io';
  return failure(kind, wordsOf(error));
}

function wordsOf(error) {
  if (error instanceof WebAssembly.Exception) return 'ended by an uncaught exception';
  if (typeof error === 'symbol') return 'the program ended itself, and is not run as a command';
  return error instanceof Error ? error.message : String(error);
}
