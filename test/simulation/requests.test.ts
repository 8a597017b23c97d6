import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Played, play } from './play.ts';
import { REQUESTS } from './scenarios.ts';

/** Requests by their queue: without a fault beside their own, no rule is broken; and they call all that collect has to do with requests. */

const SEED = 3;
const OF_REQUESTS = [
  'results.replace',
  'results.readVersion',
  'results.find',
  'inbox.find',
  'results.read',
  'results.write',
  'ledger.put',
  'executions.start',
  'ledger.batchget',
  'requests.send',
  'requests.bury',
  'answers.send',
];

describe('where requests come by a queue', () => {
  const called = new Set<string>();

  for (const scenario of REQUESTS)
    test(`${scenario.name}, ${scenario.storage}: each is taken and answered, or a dead letter`, async () => {
      const { sites, violations }: Played = await play({
        scenario,
        plan: { planned: [], chance: 0 },
        order: [SEED, 0],
      });
      assert.deepEqual(violations, []);
      for (const site of sites) called.add(site.replace(/#\d+$/, ''));
    });

  test('they make every call of collect that is about requests, so that the search hits it', () => {
    assert.deepEqual(
      OF_REQUESTS.filter((port) => !called.has(`collect:${port}`)),
      [],
      [...called].filter((site) => site.startsWith('collect:')).join(', '),
    );
  });
});
