import { withoutCitations } from '../../core/cited.ts';
import { failed, type Ledger } from '../../core/ledger/ledger.ts';
import { shadowRow } from '../../core/ledger/shadowRow.ts';
import type { SettleShadowInput, SettleShadowResult } from '../../core/messages.ts';
import type { Work } from '../../core/step.ts';
import { readError, SHADOW_STEP, withModel } from './readError.ts';

export type SettleShadowPorts = { ledger: Pick<Ledger, 'endShadow'>; now: () => Date };

/** Notes on a shadow's own row that it has failed: nobody is told, and nobody tries it again. */
export function makeSettleShadow({ ledger, now }: SettleShadowPorts): Work<SettleShadowInput, SettleShadowResult> {
  return async ({ shadow, execution, error }, _invocation, log) => {
    const { name, message } = readError(error);
    const ended = now();
    const row = shadowRow(shadow, { execution, began: ended, ended });
    Object.assign(log, { step: SHADOW_STEP, run: row.run, name, message: withoutCitations(message), execution });
    const failure = withModel({ name, message, step: SHADOW_STEP }, shadow.model);
    await ledger.endShadow({ ...row, state: 'FAILED', ...failed(row, failure, ended) });
    return { status: 'noted' };
  };
}
