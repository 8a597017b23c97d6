import { writeFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { isMainThread, type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { Answered, Asked } from '../../local/link.ts';
import type { TableAnswer } from '../../local/tableRequests.ts';
import { type Fault, readPlan } from './faultPlan.ts';

/**
 * Faults for the embedded stack's workers, from below: loaded before them (`node --import`), this stands between them and
 * what they all have to go through: the link to the stack, over which they ask the tables, and Node's own `fs`. The product
 * knows nothing of it. A worker does one call after the other; when it is one that a fault is planned for, its n-th question
 * or file operation fails in the planned way.
 */

const REFUSED = { name: 'Error', message: 'connect ECONNREFUSED', code: 'ECONNREFUSED' };
/** The other side has done what it was asked to do; only nobody hears of it. */
const LOST = { name: 'Error', message: 'socket hang up', code: 'ECONNRESET' };
const THROTTLED: TableAnswer = {
  status: 400,
  body: JSON.stringify({
    __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
    message: 'The level of configured provisioned throughput for the table was exceeded.',
  }),
};
/** What has no tables behind it. */
const BUSY = { name: 'ThrottlingException', message: 'Rate exceeded.' };

const FS = ['open', 'readFile', 'rename'] as const;

if (!isMainThread && parentPort !== null && workerData?.link !== undefined) {
  const folder = process.env['SWATH_SOAK_PLAN'];
  if (folder !== undefined) inject(folder, parentPort, workerData.link);
}

function inject(folder: string, port: MessagePort, link: MessagePort): void {
  const plan = readPlan(folder);
  let armed: { fault: Fault; left: number; isOver: boolean; request: string | undefined } | undefined;

  // What the worker is told to do says which step it is, and which file it is about.
  const { on } = port;
  port.on = function (this: typeof port, event: string, listener: (message: unknown) => void) {
    if (event !== 'message') return on.call(this, event, listener);
    return on.call(this, event, (message: unknown) => {
      const fault = plan.faults[keyOf(message) ?? ''];
      armed =
        fault !== undefined && fault.step === Object(message).name
          ? { fault, left: fault.call, isOver: false, request: undefined }
          : undefined;
      listener(message);
    });
  } as typeof port.on;

  /** Whether this is the call to fail; a client's own repetition of a request, which is word for word the same, is the same call. */
  function due(request?: string): Fault | undefined {
    if (armed === undefined) return undefined;
    const { fault } = armed;
    if (armed.isOver) return request !== undefined && request === armed.request && fault.isLasting ? fault : undefined;
    if (request !== undefined && request === armed.request) return undefined;
    armed.request = request;
    armed.left -= 1;
    if (armed.left > 0 || (fault.kind === 'throttled' && request === undefined)) return undefined;
    armed.isOver = true;
    try {
      writeFileSync(join(folder, `injected-${fault.number}`), fault.kind, { flag: 'wx' });
      return fault;
    } catch {
      return undefined; // another worker had it, in an earlier attempt: each fault comes once
    }
  }

  const { on: listen, postMessage: ask } = link;
  const onAnswer = new Map<number, (answered: Answered) => Answered>();
  let hear = (_answered: Answered): void => {};
  link.on = function (this: MessagePort, event: string, listener: (answered: Answered) => void) {
    hear = (answered) => listener(onAnswer.get(answered.id)?.(answered) ?? answered);
    return listen.call(this, event, hear);
  } as typeof link.on;
  link.postMessage = function (this: MessagePort, asked: Asked): void {
    const { id, question, body } = asked;
    const fault = due(JSON.stringify([question, body]));
    if (fault?.kind === 'killed before') process.exit(1); // of a worker thread, it is the thread that ends
    switch (fault?.kind) {
      case 'throttled':
        setImmediate(() => hear(question === 'table' ? { id, result: THROTTLED } : { id, error: BUSY }));
        return;
      case 'not sent':
        setImmediate(() => hear({ id, error: REFUSED }));
        return;
      case 'answer lost':
        onAnswer.set(id, () => ({ id, error: LOST }));
        break;
      case 'killed after':
        onAnswer.set(id, () => process.exit(1));
        break;
      case 'hung':
        hang(fault.milliseconds);
    }
    ask.call(this, asked);
  } as typeof link.postMessage;

  for (const operation of FS) {
    const does = fs[operation] as (...args: unknown[]) => Promise<unknown>;
    Object.assign(fs, {
      [operation]: async (...args: unknown[]): Promise<unknown> => {
        const fault = due();
        if (fault?.kind === 'killed before') process.exit(1);
        if (fault?.kind === 'hung') hang(fault.milliseconds);
        if (fault?.kind === 'not sent') throw diskTrouble(operation);
        const result = await does(...args);
        if (fault?.kind === 'killed after') process.exit(1);
        if (fault?.kind === 'answer lost') {
          if (operation === 'open') await (result as fs.FileHandle).close();
          throw diskTrouble(operation);
        }
        return result;
      },
    });
  }
  syncBuiltinESMExports();
}

/** The whole thread stands still, as one that the machine has put aside. */
function hang(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

function diskTrouble(operation: string): Error {
  return Object.assign(new Error(`EIO: i/o error, ${operation}`), { code: 'EIO' });
}

/** The file that a call of preprocess, infer or drift is about. */
function keyOf(request: unknown): string | undefined {
  const { message } = Object(request) as { message?: unknown };
  const { scene, run } = Object(message) as {
    scene?: { detail?: { object?: { key?: string } } };
    run?: { scene?: { key?: string } };
  };
  return scene?.detail?.object?.key ?? run?.scene?.key;
}
