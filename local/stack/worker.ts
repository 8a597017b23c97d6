import type { EmbeddedFunction } from '../../core/base/functions.ts';
import { logTo } from '../../core/base/step.ts';
import { askForTables } from '../tables/askForTables.ts';
import { makeClock, type Shift } from './clock.ts';
import { inOneTurn } from './inOneTurn.ts';
import { type Asked, answerTo, isOfTables, makeAsking, TABLE } from './link.ts';
import { makeLocalSteps } from './steps.ts';
import type { Call, FromWorker, ToWorker, WorkerData } from './workerMessages.ts';
import { asJson, HEARTBEAT_MILLISECONDS } from './workerMessages.ts';

/** A process that is any function, one call at a time. It ends when told to, or with the stack, which ends it in native code. */

/** Resolves when it is sent, or when nobody is there any more. */
const send = (message: FromWorker) =>
  new Promise<void>((resolve) => process.send?.(message, undefined, undefined, () => resolve()));
const time: Shift = { ahead: 0 };
const sendAsked = inOneTurn<Asked>((asks) => void send({ asks }));
const { ask, hear } = makeAsking((asked) => sendAsked(isOfTables(asked) ? asked : asJson(asked)));
const stopping = new AbortController();
let perform: ((call: Call) => Promise<unknown>) | undefined;
let running = 0;

process.once('disconnect', () => process.exit());
process.once('uncaughtException', ({ message }) => void send({ died: message }).then(() => process.exit(1)));
process.on('message', (message: ToWorker) => {
  time.ahead = message.ahead;
  if ('answers' in message) message.answers.forEach(hear);
  else if ('call' in message) void answer(message.call);
  else if ('begin' in message) perform = begin(message.begin);
  else {
    stopping.abort();
    endIfDone();
  }
});

function begin(given: Omit<WorkerData, 'time'>) {
  logTo((log) => void send({ log }), makeClock(time).now);
  const steps = makeLocalSteps({ ...given, time }, { tables: askForTables((request) => ask(TABLE, request)), ask });
  const loaded = new Map<EmbeddedFunction, Awaited<ReturnType<(typeof steps)[EmbeddedFunction]>>>();
  return async ({ name, message, seconds }: Call): Promise<unknown> => {
    const step = loaded.get(name) ?? (await steps[name]());
    loaded.set(name, step);
    const end = performance.now() + seconds * 1000;
    return step(message, { remainingSeconds: () => (end - performance.now()) / 1000, signal: stopping.signal });
  };
}

async function answer({ id, ...call }: { id: number } & Call): Promise<void> {
  running += 1;
  void send({ isThere: true });
  const heartbeat = setInterval(() => void send({ isThere: true }), HEARTBEAT_MILLISECONDS);
  const answered = await answerTo({ id, question: 'call', body: call }, { call: perform! });
  await send({ reply: asJson({ ...answered, bytes: process.memoryUsage.rss() }) });
  clearInterval(heartbeat);
  running -= 1;
  if (stopping.signal.aborted) endIfDone();
}

function endIfDone(): void {
  if (running === 0) process.disconnect();
}
