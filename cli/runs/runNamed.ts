import type { Service } from '../../console/service.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { isBeginning, LOOKED_AT, runsNamed } from '../../core/ledger/runsNamed.ts';
import { commandFor, type Where } from '../service/where.ts';
import { WrongUse } from '../terminal/output.ts';

const TOLD = 5;

/** Finds a run by how its id begins, or a shadow's by all of it. Throws `WrongUse` if there is none, or more than one. */
export async function runNamed({ ledger }: Pick<Service, 'ledger'>, name: string, where: Where): Promise<LedgerRow> {
  const rows = await runsNamed(ledger, name);
  const [only, ...others] = rows;
  if (only !== undefined && others.length === 0) return only;
  if (only === undefined) {
    const newest = `that begins with "${name}" among the newest ${LOOKED_AT} of each state`;
    const which = isBeginning(name) ? newest : JSON.stringify(name);
    throw new WrongUse(`the ledger knows no run ${which}. "${commandFor(where, 'runs')}" lists the runs.`);
  }
  const told = rows.slice(0, TOLD).map(({ run, scene }) => `${run} of ${scene.key}`);
  const more = rows.length > TOLD ? `, and ${rows.length - TOLD} more` : '';
  throw new WrongUse(`${rows.length} runs begin with "${name}": ${told.join(', ')}${more}. Name more of its letters.`);
}
