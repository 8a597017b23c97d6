import type { Planned } from './faults.ts';
import { play } from './play.ts';
import { SCENARIOS } from './scenarios.ts';
import type { Patch } from './stateMachine.ts';

/** In so many orders, a fault is survived. */
const ORDERS = 4;
/** In one of so many, it is seen to have been survived by what a bug takes away. */
const MOST_ORDERS = 12;

/** What a scenario with these faults breaks, in some orders. */
export async function violationsOf(scenario: string, planned: readonly Planned[]): Promise<string[]> {
  const found: string[] = [];
  for (let order = 0; order < ORDERS; order += 1) found.push(...(await violationsIn(order, scenario, planned)));
  return found;
}

/** The same with a bug, until what is looked for is among them. */
export async function isFoundWith(patch: Patch, scenario: string, planned: readonly Planned[], what: RegExp) {
  for (let order = 0; order < MOST_ORDERS; order += 1)
    if ((await violationsIn(order, scenario, planned, patch)).some((found) => what.test(found))) return true;
  return false;
}

async function violationsIn(
  order: number,
  name: string,
  planned: readonly Planned[],
  patch?: Patch,
): Promise<string[]> {
  const scenario = SCENARIOS.find((one) => one.name === name);
  if (scenario === undefined) throw new Error(`test/simulation/scenarios.ts has no scenario ${JSON.stringify(name)}.`);
  const { violations } = await play({ scenario, plan: { planned, chance: 0 }, order: [7, order] }, patch);
  return violations.map(({ what }) => what);
}
