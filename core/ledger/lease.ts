import { isAhead, isWithin } from '../clocks.ts';
import type { Holder } from './ledgerRow.ts';

export type LeasePorts = {
  ledger: { renew: (holder: Holder, now: Date, leaseSeconds: number) => Promise<unknown> };
  now: () => Date;
  leaseSeconds: number;
};

/** So often within its length, a lease is renewed: two renewals may fail to come in time before the claim is lost. */
const RENEWALS = 3;

/** Until when a lease holds that is given now. */
export function leaseEnd(now: Date, leaseSeconds: number): string {
  return new Date(now.getTime() + leaseSeconds * 1000).toISOString();
}

/** Whether nobody has what a lease was given for: it is over; or no lease is that long, so the clock was ahead that gave it. */
export function isLeaseOver(lease: string, now: Date, leaseSeconds: number): boolean {
  return lease < now.toISOString() || isAhead(lease, new Date(now.getTime() + leaseSeconds * 1000));
}

/**
 * Keeps what a step works on: `keep` between two pieces of work, and before anything is written, so that a worker which
 * wakes up late finds out that it is another's by now; it renews the lease now and then. `need` makes sure at once.
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
    await renewing; // one for all that ask meanwhile: a step may write while it works on
  }

  return { need, keep };
}

/**
 * Keeps the claim of a run.
 *
 * @param since when it was claimed or renewed last, before that was asked for: the answer may have taken longer than a lease
 * @throws ClaimLost when it is another's
 */
export function keepLease(ports: LeasePorts, holder: Holder, since: Date): () => Promise<void> {
  return keeping(ports, (at, leaseSeconds) => ports.ledger.renew(holder, at, leaseSeconds), since).keep;
}
