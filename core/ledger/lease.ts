import { isAhead, isWithin } from '../clocks.ts';
import type { Holder } from './ledgerRow.ts';

export type LeasePorts = {
  ledger: { renew: (holder: Holder, now: Date, leaseSeconds: number) => Promise<unknown> };
  now: () => Date;
  leaseSeconds: number;
};

/** So often within its length, a lease is renewed: two renewals may fail to come in time before the claim is lost. */
const RENEWALS = 3;

/** Whether nobody has what a lease was given for: it is over; or no lease is that long, so the clock was ahead that gave it. */
export function isLeaseOver(lease: string, now: Date, leaseSeconds: number): boolean {
  return lease < now.toISOString() || isAhead(lease, new Date(now.getTime() + leaseSeconds * 1000));
}

/** Whether a lease that was renewed at a time need not be renewed yet. */
export function isFresh(renewed: Date, now: Date, leaseSeconds: number): boolean {
  return isWithin((leaseSeconds * 1000) / RENEWALS, renewed, now);
}

/**
 * Keeps a claim for as long as a step works on it: to be called between two pieces of work, and before anything is
 * written, so that a worker which wakes up late finds out that its claim is another's by now.
 *
 * @throws ClaimLost when the claim is another's
 */
export function keepLease({ ledger, now, leaseSeconds }: LeasePorts, holder: Holder): () => Promise<void> {
  let renewed = now();
  let renewing: Promise<void> | undefined;
  const renew = async (at: Date) => {
    try {
      await ledger.renew(holder, at, leaseSeconds);
      renewed = at;
    } finally {
      renewing = undefined;
    }
  };
  return async () => {
    const at = now();
    if (isFresh(renewed, at, leaseSeconds)) return;
    renewing ??= renew(at); // one for all that ask meanwhile: a step may write while it works on
    await renewing;
  };
}
