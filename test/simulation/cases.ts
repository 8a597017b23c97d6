import { sfc32 } from '../../replay/sfc32.ts';
import { FAULTS, type Plan, type Planned } from './faults.ts';
import { type Case, play } from './play.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';
import { pick } from './schedule.ts';

/**
 * The cases of a seed, each by its number: first a fault at every call that a scenario makes without one, then each kind of
 * fault at each of them, two of them, and any number by chance, every time in an order of its own.
 */
export type Cases = {
  /** Every call of every scenario, by its name: what a search has to hit. */
  sites: readonly string[];
  caseOf: (number: number) => Case;
};

type Site = { scenario: Scenario; place: number; site: string };

/** So far apart, at most, are two faults of a pair, in calls. */
const FARTHEST = 60;
const CHANCES = [0.005, 0.02, 0.06];
/** Numbers of cases that list a scenario's calls, and nothing more: below those of the search. */
const LISTING = -1_000_000;

const made = new Map<string, Promise<Cases>>();

/**
 * The cases of a seed, of all scenarios or of one; of those whose names begin so, where it ends with an asterisk. Listing the calls takes as long as playing a hundred of them, so that a
 * process does it once.
 */
export function makeCases(seed: number, scenario?: string): Promise<Cases> {
  const name = `${seed} ${scenario}`;
  const known = made.get(name) ?? listCases(seed, scenario);
  made.set(name, known);
  return known;
}

/** Lists the calls of each scenario, and so makes the cases. Where nothing goes wrong but what belongs to it, no rule may be broken. */
async function listCases(seed: number, name: string | undefined): Promise<Cases> {
  const sites: Site[] = [];
  const scenarios = SCENARIOS.filter((one) => isMeant(one, name));
  if (scenarios.length === 0) throw new Error(`There is no scenario "${name}".`);
  for (const [place, scenario] of scenarios.entries()) {
    const listed = await play({ scenario, plan: { planned: [], chance: 0 }, order: orderOfListing(seed, place) });
    const [broken] = listed.violations;
    if (broken !== undefined)
      throw new Error(`"${scenario.name}" breaks rule ${broken.rule} without a fault, in seed ${seed}: ${broken.what}`);
    sites.push(...listed.sites.map((site) => ({ scenario, place, site })));
  }
  const singles = sites.length * FAULTS.length;

  function caseOf(number: number): Case {
    const random = sfc32(seed, number, 0);
    if (number < sites.length) {
      // In the order in which the calls were listed, so that each of them is made once more.
      const { scenario, place, site } = sites[spread(number, sites.length)]!;
      const fault = FAULTS[number % FAULTS.length]!;
      return { scenario, plan: planOf({ ...fault, site }), order: orderOfListing(seed, place) };
    }
    const order = [seed, number] as const;
    const nth = number - sites.length;
    const place = spread(Math.floor(nth / 3) % singles, singles);
    const { scenario, site } = sites[Math.floor(place / FAULTS.length)]!;
    const first: Planned = { ...FAULTS[place % FAULTS.length]!, site };
    if (nth % 3 === 0) return { scenario, plan: planOf(first), order };
    if (nth % 3 === 1) {
      const second = { ...pick(random, FAULTS), callsLater: Math.floor(random() ** 2 * FARTHEST) };
      return { scenario, plan: planOf(first, second), order };
    }
    const any = pick(random, scenarios);
    return { scenario: any, plan: { planned: [], chance: pick(random, CHANCES) }, order };
  }

  return { sites: sites.map(({ scenario, site }) => nameOf(scenario, site)), caseOf };
}

function isMeant({ name }: Scenario, asked: string | undefined): boolean {
  if (asked === undefined) return true;
  return asked.endsWith('*') ? name.startsWith(asked.slice(0, -1)) : name === asked;
}

/** A call's name among those of all scenarios. */
export function nameOf(scenario: Scenario, site: string): string {
  return `${scenario.name}: ${site}`;
}

function planOf(...planned: Planned[]): Plan {
  return { planned, chance: 0 };
}

function orderOfListing(seed: number, place: number): readonly [number, number] {
  return [seed, LISTING + place];
}

/** The numbers below `count`, each once, so that neighbours lie far apart: also a short search looks everywhere. */
function spread(number: number, count: number): number {
  let step = Math.floor(count * 0.618) || 1;
  while (greatestDivisor(step, count) !== 1) step += 1;
  return (number * step) % count;
}

function greatestDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestDivisor(other, one % other);
}
