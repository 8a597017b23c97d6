import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FAULTS } from './faults.ts';
import { shadowCounts, shadowFailsRun } from './planted.ts';
import { play } from './play.ts';
import { OF_A_SHADOW } from './scenarios.ts';

/** A candidate version that shadows the live one: whatever fails when, nothing of it is found by who looks for what counts. */

const SEED = 13;
/** Of the calls that a scenario makes, so many fail, each in a case of its own. */
const CASES = 8;

describe('where a version has a shadow', () => {
  for (const scenario of OF_A_SHADOW)
    test(`${scenario.name}: nothing is lost, nothing counted twice, and the shadow touches nothing`, async () => {
      const { sites, violations } = await play({ scenario, plan: { planned: [], chance: 0 }, order: [SEED, 0] });
      assert.deepEqual(violations, []);
      for (let number = 0; number < CASES; number += 1) {
        const site = sites[Math.floor((number * sites.length) / CASES)]!;
        const planned = [{ ...FAULTS[number % FAULTS.length]!, site }];
        const played = await play({ scenario, plan: { planned, chance: 0 }, order: [SEED, number] });
        assert.deepEqual(played.violations, [], JSON.stringify(planned));
      }
    });

  const named = (beginning: string) => OF_A_SHADOW.find(({ name }) => name.startsWith(beginning))!;

  test("a shadow's failure that fails the run is found out", async () => {
    const scenario = named('files with a failing shadow');
    const { violations } = await play({ scenario, plan: { planned: [], chance: 0 }, order: [SEED, 1] }, shadowFailsRun);
    assert.match(violations[0]?.what ?? '', /^settle \d+ of \S+ wrote inbox\/\S+, droughtwatch-baseline\/1\.0\.0$/);
    assert.equal(violations[0]?.rule, 10);
  });

  test("a shadow's run that counts is found out", async () => {
    const scenario = named('files with a sound shadow');
    const { violations } = await play({ scenario, plan: { planned: [], chance: 0 }, order: [SEED, 0] }, shadowCounts);
    assert.match(violations[0]?.what ?? '', /^infer \d+ of \S+ wrote inbox\/\S+, droughtwatch-baseline\/1\.1\.0$/);
    assert.equal(violations[0]?.rule, 10);
  });
});
