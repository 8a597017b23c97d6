import { makeCases, nameOf } from './cases.ts';
import { type Case, type Played, play } from './play.ts';
import type { Patch } from './stateMachine.ts';
import type { Violation } from './violation.ts';

/** What a search found, or a part of it that plays every so-manieth case. */
export type Found = {
  cases: number;
  injected: number;
  calls: number;
  /** The orders in which things happened, by their seeds. */
  orders: string[];
  /** The listed calls, and those of them at which something went wrong. */
  sites: number;
  hit: string[];
  failures: Failure[];
};

export type Failure = { number: number; scenario: string; violations: Violation[] };

export type Search = {
  seed: number;
  /** The only one to be played; all, where none is named. */
  scenario?: string | undefined;
  /** The first number, and the one after the last. */
  from: number;
  to: number;
  /** Of those, every so-manieth. */
  step?: number;
  /** After so many failures it stops. */
  mostFailures?: number;
  patch?: Patch | undefined;
  onCase?: (done: number) => void;
};

const REST = 20;

/** Plays cases and collects what breaks a rule. */
export async function search({
  seed,
  scenario,
  from,
  to,
  step = 1,
  mostFailures = 20,
  patch,
  onCase = () => {},
}: Search): Promise<Found> {
  const { sites, caseOf } = await makeCases(seed, scenario);
  const listed = new Set(sites);
  const hit = new Set<string>();
  const orders = new Set<string>();
  const found: Found = { cases: 0, injected: 0, calls: 0, orders: [], sites: listed.size, hit: [], failures: [] };
  for (let number = from; number < to && found.failures.length < mostFailures; number += step) {
    const one = caseOf(number);
    const played = await playSafely(one, patch);
    found.cases += 1;
    found.injected += played.injected;
    found.calls += played.calls;
    orders.add(one.order.join('/'));
    for (const site of played.hit) if (listed.has(nameOf(one.scenario, site))) hit.add(nameOf(one.scenario, site));
    if (played.violations.length > 0)
      found.failures.push({ number, scenario: one.scenario.name, violations: played.violations });
    if (found.cases % REST === 0) {
      onCase(found.cases);
      await new Promise((resolve) => setImmediate(resolve)); // nothing else of this thread has had its turn
    }
  }
  return { ...found, orders: [...orders], hit: [...hit] };
}

/** What several parts of a search found together. */
export function merged(parts: readonly Found[]): Found {
  const sum = (of: (part: Found) => number) => parts.reduce((total, part) => total + of(part), 0);
  const union = (of: (part: Found) => string[]) => [...new Set(parts.flatMap(of))];
  return {
    cases: sum(({ cases }) => cases),
    injected: sum(({ injected }) => injected),
    calls: sum(({ calls }) => calls),
    orders: union(({ orders }) => orders),
    sites: parts[0]?.sites ?? 0,
    hit: union(({ hit }) => hit),
    failures: parts.flatMap(({ failures }) => failures).sort((one, other) => one.number - other.number),
  };
}

/** A case that cannot be played to its end is a failure as well: whatever it was, it was not dealt with. */
async function playSafely(one: Case, patch: Patch | undefined): Promise<Played> {
  try {
    return await play(one, patch);
  } catch (error) {
    const what = `it cannot be played: ${error instanceof Error ? error.stack : String(error)}`;
    return { violations: [{ rule: 1, what }], sites: [], hit: new Set(), injected: 0, calls: 0, trace: [] };
  }
}

/** Plays one case once more, and keeps its trace. */
export async function replay(seed: number, number: number, scenario?: string): Promise<{ case: Case; played: Played }> {
  const one = (await makeCases(seed, scenario)).caseOf(number);
  return { case: one, played: await play(one, undefined, true) };
}
