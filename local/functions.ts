import '../functions/infer/noTelemetry.ts';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { Interrupted } from '../functions/shared/errors.ts';
import type { Answers } from './control.ts';
import { answerOver } from './link.ts';

/** So long, a worker waits for its next call. */
const IDLE_MILLISECONDS = 60_000;

/** The functions by name, as serverless.yml has them. */
export const FUNCTIONS = ['preprocess', 'infer', 'drift', 'discover', 'settle', 'report'] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

/** What a worker needs to build its ports; all else it asks over its link. */
export type WorkerData = {
  name: FunctionName;
  /** Its time-out. */
  seconds: number;
  environment: Record<string, string>;
  folder: { inbox: string; results: string; models: string };
  /** The stack's clock, shared by its threads. */
  time: SharedArrayBuffer;
};

/** What a worker starts with. */
export type WorkerStart = WorkerData & { link: MessagePort };
export type Request = { id: number; message: unknown; seconds: number } | { stop: true };
/** An error crosses as its name and message: a class does not survive the way. */
export type Reply = { id: number; result: unknown } | { id: number; error: { name: string; message: string } };
export type FromWorker = Reply | { log: string };

/** Hears of every call that came to its end. */
export type OnCalled = (call: {
  name: FunctionName;
  milliseconds: number;
  hasFailed: boolean;
  /** Calls of the function that were under way, this one included. */
  concurrent: number;
}) => void;

/** A call's error as a state machine sees it: its name is what Retry and Catch match. */
class FunctionError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/**
 * Lambda on a laptop: the same handlers in worker threads, at most `size` of a function at once. A call that exceeds the
 * function's time-out fails as `States.Timeout`; its worker is told to stop and gets no more work.
 *
 * @param answers to what the workers ask
 */
export function startFunction(
  data: WorkerData,
  answers: Answers,
  size: number,
  onLog: (line: string) => void,
  onCalled: OnCalled = () => {},
) {
  const { seconds } = data;
  const all = new Set<Instance>();
  const idle: Instance[] = [];
  const endings = new Map<Instance, NodeJS.Timeout>();
  const busy = new Set<Instance>();
  const waiting: PromiseWithResolvers<Instance>[] = [];
  let isStopping = false;

  async function invoke(message: unknown): Promise<unknown> {
    if (isStopping) throw interrupted();
    const instance = await borrow();
    const started = performance.now();
    let hasFailed = true;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        instance.stop();
        reject(new FunctionError('States.Timeout', `${data.name} did not finish within ${seconds} s.`));
      }, seconds * 1000);
    });
    try {
      const result = await Promise.race([instance.call(message, seconds), timeout]);
      hasFailed = false;
      return result;
    } finally {
      clearTimeout(timer);
      onCalled({ name: data.name, milliseconds: performance.now() - started, hasFailed, concurrent: busy.size });
      giveBack(instance);
    }
  }

  function begin(): Instance {
    const instance = startInstance(data, answers, onLog);
    all.add(instance);
    void instance.ended.then(() => all.delete(instance));
    return instance;
  }

  function borrow(): Promise<Instance> {
    let free = idle.pop();
    while (free?.isUsable() === false) free = idle.pop(); // it ended while it was idle
    if (free !== undefined) clearTimeout(endings.get(free));
    if (busy.size < size) free ??= begin();
    if (free === undefined) {
      const turn = Promise.withResolvers<Instance>();
      waiting.push(turn);
      return turn.promise;
    }
    busy.add(free);
    return Promise.resolve(free);
  }

  function giveBack(instance: Instance): void {
    busy.delete(instance);
    const next = waiting.shift();
    const free = instance.isUsable() ? instance : undefined;
    if (next === undefined) {
      if (free !== undefined) rest(free);
      return;
    }
    const lent = free ?? begin();
    busy.add(lent);
    next.resolve(lent);
  }

  /** One that nobody needs any more gives its memory back, as Lambda's containers do. */
  function rest(instance: Instance): void {
    idle.push(instance);
    const timer = setTimeout(() => {
      const place = idle.indexOf(instance);
      if (place >= 0) idle.splice(place, 1);
      instance.stop();
    }, IDLE_MILLISECONDS);
    timer.unref();
    endings.set(instance, timer);
    void instance.ended.then(() => {
      clearTimeout(timer);
      endings.delete(instance);
    });
  }

  /** Tells every call to stop after the batch in progress, waits for them, and ends the workers; who waits is refused. */
  async function stop(): Promise<void> {
    isStopping = true;
    for (const turn of waiting.splice(0)) turn.reject(interrupted());
    for (const instance of all) instance.stop();
    await Promise.all([...all].map((instance) => instance.ended));
  }

  return { invoke, stop };
}

type Instance = ReturnType<typeof startInstance>;

/** One worker thread: one call at a time. */
function startInstance(data: WorkerData, answers: Answers, onLog: (line: string) => void) {
  const { port1: ours, port2: link } = new MessageChannel();
  answerOver(ours, answers);
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: { ...data, link } satisfies WorkerStart,
    transferList: [link],
    // The default of three times 16 MB a thread, and more, lets what is long done with pile up before it is collected.
    resourceLimits: { maxYoungGenerationSizeMb: 4 },
  });
  let call: { id: number; resolve: (result: unknown) => void; reject: (error: Error) => void } | undefined;
  let calls = 0;
  let usable = true;
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));

  worker.on('message', (message: FromWorker) => {
    if ('log' in message) return onLog(message.log);
    if (message.id !== call?.id) return;
    const { resolve, reject } = call;
    call = undefined;
    if ('error' in message) reject(new FunctionError(message.error.name, message.error.message));
    else resolve(message.result);
  });
  worker.on('error', (error) => {
    usable = false;
    call?.reject(new FunctionError('Runtime.ExitError', `${data.name} died: ${error.message}`));
  });
  worker.once('exit', (code) => {
    usable = false;
    call?.reject(
      new FunctionError('Runtime.ExitError', `${data.name} ended with exit code ${code} in the middle of a call.`),
    );
  });

  return {
    ended,
    isUsable: () => usable,
    call: (message: unknown, seconds: number) =>
      new Promise<unknown>((resolve, reject) => {
        calls += 1;
        call = { id: calls, resolve, reject };
        worker.postMessage({ id: calls, message, seconds } satisfies Request);
      }),
    // Not terminate(): ending a thread in the middle of an inference aborts the whole process.
    stop: () => {
      usable = false;
      worker.postMessage({ stop: true } satisfies Request);
    },
  };
}

function interrupted(): Interrupted {
  return new Interrupted('The stack was stopped while this was on its way. The next start takes it up again.');
}
