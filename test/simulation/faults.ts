import { DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import type { Random } from '../../replay/sfc32.ts';
import { pick } from './schedule.ts';

/** What can go wrong at any call of a port, and where it does. */

export const KINDS = [
  /** A service's own trouble, after the SDK's retries are used up. */
  'transient',
  'throttle',
  /** Refused, and it would be again. */
  'permanent',
  /** The worker dies; nothing after it runs. */
  'kill',
  /** No answer for so long that the worker is given up; it wakes when others have taken its place. */
  'hang',
  /** The same, and its execution is stopped: another attempt has taken its place by the time that it wakes. */
  'orphan',
  /** The whole execution is stopped outside of any Catch; the worker knows nothing of it. */
  'abort',
  /** The process of the embedded stack dies, with all that it was at; it is started again. */
  'crash',
] as const;
export type Kind = (typeof KINDS)[number];

/** Before the call's effect or after it: of an answer that is lost, nobody knows. */
export type Fault = { kind: Kind; when: 'before' | 'after' };

export const FAULTS: readonly Fault[] = KINDS.flatMap((kind) => [
  { kind, when: 'before' as const },
  { kind, when: 'after' as const },
]);

/** At a call by its name; or so many calls after the fault before it in the plan. */
export type Planned = Fault & ({ site: string } | { callsLater: number });

/** The faults of a case: some at their places, and any at each call with a chance. */
export type Plan = { planned: readonly Planned[]; chance: number };

/**
 * How many faults a case may have by chance. A queue delivers twice what fails after its effect: at 6 % of all calls, over days, a
 * message that waits would become thousands.
 */
const MOST_BY_CHANCE = 60;

export type Faults = ReturnType<typeof makeFaults>;

/** Says of each call what goes wrong at it; `always` does, whatever the plan is. */
export function makeFaults({ planned, chance }: Plan, random: Random, always: readonly Planned[] = []) {
  const open = [...planned, ...always];
  const sites: string[] = [];
  const hit = new Set<string>();
  let isActive = true;
  let injected = 0;
  let callsSince = -1;

  function next(site: string): Fault | undefined {
    if (!isActive) return undefined;
    sites.push(site);
    const place = open.findIndex((one, i) =>
      'site' in one ? one.site === site : i === 0 && callsSince >= one.callsLater,
    );
    if (callsSince >= 0) callsSince += 1;
    const isByChance = place < 0 && injected < MOST_BY_CHANCE && random() < chance;
    const fault = place >= 0 ? open.splice(place, 1)[0] : isByChance ? pick(random, FAULTS) : undefined;
    if (fault === undefined) return undefined;
    callsSince = 0;
    injected += 1;
    hit.add(site);
    return fault;
  }

  return {
    next,
    /** The calls that were made while faults could happen. */
    sites,
    /** Those at which one did. */
    hit,
    injected: () => injected,
    /** One that happened by itself, such as a time-out, is one as well. */
    count: () => {
      injected += 1;
    },
    isActive: () => isActive,
    stop: () => {
      isActive = false;
    },
  };
}

/** What the SDK throws. */
export function sdkError(kind: 'transient' | 'throttle' | 'permanent'): Error {
  const $metadata = {};
  if (kind === 'throttle') {
    const name = 'ThrottlingException';
    return new DynamoDBServiceException({ name, $fault: 'client', $metadata, message: 'Rate exceeded' });
  }
  if (kind === 'permanent') {
    const name = 'AccessDeniedException';
    return new DynamoDBServiceException({ name, $fault: 'client', $metadata, message: 'User is not authorized' });
  }
  const name = 'InternalServerError';
  return new DynamoDBServiceException({ name, $fault: 'server', $metadata, message: 'Internal server error' });
}
