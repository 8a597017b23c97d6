import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { EmbeddedFunction } from '../../core/base/functions.ts';
import type { Answers } from './control.ts';
import { doNotOutlive } from './doNotOutlive.ts';
import { inOneTurn } from './inOneTurn.ts';
import { type Answered, answerTo, isOfTables } from './link.ts';
import type { Call, FromWorker, Told, ToWorker, WorkerData } from './workerMessages.ts';
import { asJson, HEARTBEAT_MILLISECONDS } from './workerMessages.ts';

const WORKER = fileURLToPath(new URL('./worker.ts', import.meta.url));

/** The default of three times 16 MB a process lets what is long done with pile up before it is collected. */
const V8_OPTIONS = ['--max-semi-space-size=1'];

/** With the runtime and a usual model a worker has 200 MB; what is beyond, a large file has left. A new one costs 500 chips. */
const LARGE_BYTES = 240e6;

/** With no more than this, one may wait for its own function's next call while others are there for the rest: a batch of 250 images leaves 300 MB. */
const WAITING_BYTES = 360e6;

/** A worker that is told to stop has so long for the work in hand: of a stop's three seconds, most are for what follows. */
export const STOP_MILLISECONDS = 800;

/** A call's error as a state machine sees it: its name is what Retry and Catch match. */
export class FunctionError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/** How long a worker may be silent in the middle of a call, as it is while native code runs, and the error that ends it then. */
export type Silence = { seconds: number; error: () => Error };

export type Instance = ReturnType<typeof startWorkerProcess>;

/** One worker, a process of its own: one call at a time. Whatever runs in it, it can be ended without the stack. */
export function startWorkerProcess({ time, ...data }: WorkerData, answers: Answers, onLog: (line: string) => void) {
  const child = fork(WORKER, {
    execArgv: V8_OPTIONS,
    serialization: 'advanced', // a call's texts may be long: as JSON, each letter of them would be looked at and perhaps escaped
    detached: true, // Ctrl-C is for the stack, which tells its workers what to do
    stdio: ['ignore', 2, 2, 'ipc'], // stdout is for answers
  });
  doNotOutlive(child);
  let call: (PromiseWithResolvers<unknown> & { id: number; name: EmbeddedFunction }) | undefined;
  let calls = 0;
  let usable = true;
  let isStopping = false;
  let bytes = 0;
  let last: EmbeddedFunction | undefined;
  let endSilence = () => {};
  let onHeard = () => {};
  const known = new Set<EmbeddedFunction>();
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      if (child.pid !== undefined) return; // a message that did not get through: it has ended, and says so
      fail(new FunctionError('Runtime.ExitError', `a worker could not be started: ${error.message}`));
      resolve();
    });
    child.once('exit', async (code, signal) => {
      if (child.connected) await once(child, 'disconnect'); // what it said last is heard first
      const how = signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
      fail(new FunctionError('Runtime.ExitError', `${call?.name} ${how} in the middle of a call.`));
      resolve();
    });
  });

  const sendAnswer = inOneTurn<Answered>((answered) => send({ answers: answered }));
  child.on('message', (message: FromWorker) => {
    onHeard();
    if ('asks' in message) {
      const { ofTables = [], others = [] } = Object.groupBy(message.asks, (asked) =>
        isOfTables(asked) ? 'ofTables' : 'others',
      );
      for (const asked of others) void answerTo(asked, answers).then((answered) => sendAnswer(asJson(answered)));
      // Texts, of which those that were asked together are there at the same time: told one by one, what is asked next would be one by one as well.
      if (ofTables.length > 0)
        void Promise.all(ofTables.map((asked) => answerTo(asked, answers))).then((all) => send({ answers: all }));
      return;
    }
    if ('log' in message) return onLog(message.log);
    if ('died' in message) return fail(new FunctionError('Runtime.ExitError', `${call?.name} died: ${message.died}`));
    if (!('reply' in message) || message.reply.id !== call?.id) return;
    const { reply } = message;
    ({ bytes } = reply);
    if ('error' in reply) finish()?.reject(new FunctionError(reply.error.name, reply.error.message));
    else finish()?.resolve(reply.result);
  });
  send({ begin: data });

  function send(message: Told): void {
    if (child.connected) child.send({ ...message, ahead: time.ahead } satisfies ToWorker, () => {}); // it may have ended just now
  }

  function finish() {
    const finished = call;
    call = undefined;
    endSilence();
    return finished;
  }

  /** It takes no more calls, and the one in progress has failed. */
  function fail(error: Error): void {
    usable = false;
    finish()?.reject(error);
  }

  function kill(why: Error): void {
    fail(why);
    child.kill('SIGKILL');
  }

  /** Counts the time by the heartbeats that are missing and not by a clock: a laptop may sleep, or Ctrl-Z stop all of it. */
  function watch({ seconds, error }: Silence): void {
    let missing = 0;
    let timer: NodeJS.Timeout | undefined;
    onHeard = () => {
      missing = 0;
      timer ??= setInterval(() => {
        missing += 1;
        if (missing * HEARTBEAT_MILLISECONDS > seconds * 1000) kill(error());
      }, HEARTBEAT_MILLISECONDS);
    };
    endSilence = () => {
      clearInterval(timer);
      onHeard = () => {};
    };
  }

  return {
    ended,
    isUsable: () => usable,
    /** Whether it has had a call of this function, so that all that the function needs is loaded. */
    knows: (name: EmbeddedFunction) => known.has(name),
    /** Whether another function than this one has left much in its memory. */
    isLargeFor: (name: EmbeddedFunction) => bytes > LARGE_BYTES && last !== name,
    did: (name: EmbeddedFunction) => last === name,
    /** Whether it is too large to wait for its own function while others work. */
    isTooLargeToWait: () => bytes > WAITING_BYTES,
    call: (given: Call, silence?: Silence) => {
      calls += 1;
      known.add(given.name);
      last = given.name;
      call = { id: calls, name: given.name, ...Promise.withResolvers<unknown>() };
      if (silence !== undefined) watch(silence);
      send({ call: { id: calls, ...given } });
      return call.promise;
    },
    /** Ends it after the work in hand, or soon without it; a call that is cut off fails with `why`. */
    stop: (why: Error) => {
      usable = false;
      if (isStopping) return;
      isStopping = true;
      send({ stop: true });
      const timer = setTimeout(() => kill(why), STOP_MILLISECONDS);
      void ended.then(() => clearTimeout(timer));
    },
    kill,
  };
}
