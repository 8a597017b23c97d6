import { writeFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import type { Answered, Asked } from '../../local/stack/link.ts';
import type { FromWorker, ToWorker } from '../../local/stack/workerMessages.ts';
import type { TableAnswer } from '../../local/tables/tableRequests.ts';
import { type Fault, readPlan } from './faultPlan.ts';

/**
 * Faults for the embedded stack's workers, from below: loaded before them (`node --import`), this stands between them and
 * what they all have to go through: the messages to the stack, by which they ask the tables, and Node's own `fs`. The product
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

const folder = process.env['SWATH_SOAK_PLAN'];
if (folder !== undefined && process.argv[1]?.endsWith('/local/stack/worker.ts')) inject(folder);

function inject(folder: string): void {
  const plan = readPlan(folder);
  let armed: { fault: Fault; left: number; isOver: boolean; request: string | undefined } | undefined;

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

  const onAnswer = new Map<number, (answered: Answered) => Answered>();
  let hear = (_answered: Answered): void => {};

  // What the worker is told to do says which step it is, and which file it is about.
  const { on } = process;
  process.on = function (this: typeof process, event: string, listener: (message: ToWorker) => void) {
    if (event !== 'message') return Reflect.apply(on, this, [event, listener]);
    hear = (answer) => listener({ answers: [answer], ahead: 0 });
    return Reflect.apply(on, this, [
      event,
      (message: ToWorker) => {
        if ('call' in message) {
          const fault = plan.faults[keyOf(message.call) ?? ''];
          armed =
            fault !== undefined && fault.step === message.call.name
              ? { fault, left: fault.call, isOver: false, request: undefined }
              : undefined;
        }
        if (!('answers' in message)) return listener(message);
        const answers = message.answers.map((answer) => onAnswer.get(answer.id)?.(answer) ?? answer);
        listener({ ...message, answers });
      },
    ]);
  } as typeof process.on;

  const tell = process.send!;
  process.send = function (this: typeof process, message: FromWorker, ...rest: unknown[]) {
    if (!('asks' in message)) return Reflect.apply(tell, this, [message, ...rest]);
    const asks = message.asks.filter(isSent);
    return Reflect.apply(tell, this, [{ asks }, ...rest]);
  } as NonNullable<typeof process.send>;

  /** Has a question fail, if it is its turn; answers whether the other side is asked it all the same. */
  function isSent({ id, question, body }: Asked): boolean {
    const fault = due(JSON.stringify([question, body]));
    if (fault?.kind === 'killed before') process.exit(1);
    switch (fault?.kind) {
      case 'throttled':
        setImmediate(() => hear(question === 'table' ? { id, result: THROTTLED } : { id, error: BUSY }));
        return false;
      case 'not sent':
        setImmediate(() => hear({ id, error: REFUSED }));
        return false;
      case 'answer lost':
        onAnswer.set(id, () => ({ id, error: LOST }));
        break;
      case 'killed after':
        onAnswer.set(id, () => process.exit(1));
        break;
      case 'hung':
        hang(fault.milliseconds);
    }
    return true;
  }

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

/** The whole process stands still, as one that the machine has put aside. */
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
