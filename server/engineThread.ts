import { parentPort } from 'node:worker_threads';
import { NOT_LOADED } from '../core/online/engine.ts';
import type { Session } from '../core/runtimes/runtime.ts';
import { openSession } from '../core/runtimes/runtimes.ts';
import type { FromEngine, ToEngine } from './engineMessages.ts';

/** A thread that runs models: native code blocks only this thread. */

const port = parentPort!;
const sessions = new Map<number, Promise<Session>>();

port.on('message', (message: ToEngine) => {
  if ('stop' in message) return port.close();
  if ('close' in message) return void sessions.delete(message.close);
  if ('open' in message) {
    const opening = openSession(message.model, message.bytes, 1).catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      const { name, version } = message.model;
      throw Object.assign(new Error(`The model ${name} ${version} cannot be loaded: ${why}`), { name: NOT_LOADED });
    });
    opening.catch(() => {}); // whoever runs it hears of it
    sessions.set(message.open, opening);
    return;
  }
  void answer(message);
});

async function answer({ run, model, batch }: Extract<ToEngine, { run: number }>): Promise<void> {
  try {
    const session = await sessions.get(model)!;
    const outputs = await session.run(batch, 0, batch.chips);
    const isWhole = outputs.byteLength === outputs.buffer.byteLength;
    post({ run, outputs }, isWhole ? [outputs.buffer as ArrayBuffer] : []);
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
    post({ run, error: { name, message } });
  }
}

function post(message: FromEngine, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}
