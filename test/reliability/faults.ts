import { writeFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import http, { type ClientRequest, type RequestOptions } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { type Fault, readPlan } from './faultPlan.ts';

/**
 * Faults for the embedded stack's workers, from below: loaded before them (`node --import`), this stands between them and
 * what they all have to go through, Node's own `http` and `fs`. The product knows nothing of it. A worker does one call
 * after the other; when it is one that a fault is planned for, its n-th request or file operation fails in the planned way.
 */

const FS = ['open', 'readFile', 'rename'] as const;

if (!isMainThread && parentPort !== null && typeof workerData?.name === 'string') {
  const folder = process.env['SWATH_SOAK_PLAN'];
  if (folder !== undefined) inject(folder, workerData.name, parentPort);
}

function inject(folder: string, name: string, port: NonNullable<typeof parentPort>): void {
  const plan = readPlan(folder);
  let armed: { fault: Fault; left: number; isOver: boolean; request: string | undefined } | undefined;

  // What the worker is told to do says which file it is about.
  const { on } = port;
  port.on = function (this: typeof port, event: string, listener: (message: unknown) => void) {
    if (event !== 'message') return on.call(this, event, listener);
    return on.call(this, event, (message: unknown) => {
      const fault = plan.faults[keyOf(message) ?? ''];
      armed = fault?.step === name ? { fault, left: fault.call, isOver: false, request: undefined } : undefined;
      listener(message);
    });
  } as typeof port.on;

  /** Whether this is the call to fail; a client's own repetition of a request is the same call. */
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

  const { request: original } = http;
  http.request = ((options: RequestOptions, callback?: (answer: http.IncomingMessage) => void): ClientRequest => {
    const headers = (options.headers ?? {}) as Record<string, string | undefined>;
    const fault = due(headers['amz-sdk-invocation-id'] ?? `${options.method} ${options.path}`);
    switch (fault?.kind) {
      case undefined:
        return original(options, callback);
      case 'throttled':
        return original({ ...options, port: plan.throttlePort }, callback);
      case 'not sent':
        return original({ ...options, port: 1 }, callback); // nobody listens there
      case 'answer lost':
        return losingItsAnswer(original(options, callback));
      case 'killed before':
        return process.exit(1); // of a worker thread, it is the thread that ends
      case 'killed after':
        return original(options, () => process.exit(1));
      case 'hung':
        hang(fault.milliseconds);
        return original(options, callback);
    }
  }) as typeof http.request;

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

/** The other side has done what it was asked to do; only nobody hears of it. */
function losingItsAnswer(request: ClientRequest): ClientRequest {
  const { emit } = request;
  request.emit = (event: string, ...args: unknown[]) => {
    if (event !== 'response') return emit.call(request, event, ...args);
    request.emit = emit;
    request.destroy(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }));
    return true;
  };
  return request;
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
