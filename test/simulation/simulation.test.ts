import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { play } from './play.ts';
import { SCENARIOS, TRUTHS } from './scenarios.ts';
import type { Failure } from './search.ts';
import { startSearchThread } from './searchThread.ts';

/**
 * A short search in each run of the tests, of one kind of scenario: listing the calls of all takes longer than playing a hundred. The long
 * ones are `npm run simulate`'s, of which `.ci/run` has 3,000 cases.
 */

const CASES = 10;
const SEED = 3;
const SCENARIO = 'duplicates in batches: the batch of the first fails*';

const { search, stop } = startSearchThread();
after(stop);

test(`${CASES} cases in which things go wrong break no rule`, async () => {
  const { failures, cases, injected } = await search({
    seed: SEED,
    scenario: SCENARIO,
    from: 0,
    to: CASES,
    mostFailures: 3,
  });
  assert.deepEqual(failures.map(told), []);
  assert.equal(cases, CASES);
  assert.ok(injected >= CASES, `${injected} faults in ${CASES} cases`);
});

/** Without truths: they are sent again for three days, and faults that never end multiply them. */
const someScenarios = SCENARIOS.filter((scenario) => !TRUTHS.includes(scenario)).filter((_, nth) => nth % 24 === 0);

test('a case is the same whenever it is played', async () => {
  for (const [i, scenario] of someScenarios.entries()) {
    const one = { scenario, plan: { planned: [], chance: 0.06 }, order: [SEED, i] } as const;
    const [once, again] = [await play(one, undefined, true), await play(one, undefined, true)];
    assert.deepEqual(once.violations, [], scenario.name);
    assert.deepEqual(again.trace, once.trace);
    assert.ok(once.trace.length > 50);
  }
});

function told({ number, scenario, violations }: Failure): string {
  const rules = violations.map(({ rule, what }) => `rule ${rule}: ${what}`).join('\n');
  return `${scenario}\n${rules}\nnpm run simulate -- --replay ${SEED}/${number} --scenario '${SCENARIO}'`;
}
