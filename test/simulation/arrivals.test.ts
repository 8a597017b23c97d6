import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FAULTS } from './faults.ts';
import { doneBeforeManifest } from './planted.ts';
import { play } from './play.ts';
import { SCENARIOS } from './scenarios.ts';

/** Events that a queue gathers: whatever fails when, each file has its end, and a message is done with by who has started it. */

const SEED = 3;
/** Of the calls that a scenario makes, so many fail, each in a case of its own. */
const CASES = 8;
const GATHERED = SCENARIOS.filter(({ isGathered }) => isGathered === true);

describe('where arrivals are gathered', () => {
  for (const scenario of GATHERED)
    test(`${scenario.name}, ${scenario.storage}: nothing is lost, and nothing counted twice`, async () => {
      const { sites, violations } = await play({ scenario, plan: { planned: [], chance: 0 }, order: [SEED, 0] });
      assert.deepEqual(violations, []);
      assert.ok(sites.some((site) => site.startsWith('collect:results.write')));
      for (let number = 0; number < CASES; number += 1) {
        const site = sites[Math.floor((number * sites.length) / CASES)]!;
        const planned = [{ ...FAULTS[(2 * number + 1) % FAULTS.length]!, site }];
        const played = await play({ scenario, plan: { planned, chance: 0 }, order: [SEED, number] });
        assert.deepEqual(played.violations, [], JSON.stringify(planned));
      }
    });

  test('a collect that is done with its messages before the manifest is written is found out', async () => {
    const [scenario] = GATHERED;
    const one = { scenario: scenario!, plan: { planned: [], chance: 0 }, order: [SEED, 0] } as const;
    const { violations } = await play(one, doneBeforeManifest);
    assert.match(violations[0]?.what ?? '', /^the message of \w+ is done with, and nothing was started for it$/);
  });
});
