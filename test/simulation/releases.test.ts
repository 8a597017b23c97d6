import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FAULTS } from './faults.ts';
import { play } from './play.ts';
import { RELEASES } from './scenarios.ts';

/** Versions that are published, promoted and gone back from by several at once, some of whom die over it. */

const SEED = 5;
/** Of the calls that a scenario makes, so many fail, each in a case of its own. */
const CASES = 10;

describe('where versions of a model are promoted', () => {
  for (const scenario of RELEASES)
    test(`${scenario.name}: the history, the mails and the answers agree with the live version`, async () => {
      const { sites, violations } = await play({ scenario, plan: { planned: [], chance: 0 }, order: [SEED, 0] });
      assert.deepEqual(violations, []);
      for (let number = 0; number < CASES; number += 1) {
        const site = sites[Math.floor((number * sites.length) / CASES)]!;
        const planned = [{ ...FAULTS[number % FAULTS.length]!, site }];
        const played = await play({ scenario, plan: { planned, chance: 0 }, order: [SEED, number] });
        assert.deepEqual(played.violations, [], JSON.stringify(planned));
      }
    });
});
