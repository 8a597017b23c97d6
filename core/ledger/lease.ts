import { type Invocation, stopIfAsked } from '../base/step.ts';
import { isAhead, isWithin } from '../base/time/clocks.ts';
import type { Holder } from './ledgerRow.ts';

export type LeasePorts = {
  ledger: { renew: (holder: Holder, now: Date, leaseSeconds: number) => Promise<unknown> };
  now: () => Date;
  leaseSeconds: number;
};

/** Renewals per lease length: two may fail to arrive in time before the claim is lost. */
const RENEWALS = 3;

export const leaseEnd = (now: Date, leaseSeconds: number): string =>
  new Date(now.getTime() + leaseSeconds * 1000).toISOString();

/** A lease is over if it has expired, or ends later than any can: a clock that was ahead has granted it. */
export const isLeaseOver = (lease: string, now: Date, leaseSeconds: number): boolean =>
  lease < now.toISOString() || isAhead(lease, new Date(now.getTime() + leaseSeconds * 1000));

/**
 * Keeps hold of what a step works on. Call `keep` between pieces of work and before every write: it renews the lease
 * from time to time, and tells a worker that wakes up late that it has lost its claim. `need` checks at once.
 */
export function keeping(
  { now, leaseSeconds }: Pick<LeasePorts, 'now' | 'leaseSeconds'>,
  renew: (at: Date, leaseSeconds: number) => Promise<unknown>,
  since = now(),
) {
  let renewed = since;
  let renewing: Promise<void> | undefined;

  async function need(): Promise<void> {
    const at = now();
    await renew(at, leaseSeconds);
    renewed = at;
  }

  async function keep(): Promise<void> {
    if (isWithin((leaseSeconds * 1000) / RENEWALS, renewed, now())) return;
    renewing ??= need().finally(() => {
      renewing = undefined;
    });
    await renewing; // shared by concurrent callers: a step may write while it works on
  }

  /** Makes what a step does between two pieces of work: it also ends there if the service was told to stop. */
  const between = (invocation: Pick<Invocation, 'signal'>) => async () => {
    stopIfAsked(invocation);
    await keep();
  };

  return { need, keep, between };
}

/**
 * @param since when the last claim or renewal was requested; its answer may have taken longer than a lease
 * @throws {ClaimLost} when another execution holds the run
 */
export const keepLease = (ports: LeasePorts, holder: Holder, since?: Date) =>
  keeping(ports, (at, leaseSeconds) => ports.ledger.renew(holder, at, leaseSeconds), since);
