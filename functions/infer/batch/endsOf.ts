import { BatchGivenUp } from '../../../core/base/errors.ts';
import type { SceneRef } from '../../../core/base/messages.ts';
import { BATCH_STEP } from '../../../core/batches/batchResult.ts';
import type { End, EndState, Found, makeEndedRow } from '../../../core/batches/batchRows.ts';
import { MOST_DEATHS } from '../../../core/batches/caution.ts';
import type { LedgerRow } from '../../../core/ledger/ledgerRow.ts';
import type { Content } from '../../../core/results/predictionColumns.ts';
import type { About, Looked } from './lookAtFile.ts';

export const isBlank = ({ chips, blank }: About): boolean => chips === blank;

/** The row that a file ends with, if this attempt ends it. */
export function endsOf(
  found: Looked,
  makeRow: ReturnType<typeof makeEndedRow>,
  seen: LedgerRow | undefined,
  numbersOf: (content: Content) => Found,
): End[] {
  const { scene, at: since } = found;
  const of = (state: EndState, more: Found): End[] => [
    { seen, row: (at) => makeRow({ scene, since, at, seen }, state, more) },
  ];
  if (found.to === 'restore' || found.to === 'leave' || found.to === 'retry') return [];
  if (found.to === 'fail')
    return [{ seen, row: (at) => makeRow.failed({ scene, since, at, seen }, found.state, found.failure) }];
  const { size, digest } = found.read;
  if (found.to === 'duplicate') return of('DUPLICATE', { size, digest, duplicateOf: found.owner });
  return of(isBlank(found.read) ? 'EMPTY' : 'DONE', { ...found.read, ...numbersOf(found.content) });
}

/** The end of a file while which was worked on alone executions have died. */
export function givenUp(scene: SceneRef, died: number, at: Date): Looked {
  const { name, message } = new BatchGivenUp(
    `${died} executions have died on its batch, the last ${MOST_DEATHS} while they worked on this file alone. It is tried by an execution of its own.`,
  );
  return { scene, at, to: 'fail', state: 'FAILED', failure: { name, message, step: BATCH_STEP } };
}
