import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Planned } from './faults.ts';
import { isFoundWith, violationsOf } from './inOrders.ts';
import { batchEndSkipsCondition, batchFileUnfenced, openBatchForgotten } from './planted.ts';

/** What batches rest on: each of it, taken away on purpose, is missed where a worker wakes up late. */

const hang = (site: string): Planned[] => [{ kind: 'hang', when: 'before', site }];

describe('a batch whose worker wakes up late', () => {
  for (const { what, scenario, planned, patch, says } of [
    {
      what: "brings nothing back that was taken out of the batch's predictions",
      scenario: 'a bulk file deleted while its batch is on its way',
      planned: hang('infer:results.replace#1'),
      patch: batchFileUnfenced,
      says: /holds [\w ]+,[\w ]+, and the files that are done by the batch are [\w ]+$/,
    },
    {
      what: 'changes no row that another attempt has written',
      scenario: 'a bulk file deleted while its batch is on its way',
      planned: hang('infer:ledger.put#4'),
      patch: batchEndSkipsCondition,
      says: /changed whose attempt|moved attempt 1 .* from FAILED to DONE/,
    },
    {
      what: 'owns the bytes that it has claimed as long as it is open',
      scenario: 'the same bytes in bulk and in the inbox',
      planned: hang('infer:results.replace#1'),
      patch: openBatchForgotten,
      says: /the same bytes count more than once|its bytes are owned by|is predicted more than once/,
    },
  ])
    test(what, async () => {
      assert.deepEqual(await violationsOf(scenario, planned), []);
      assert.ok(await isFoundWith(patch, scenario, planned, says));
    });
});
