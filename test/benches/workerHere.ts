import { AsyncLocalStorage } from 'node:async_hooks';
import type { EmbeddedFunction } from '../../core/base/functions.ts';
import { logTo } from '../../core/base/step.ts';
import { type Clock, makeClock } from '../../local/stack/clock.ts';
import type { Answers } from '../../local/stack/control.ts';
import { answerTo, isOfTables, makeAsking, TABLE } from '../../local/stack/link.ts';
import { makeLocalSteps } from '../../local/stack/steps.ts';
import { asJson, type Call, type WorkerData } from '../../local/stack/workerMessages.ts';
import { FunctionError, type Instance, STOP_MILLISECONDS } from '../../local/stack/workerProcess.ts';
import { askForTables } from '../../local/tables/askForTables.ts';

export { FunctionError, STOP_MILLISECONDS };

/** Whose call it is that writes a line into the log. */
const calls = new AsyncLocalStorage<{ onLog: (line: string) => void; clock: Clock }>();

/**
 * A worker of the embedded stack in this process, in the place of one that is a process: its code is loaded once for all stacks, and its
 * messages are what JSON brings, as they are there. What native code holds up, or a call that does not end, is for processes.
 */
export function startWorkerProcess({ time, ...data }: WorkerData, answers: Answers, onLog: (line: string) => void) {
  const clock = makeClock(time);
  const { ask, hear } = makeAsking((asked) => {
    if (isOfTables(asked)) return void answerTo(asked, answers).then(hear);
    return void answerTo(asJson(asked), answers).then((answered) => hear(asJson(answered)));
  });
  const steps = makeLocalSteps({ ...data, time }, { tables: askForTables((request) => ask(TABLE, request)), ask });
  const loaded = new Map<EmbeddedFunction, Awaited<ReturnType<(typeof steps)[EmbeddedFunction]>>>();
  const stopping = new AbortController();
  const ended = Promise.withResolvers<void>();
  let running: PromiseWithResolvers<unknown> | undefined;
  let usable = true;
  let last: EmbeddedFunction | undefined;

  async function perform({ name, message, seconds }: Call): Promise<unknown> {
    const step = loaded.get(name) ?? (await steps[name]());
    loaded.set(name, step);
    const end = performance.now() + seconds * 1000;
    return step(message, { remainingSeconds: () => (end - performance.now()) / 1000, signal: stopping.signal });
  }

  async function answer(call: Call): Promise<void> {
    const { promise, resolve, reject } = running!;
    logTo(
      (line) => calls.getStore()?.onLog(line),
      () => calls.getStore()?.clock.now() ?? new Date(),
    );
    const asked = { id: 0, question: 'call', body: structuredClone(call) };
    const answered = asJson(await calls.run({ onLog, clock }, () => answerTo(asked, { call: perform })));
    if (running?.promise === promise) running = undefined;
    if ('error' in answered) reject(new FunctionError(answered.error.name, answered.error.message));
    else resolve(answered.result);
    if (!usable) ended.resolve();
  }

  function kill(why: Error): void {
    usable = false;
    stopping.abort();
    running?.reject(why);
    running = undefined;
    ended.resolve();
  }

  return {
    ended: ended.promise,
    isUsable: () => usable,
    knows: (name) => loaded.has(name),
    isLargeFor: () => false,
    did: (name) => last === name,
    isTooLargeToWait: () => false,
    call: (call) => {
      last = call.name;
      running = Promise.withResolvers<unknown>();
      void answer(call);
      return running.promise;
    },
    stop: (why) => {
      usable = false;
      stopping.abort();
      if (running === undefined) ended.resolve();
      else setTimeout(kill, STOP_MILLISECONDS, why).unref();
    },
    kill,
  } satisfies Instance;
}
