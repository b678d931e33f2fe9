// What every worker in JavaScript does: it answers the requests of the worker protocol, one JSON object a
// line. `bench/protocol` describes them. An engine's own program gives `serve` the class of its engine.

import * as clock from './clock.mjs';
import { failure, toReply } from './failure.mjs';
import { close, keep, readRequests } from './lines.mjs';
import { Opened } from './passes.mjs';
import fs from 'node:fs';

/** One process of one configuration, and the module that is open in it. */
class Worker {
  constructor(engine) {
    this.engine = engine;
    this.opened = null;
  }

  /** Answers `request`: zero or more readings, then one closing reply. */
  answer(request) {
    const begun = clock.now();
    try {
      if (!Object.hasOwn(this.requests, request.request)) {
        throw failure('internal', `unknown request: ${request.request}`);
      }
      if (request.request === 'hello') {
        close({ reply: 'hello', ...this.engine.hello() });
        return;
      }
      this.engine.isKnown();
      this.requests[request.request](request);
      close({ reply: 'done', busy_ns: clock.nsBetween(begun, clock.now()) });
    } catch (error) {
      close(toReply(error));
    }
  }

  /** What each request does. */
  requests = {
    hello: () => {},
    open: (request) => {
      this.close();
      this.opened = new Opened(this.engine, request);
    },
    parse: ({ passes }) => this.repeat('pass', passes, () => this.open().parse()),
    jit: ({ passes }) => this.repeat('pass', passes, () => this.open().firstResult(null)),
    aot: ({ passes, stem }) =>
      this.repeat('pass', passes, (pass) =>
        this.saved(`${stem}.${pass}`, pass + 1 === passes, (path) => this.open().save(path)),
      ),
    'jit-and-save': ({ passes, stem }) =>
      this.repeat('pass', passes, (pass) =>
        this.saved(`${stem}.${pass}`, pass + 1 === passes, (path) => this.open().firstResult(null, path)),
      ),
    run: ({ passes, artifact }) => this.repeat('pass', passes, () => this.open().firstResult(artifact)),
    load: ({ passes, artifact }) => this.repeat('pass', passes, () => this.open().load(artifact)),
    printed: ({ to, stderr_to }) => this.open().guest.stdio.copyOutputs(to, stderr_to ?? null),
    hold: ({ artifact }) => this.open().hold(artifact),
    renew: () => this.open().renew(),
    instantiate: ({ readings }) =>
      this.repeat('reading', readings, () => this.open().instantiateWarm()),
    call: ({ readings, calls, reading_ns }) => {
      const number = calls ?? this.open().callsThatFill(reading_ns);
      this.repeat('reading', readings, () => this.open().callWarm(number));
    },
    'call-bare': ({ readings, calls }) =>
      this.repeat('reading', readings, () => this.open().callBare(calls)),
    probe: ({ probe }) => {
      throw failure('unsupported', `a worker in JavaScript cannot do the probe \`${probe}\``);
    },
    close: () => this.close(),
  };

  /** Takes readings, which are sent with the closing reply; garbage is collected between passes, untimed. */
  repeat(reply, times, take) {
    this.open();
    for (let number = 0; number < times; number += 1) {
      keep({ reply, ...take(number) });
      this.engine.dropped(reply === 'pass');
    }
  }

  /** Takes a reading that writes `artifact`; only the last one of a request stays. */
  saved(artifact, stays, take) {
    let saved = false;
    try {
      const reading = take(artifact);
      saved = true;
      return reading;
    } finally {
      if (!saved || !stays) fs.rmSync(artifact, { force: true });
    }
  }

  open() {
    if (this.opened === null) throw failure('internal', 'no module is open');
    return this.opened;
  }

  close() {
    if (this.opened === null) return;
    this.opened.close();
    this.opened = null;
    this.engine.dropped(true);
  }
}

/**
 * Serves the requests on standard input with an engine of this class, whose constructor takes the name of a
 * configuration: the program's first argument.
 */
export function serve(Engine) {
  const configuration = process.argv[2];
  if (configuration === undefined) {
    console.error('a worker is started with the name of a configuration; requests come on standard input');
    process.exit(2);
  }
  const worker = new Worker(new Engine(configuration));
  readRequests((request) => worker.answer(request));
  worker.close();
}
