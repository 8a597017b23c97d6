import { memoryOfTree, processorTimeBelow } from '../../bench/processTree.ts';
import { promotedModel } from '../../cli/models/model.ts';
import { sweepInput } from '../../core/base/messages.ts';
import { coresToUse, startStack } from '../../local/stack/stack.ts';
import type { BulkTold } from './runBulk.ts';

/** The embedded stack as a process of its own: one sweep of what lies in its inbox, and what that took. */

const [dataDir = ''] = process.argv.slice(2);
const LOOK_MILLISECONDS = 100;

let firstBatch = 0;
const stack = await startStack({ dataDir, command: 'npm run bulk', cores: coresToUse() });
await promotedModel(stack.folder, stack.now());
let peakRss = 0;
/** Milliseconds of a processor by worker, of those that are gone, too. */
const takenBelow = new Map<number, number>();
const began = performance.now();
const before = process.cpuUsage();
const look = setInterval(() => {
  peakRss = Math.max(peakRss, memoryOfTree(process.pid) || process.memoryUsage.rss());
  for (const [pid, taken] of processorTimeBelow(process.pid)) takenBelow.set(pid, taken);
  if (firstBatch === 0)
    void stack.ledger.openBatches().then((open) => {
      if (open.length > 0 && firstBatch === 0) firstBatch = performance.now();
    });
}, LOOK_MILLISECONDS);
await stack.executions.start('bulk', sweepInput);
const { output, status, cause } = await stack.ended(stack.executions.arnOf('bulk'));
clearInterval(look);
const ended = performance.now();
const { user, system } = process.cpuUsage(before);
if (status !== 'SUCCEEDED') console.error(`The sweep has failed: ${cause}`);
const { sweep } = (output ?? {}) as { sweep?: { bulk: { batches: number } } };
const told: BulkTold = {
  seconds: { listing: (firstBatch - began) / 1000, sweep: (ended - began) / 1000 },
  cpuSeconds: (user + system) / 1e6 + [...takenBelow.values()].reduce((sum, taken) => sum + taken, 0) / 1e3,
  peakRss,
  batches: sweep?.bulk.batches ?? 0,
};
await stack.close();
process.send?.(told);
process.disconnect();
