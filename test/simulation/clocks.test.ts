import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isFoundWith, violationsOf } from './inOrders.ts';
import { leaseBelieved, watermarkBelieved } from './planted.ts';

/** What a clock that jumps is survived by: each of it, taken away on purpose, is missed. */

const AHEAD = 'a clock that is a month ahead, and set right (embedded)';

describe('a clock that jumps', () => {
  for (const { what, scenario, planned, patch, says } of [
    {
      what: 'leaves no watermark behind that hides files',
      scenario: AHEAD,
      planned: [],
      patch: watermarkBelieved,
      says: /is not in the ledger/,
    },
    {
      what: 'leaves no run behind that nobody may take up',
      scenario: AHEAD,
      planned: [{ kind: 'abort', when: 'after', site: 'preprocess:results.write#1' } as const],
      patch: leaseBelieved,
      says: /is still (CLAIMED|PREPARED), lease 2026-04/,
    },
  ])
    test(what, async () => {
      assert.deepEqual(await violationsOf(scenario, planned), []);
      assert.ok(await isFoundWith(patch, scenario, planned, says));
    });
});
