import type { SettleShadowInput, SettleShadowResult } from '../../core/base/messages.ts';
import type { ReadPiece } from '../../core/base/objectStore.ts';
import type { Work } from '../../core/base/step.ts';
import { withoutCitations } from '../../core/base/text/cited.ts';
import { shadowedRows } from '../../core/batches/shadowedRows.ts';
import type { Ledger } from '../../core/ledger/contract.ts';
import { failed } from '../../core/ledger/runs.ts';
import { SHADOW_STEP, shadowRefOf, shadowRow } from '../../core/ledger/shadowRuns.ts';
import { readError, withModel } from './readError.ts';

export type SettleShadowPorts = {
  ledger: Pick<Ledger, 'endShadow' | 'rowsOf'>;
  readPiece: ReadPiece;
  now: () => Date;
};

/** Records a shadow's failure on its own row, or on those of a batch's files: without alarms or retries. */
export function makeSettleShadow(ports: SettleShadowPorts): Work<SettleShadowInput, SettleShadowResult> {
  return async ({ shadow, execution, error }, _invocation, log) => {
    const { name, message } = readError(error);
    const ended = ports.now();
    Object.assign(log, { step: SHADOW_STEP, name, message: withoutCitations(message), execution });
    const failure = withModel({ name, message, step: SHADOW_STEP }, shadow.model);
    const [rows, batch] =
      'batch' in shadow
        ? [(await shadowedRows(ports, shadow)).map((row) => shadowRefOf(row, shadow.model)), shadow.batch.id]
        : [[shadow], undefined];
    for (const one of rows) {
      const row = { ...shadowRow(one, { execution, began: ended, ended }), ...(batch !== undefined && { batch }) };
      await ports.ledger.endShadow({ ...row, state: 'FAILED', ...failed(row, failure, ended) });
    }
    log['runs'] = rows.length;
    return { status: 'noted' };
  };
}
