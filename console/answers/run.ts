import { isUnassigned } from '../../core/base/run.ts';
import { limitsOf } from '../../core/drift/window.ts';
import { adviceOnInvalid } from '../../core/ledger/doorOf.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { toldViolations } from '../../core/measures/bands/toldViolations.ts';
import { measuresOfRow } from '../../core/measures/registry.ts';
import { adviceOn } from '../../observability/errorAdvice.ts';
import type { Run } from '../api.ts';
import type { Service } from '../service.ts';
import { knownRun } from './knownRun.ts';
import { packageOrNone } from './packageOrNone.ts';
import { resultFilesOf } from './resultFiles.ts';
import { summaryOf } from './runSummary.ts';
import { numbersOfRun } from './windowNumbers.ts';

/** Everything about one run. Throws `Refused` with 404 if the ledger does not have it. */
export async function runOf(
  service: Pick<Service, 'ledger' | 'models' | 'listResults' | 'parameters'>,
  run: string,
): Promise<Run> {
  const row = await knownRun(service, run);
  const isShadow = row.shadow === true;
  const [model, shadows] = await Promise.all([
    row.summary === undefined ? null : packageOrNone(service.models, row.model),
    isShadow ? [] : service.ledger.shadowsOf(row.scene),
  ]);
  return {
    summary: await summaryOf(service.listResults, row),
    row,
    numbers: model && numbersOfRun(model, row, limitsOf(service.parameters)),
    violations: model === null ? [] : toldViolations(measuresOfRow(row), model),
    nextSteps: isShadow ? null : nextSteps(row),
    canRetry: row.state === 'FAILED' && !isShadow,
    shadows: shadows
      .filter(({ model: { name } }) => name === row.model.name)
      .map(({ run: id, model: { version }, state }) => ({ run: id, version, state })),
    files: await resultFilesOf(row, service.listResults),
  };
}

/** What to do about a run that did not end well. */
export function nextSteps({ scene, state, error, model, attempt, attemptLimit }: LedgerRow): string | null {
  if (state === 'INVALID') return adviceOnInvalid(scene);
  if (state !== 'FAILED') return null;
  const advice = adviceOn(isUnassigned(model) ? 'NoModelPromoted' : error?.name);
  if (isUnassigned(model) || advice.isOver === true) return advice.first;
  const first = advice.first === '' ? '' : `${advice.first} `;
  return attempt < attemptLimit
    ? `${first}The next sweep retries it (attempt ${attempt + 1} of ${attemptLimit}); a retry does so now.`
    : `${first}Its ${attemptLimit === 1 ? 'attempt is' : `${attemptLimit} attempts are`} used up, so no sweep retries it: fix the cause, then retry it.`;
}
