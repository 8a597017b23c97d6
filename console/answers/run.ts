import { limitsOf } from '../../core/drift/window.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { toldViolations } from '../../core/measures/bands/toldViolations.ts';
import { measuresOfRow } from '../../core/measures/registry.ts';
import { noneIfUnusable } from '../../core/releases/models.ts';
import { adviceOnRun } from '../../observability/errorAdvice.ts';
import type { Run } from '../api.ts';
import type { Service } from '../service.ts';
import { accuracyOfRun, numbersOfRun } from './drift.ts';
import { knownRun } from './knownRun.ts';
import { resultFilesOf } from './resultFiles.ts';
import { summaryOf } from './runSummary.ts';

/** The runs of a run's shadows, of the same model; a shadow has none. */
export const shadowsOf = async ({ ledger }: Pick<Service, 'ledger'>, { scene, model, shadow }: LedgerRow) =>
  shadow === true ? [] : (await ledger.shadowsOf(scene)).filter((row) => row.model.name === model.name);

/** Everything about one run. Throws `Refused` with 404 if the ledger does not have it. */
export async function runOf(service: Pick<Service, 'ledger' | 'models' | 'listResults' | 'parameters'>, run: string) {
  const row = await knownRun(service, run);
  const isShadow = row.shadow === true;
  const [model, shadows] = await Promise.all([
    row.summary === undefined ? null : service.models.load(row.model).catch(noneIfUnusable),
    shadowsOf(service, row),
  ]);
  return {
    summary: await summaryOf(service.listResults, row),
    row,
    numbers: model && numbersOfRun(model, row, limitsOf(service.parameters)),
    accuracy: accuracyOfRun(model, row),
    violations: model === null ? [] : toldViolations(measuresOfRow(row), model),
    nextSteps: isShadow ? null : (adviceOnRun(row)?.says ?? null),
    canRetry: row.state === 'FAILED' && !isShadow,
    shadows: shadows.map(({ run: id, model: { version }, state }) => ({ run: id, version, state })),
    files: await resultFilesOf(row, service.listResults),
  } satisfies Run;
}
