import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FAULTS } from './faults.ts';
import { play } from './play.ts';
import {
  ANSWERED,
  IN_CONTAINERS,
  OF_A_SHADOW,
  OF_TWO_MODELS,
  RELEASES,
  REQUESTS,
  SCENARIOS,
  type Scenario,
  TRUTHS,
} from './scenarios.ts';

/**
 * Each scenario of a group breaks no rule, without a fault beside its own and where some of its calls fail, each in a case of its own. The
 * calls of collect are those that the group has to make, so that the search hits them.
 */
type Group = { what: string; scenarios: readonly Scenario[]; seed: number; faults: number; collect?: string[] };

const GROUPS: Group[] = [
  {
    what: 'arrivals that are gathered',
    scenarios: SCENARIOS.filter(({ isGathered }) => isGathered === true),
    seed: 3,
    faults: 8,
    collect: ['results.write'],
  },
  {
    what: 'requests by a queue',
    scenarios: REQUESTS,
    seed: 3,
    faults: 0,
    collect: [
      'results.replace results.readVersion results.find results.read results.write inbox.find',
      'ledger.put ledger.batchget executions.start requests.send requests.bury answers.send',
    ].flatMap((calls) => calls.split(' ')),
  },
  {
    what: 'predictions that were given over HTTP',
    scenarios: ANSWERED,
    seed: 3,
    faults: 0,
    collect: ['results.replace', 'results.find', 'requests.bury', 'ledger.put'],
  },
  {
    what: 'truth that comes later',
    scenarios: TRUTHS,
    seed: 3,
    faults: 0,
    collect: 'ledger.update ledger.put results.readVersion results.replace requests.send requests.bury'.split(' '),
  },
  { what: 'versions that are promoted', scenarios: RELEASES, seed: 5, faults: 10 },
  { what: 'a feed', scenarios: SCENARIOS.filter(({ isOfFeed }) => isOfFeed === true), seed: 5, faults: 16 },
  { what: 'two live models', scenarios: OF_TWO_MODELS, seed: 11, faults: 12 },
  { what: 'a model on a server', scenarios: SCENARIOS.filter(({ isModelDown }) => isModelDown), seed: 17, faults: 8 },
  { what: 'a model in a container', scenarios: IN_CONTAINERS, seed: 19, faults: 8 },
  { what: 'a shadow', scenarios: OF_A_SHADOW, seed: 13, faults: 8 },
];

for (const { what, scenarios, seed, faults, collect = [] } of GROUPS)
  describe(what, () => {
    const called = new Set<string>();

    for (const scenario of scenarios)
      test(`${scenario.name}, ${scenario.storage}: nothing is lost, and nothing counted twice`, async () => {
        const { sites, violations } = await play({ scenario, plan: { planned: [], chance: 0 }, order: [seed, 0] });
        assert.deepEqual(violations, []);
        for (const site of sites) called.add(site.replace(/#\d+$/, ''));
        for (let number = 0; number < faults; number += 1) {
          const site = sites[Math.floor((number * sites.length) / faults)]!;
          const planned = [{ ...FAULTS[number % FAULTS.length]!, site }];
          const played = await play({ scenario, plan: { planned, chance: 0 }, order: [seed, number] });
          assert.deepEqual(played.violations, [], JSON.stringify(planned));
        }
      });

    test('it makes every call of collect that is about it', () => {
      const missing = collect.filter((port) => !called.has(`collect:${port}`));
      assert.deepEqual(missing, [], [...called].join(', '));
    });
  });
