import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { play } from './play.ts';
import { TRUTHS } from './scenarios.ts';

/** What is said to be true, without a fault beside their own: each word counts, or is a dead letter; and they make the calls that a search has to hit. */

const SEED = 3;
const CALLS = [
  'ledger.update',
  'ledger.put',
  'results.readVersion',
  'results.replace',
  'requests.send',
  'requests.bury',
];

describe('with truth that comes later', () => {
  const called = new Set<string>();

  for (const scenario of TRUTHS)
    test(`${scenario.name}, ${scenario.storage}: the last word on each chip counts, or is a dead letter`, async () => {
      const { violations, sites } = await play({ scenario, plan: { planned: [], chance: 0 }, order: [SEED, 0] });
      assert.deepEqual(violations, []);
      for (const site of sites) called.add(site.replace(/#\d+$/, ''));
    });

  test('they make every call of collect that is about them', () => {
    assert.deepEqual(
      CALLS.filter((port) => !called.has(`collect:${port}`)),
      [],
      [...called].filter((site) => site.startsWith('collect:')).join(', '),
    );
  });
});
