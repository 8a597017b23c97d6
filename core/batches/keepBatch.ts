import { keeping } from '../ledger/lease.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { OpenBatch } from '../ledger/openBatches.ts';

type Ports = { ledger: Pick<Ledger, 'renewBatch'>; now: () => Date; leaseSeconds: number };

/**
 * Keeps hold of a batch while a step works on it.
 *
 * @throws {ClaimLost} when another execution holds it
 */
export function keepBatch(ports: Ports, opened: OpenBatch) {
  return keeping(ports, (at, leaseSeconds) => ports.ledger.renewBatch(opened, at, leaseSeconds));
}
