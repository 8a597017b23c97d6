import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KINDS } from './faultPlan.ts';
import { runSoak } from './runSoak.ts';

/** The soak as `npm run soak` has it, with few files and many faults; what a hung worker holds up takes too long here. */
test('sixty files, with every fault but a hung worker, come to their ends, each content counted once', async () => {
  const kinds = KINDS.filter((kind) => kind !== 'hung');
  const options = { files: 60, seed: 1, keep: false, timeoutSeconds: 60, faultShare: 0.1, faultKinds: kinds };
  const { errors, faults, files, events, ends } = await runSoak(options);
  assert.deepEqual(errors, []);
  assert.ok(
    kinds.every((kind) => faults.kinds[kind]! > 0),
    `not every fault came to pass: ${JSON.stringify(faults)}`,
  );
  assert.ok(files.second > 0 && events.twice > 0);
  assert.equal(ends.after['FAILED'], undefined);
});
