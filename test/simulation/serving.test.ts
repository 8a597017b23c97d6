import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FAULTS } from './faults.ts';
import { othersForgotten } from './planted.ts';
import { play } from './play.ts';
import { OF_TWO_MODELS } from './scenarios.ts';

/** Two live models: whatever fails when, each file has its end by every one that takes it. */

const SEED = 11;
/** Of the calls that a scenario makes, so many fail, each in a case of its own. */
const CASES = 12;

describe('where two models are live', () => {
  for (const scenario of OF_TWO_MODELS) {
    test(`${scenario.name}: nothing is lost, and nothing counted twice`, async () => {
      const { sites, violations } = await play({ scenario, plan: { planned: [], chance: 0 }, order: [SEED, 0] });
      assert.deepEqual(violations, []);
      for (let number = 0; number < CASES; number += 1) {
        const site = sites[Math.floor((number * sites.length) / CASES)]!;
        const planned = [{ ...FAULTS[number % FAULTS.length]!, site }];
        const played = await play({ scenario, plan: { planned, chance: 0 }, order: [SEED, 0] });
        assert.deepEqual(played.violations, [], JSON.stringify(planned));
      }
    });
  }

  test('a sweep that takes what one model knows for what all of them know is found out', async () => {
    const [scenario] = OF_TWO_MODELS.filter(({ name }) => name.startsWith('files of two live models'));
    const { violations } = await play(
      { scenario: scenario!, plan: { planned: [], chance: 0 }, order: [SEED, 0] },
      othersForgotten,
    );
    assert.match(violations[0]?.what ?? '', /, by [\w-]+-beside, is not in the ledger$/);
  });
});
