import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Planned } from './faults.ts';
import { leaseBelieved, watermarkBelieved } from './planted.ts';
import { play } from './play.ts';
import { SCENARIOS } from './scenarios.ts';
import type { Patch } from './stateMachine.ts';

/** What a clock that jumps is survived by: each of it, taken away on purpose, is missed. */

const ORDERS = 12;
const AHEAD = 'a clock that is a month ahead, and set right (embedded)';

async function violationsOf(name: string, planned: Planned[], patch?: Patch) {
  const scenario = SCENARIOS.find((one) => one.name === name);
  assert.ok(scenario);
  const found: { rule: number; what: string }[] = [];
  for (let order = 0; order < ORDERS; order += 1) {
    const { violations } = await play({ scenario, plan: { planned, chance: 0 }, order: [7, order] }, patch);
    found.push(...violations);
  }
  return found;
}

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
      const found = await violationsOf(scenario, planned, patch);
      assert.ok(
        found.some((violation) => says.test(violation.what)),
        JSON.stringify(found),
      );
    });
});
