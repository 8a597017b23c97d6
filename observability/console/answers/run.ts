import type { LedgerRow } from '../../../functions/shared/ledgerRow.ts';
import { isUnassigned } from '../../../functions/shared/run.ts';
import type { Service } from '../../service.ts';
import { Refused } from '../answer.ts';
import type { Run } from '../api.ts';
import { packageOrNone } from './packageOrNone.ts';
import { progressOf } from './progress.ts';
import { runSummary } from './runSummary.ts';
import { numbersOfRun } from './windowNumbers.ts';

/** The whole story of one run. Throws `Refused` with 404 when the ledger does not know it. */
export async function runOf(service: Pick<Service, 'ledger' | 'models' | 'listResults'>, run: string): Promise<Run> {
  const row = await knownRun(service, run);
  const model = row.classes === undefined ? null : await packageOrNone(service.models, row.model);
  return {
    summary: runSummary(row, await progressOf(service.listResults, row)),
    row,
    numbers: model && numbersOfRun(model, row),
    wayOut: wayOut(row),
    canRetry: row.state === 'FAILED',
  };
}

/** A run's row. Throws `Refused` with 404 when there is none. */
export async function knownRun({ ledger }: Pick<Service, 'ledger'>, run: string): Promise<LedgerRow> {
  const row = await ledger.byRun(run);
  if (row === undefined) throw new Refused(404, `The ledger knows no run ${run}.`);
  return row;
}

/** What has to be done before another attempt can do better, by the error's name. */
const FIRST = new Map(
  Object.entries({
    DiskFull: 'Make room. ',
    ObjectNotFound:
      'Put what is missing where it is looked for: of a model package, publish it whole, or promote another version. ',
    InvalidModelPackage: 'Publish a mended package under a new version and promote it, or promote another one. ',
  }),
);

/** What to do about a run that did not end well. */
export function wayOut({ state, error, model, attempt, attemptLimit }: LedgerRow): string | null {
  if (state === 'INVALID') return 'This file can never work. Send a mended one: it is a run of its own.';
  if (state !== 'FAILED') return null;
  if (isUnassigned(model)) return 'Promote a version of the model: the next sweep then starts this file by itself.';
  if (error?.name === 'SceneFileChanged') return 'Nothing is to be done: what the file holds now is a run of its own.';
  const first = error === undefined ? '' : (FIRST.get(error.name) ?? '');
  return attempt < attemptLimit
    ? `${first}The next sweep tries it again by itself (attempt ${attempt + 1} of ${attemptLimit}); a retry does so now.`
    : `${first}Its ${attemptLimit === 1 ? 'attempt is' : `${attemptLimit} attempts are`} used up: see to the error, then retry it.`;
}
