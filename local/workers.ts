import '../functions/infer/noTelemetry.ts';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { Answers } from './control.ts';
import type { FunctionName } from './functions.ts';
import { answerOver } from './link.ts';

/** So long, a worker waits for its next call. */
const IDLE_MILLISECONDS = 60_000;

/** What a worker needs to build its ports; all else it asks over its link. */
export type WorkerData = {
  environment: Record<string, string>;
  folder: { inbox: string; results: string; models: string };
  /** The stack's clock, shared by its threads. */
  time: SharedArrayBuffer;
};

/** What a worker starts with. */
export type WorkerStart = WorkerData & { link: MessagePort };
/** A call of a function, and how long it may take. */
export type Call = { name: FunctionName; message: unknown; seconds: number };
export type Request = ({ id: number } & Call) | { stop: true };
/** An error crosses as its name and message: a class does not survive the way. */
export type Reply = { id: number; result: unknown } | { id: number; error: { name: string; message: string } };
export type FromWorker = Reply | { log: string };

/** A call's error as a state machine sees it: its name is what Retry and Catch match. */
export class FunctionError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

export type Workers = ReturnType<typeof startWorkers>;

/**
 * Worker threads that any function can have, one call at a time. A file's steps come one after the other, and an engine
 * with what it has loaded takes 40 MB and more: what one step is done with serves the next.
 *
 * @param answers to what the workers ask
 */
export function startWorkers(data: WorkerData, answers: Answers, onLog: (line: string) => void) {
  /** The one that was given back last is the last. */
  const idle: Instance[] = [];
  const endings = new Map<Instance, NodeJS.Timeout>();

  /** One that nobody has: if there is, one that has worked for the function before. */
  function take(name: FunctionName): Instance {
    const usable = idle.filter((one) => one.isUsable()); // one may have ended while it was idle
    const found = usable.findLast((one) => one.knows(name)) ?? usable.at(-1);
    if (found === undefined) return begin();
    idle.splice(idle.indexOf(found), 1);
    clearTimeout(endings.get(found));
    return found;
  }

  /** One that nobody needs any more gives its memory back, as Lambda's containers do. */
  function giveBack(instance: Instance): void {
    if (!instance.isUsable()) return;
    idle.push(instance);
    const timer = setTimeout(instance.stop, IDLE_MILLISECONDS);
    timer.unref();
    endings.set(instance, timer);
  }

  function begin(): Instance {
    const instance = startInstance(data, answers, onLog);
    void instance.ended.then(() => {
      clearTimeout(endings.get(instance));
      endings.delete(instance);
      const place = idle.indexOf(instance);
      if (place >= 0) idle.splice(place, 1);
    });
    return instance;
  }

  /** Ends those that nobody has. */
  async function stop(): Promise<void> {
    const all = [...idle];
    for (const instance of all) instance.stop();
    await Promise.all(all.map((instance) => instance.ended));
  }

  return { take, giveBack, stop };
}

export type Instance = ReturnType<typeof startInstance>;

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
  let call:
    | { id: number; name: FunctionName; resolve: (result: unknown) => void; reject: (error: Error) => void }
    | undefined;
  let calls = 0;
  let usable = true;
  const known = new Set<FunctionName>();
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
    call?.reject(new FunctionError('Runtime.ExitError', `${call.name} died: ${error.message}`));
  });
  worker.once('exit', (code) => {
    usable = false;
    call?.reject(
      new FunctionError('Runtime.ExitError', `${call.name} ended with exit code ${code} in the middle of a call.`),
    );
  });

  return {
    ended,
    isUsable: () => usable,
    /** Whether it has had a call of this function, so that all that the function needs is loaded. */
    knows: (name: FunctionName) => known.has(name),
    call: ({ name, message, seconds }: Call) =>
      new Promise<unknown>((resolve, reject) => {
        calls += 1;
        known.add(name);
        call = { id: calls, name, resolve, reject };
        worker.postMessage({ id: calls, name, message, seconds } satisfies Request);
      }),
    // Not terminate(): ending a thread in the middle of an inference aborts the whole process.
    stop: () => {
      usable = false;
      worker.postMessage({ stop: true } satisfies Request);
    },
  };
}
