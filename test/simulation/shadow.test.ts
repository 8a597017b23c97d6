import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FAULTS } from './faults.ts';
import { shadowCounts, shadowFailsRun } from './planted.ts';
import { play } from './play.ts';
import { OF_A_SHADOW, type Scenario } from './scenarios.ts';
import type { Patch } from './stateMachine.ts';

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

  /** What is found first, in one order after another: in some, calls are so slow that workers time out before a shadow fails. */
  async function firstFound(scenario: Scenario, planted: Patch) {
    for (let number = 0; number < CASES; number += 1) {
      const { violations } = await play({ scenario, plan: { planned: [], chance: 0 }, order: [SEED, number] }, planted);
      if (violations[0] !== undefined) return violations[0];
    }
    return undefined;
  }

  test("a shadow's failure that fails the run is found out", async () => {
    const found = await firstFound(named('files with a failing shadow'), shadowFailsRun);
    assert.match(found?.what ?? '', /^settle \d+ of \S+ wrote inbox\/\S+, droughtwatch-baseline\/1\.0\.0$/);
    assert.equal(found?.rule, 10);
  });

  test("a shadow's run that counts is found out", async () => {
    const found = await firstFound(named('files with a sound shadow'), shadowCounts);
    assert.match(found?.what ?? '', /^infer \d+ of \S+ wrote inbox\/\S+, droughtwatch-baseline\/1\.1\.0$/);
    assert.equal(found?.rule, 10);
  });
});
