import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Played, play } from './play.ts';
import { ANSWERED } from './scenarios.ts';

/** Predictions that were given over HTTP: without a fault beside their own, each counts once; and they make the calls that a search has to hit. */

const SEED = 3;
const CALLS = ['collect:results.replace', 'collect:results.find', 'collect:requests.bury', 'collect:ledger.put'];

describe('where predictions over HTTP are counted', () => {
  const called = new Set<string>();

  for (const scenario of ANSWERED)
    test(`${scenario.name}, ${scenario.storage}: each counts once, or is a dead letter`, async () => {
      const played: Played = await play({ scenario, plan: { planned: [], chance: 0 }, order: [SEED, 0] });
      assert.deepEqual(played.violations, []);
      for (const site of played.sites) called.add(site.replace(/#\d+$/, ''));
    });

  test('they make every call of collect that is about them, and claim by the batch', () => {
    const all = [...CALLS, 'infer:ledger.put', 'infer:results.open'];
    assert.deepEqual(
      all.filter((port) => !called.has(port)),
      [],
      [...called].join(', '),
    );
  });
});
