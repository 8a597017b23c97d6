import { isFresh } from '../ledger/lease.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { OpenBatch } from '../ledger/openBatches.ts';

type Ports = { ledger: Pick<Ledger, 'renewBatch'>; now: () => Date; leaseSeconds: number };

/**
 * Keeps a batch for as long as a step works on it: `keep` between two pieces of work, which renews the lease now and then;
 * `need` before anything is written that only its holder may write.
 *
 * @throws ClaimLost when the batch is another's
 */
export function keepBatch({ ledger, now, leaseSeconds }: Ports, opened: OpenBatch) {
  let renewed = now();

  async function need(): Promise<void> {
    const at = now();
    await ledger.renewBatch(opened, at, leaseSeconds);
    renewed = at;
  }

  async function keep(): Promise<void> {
    if (!isFresh(renewed, now(), leaseSeconds)) await need();
  }

  return { need, keep };
}
