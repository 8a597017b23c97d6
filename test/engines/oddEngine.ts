import { setTimeout } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';
import { NOT_LOADED } from '../../core/doors/online/engine.ts';
import type { FromEngine, ToEngine } from '../../server/engineThread.ts';

/**
 * A thread in the place of one that runs models: what it puts out for a chip is its first value's last digit, one of ten classes.
 * Every tenth batch, or the next of several chips, it does what its argument says: a chip alone may be at its last attempt.
 */

const fault = process.argv[2];
const port = parentPort!;
let batches = 0;
let opened = 0;

port.on('message', async (message: ToEngine) => {
  if ('stop' in message) return port.close();
  if ('open' in message) opened += 1;
  if (!('batch' in message)) return;
  const { run, batch } = message;
  batches += 1;
  if (fault === 'loads at the second time' && opened < 2)
    return send({ run, error: { name: NOT_LOADED, message: 'It is busy.' } });
  const isOdd = batches >= 10 && batch.chips > 1;
  if (isOdd) batches = 0;
  if (isOdd && fault === 'throws') return send({ run, error: { name: 'Error', message: 'It throws.' } });
  if (isOdd && fault === 'exits in a batch') process.exit(3);
  if (isOdd && fault === 'does not come back') for (const end = performance.now() + 4000; performance.now() < end; );
  if (isOdd && fault === 'is slow') await setTimeout(60_000, undefined, { ref: false });
  const outputs = new Float32Array(batch.chips * 10);
  const { values } = batch.bands[0]!;
  for (let chip = 0; chip < batch.chips; chip += 1)
    outputs[chip * 10 + (values[(chip * values.length) / batch.chips]! % 10)] = 1;
  send({ run, outputs });
  if (isOdd && fault === 'exits between batches') setImmediate(() => process.exit(0));
});

function send(message: FromEngine): void {
  port.postMessage(message);
}
