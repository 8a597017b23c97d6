import type { Service } from '../../console/service.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { STATES } from '../../core/ledger/states.ts';
import { commandFor, type Where } from '../service/where.ts';
import { WrongUse } from '../terminal/output.ts';

/** How many of the newest runs of each state are searched for the beginning of an id. */
const LOOKED_AT = 1000;
const TOLD = 5;

/** Finds a run by how its id begins, or a shadow's by all of it. Throws `WrongUse` if there is none, or more than one. */
export async function runNamed({ ledger }: Pick<Service, 'ledger'>, name: string, where: Where): Promise<LedgerRow> {
  const row = (await ledger.byRun(name)) ?? (await ledger.shadowByRun(name));
  if (row !== undefined) return row;
  const none = (which: string) =>
    new WrongUse(`the ledger knows no run ${which}. "${commandFor(where, 'runs')}" lists the runs.`);
  if (!/^[0-9a-f]{4,31}$/.test(name)) throw none(JSON.stringify(name));
  const pages = await Promise.all(STATES.map((state) => ledger.byState(state, { limit: LOOKED_AT })));
  const rows = pages.flatMap((page) => page.rows).filter(({ run }) => run.startsWith(name));
  const [only, ...others] = rows;
  if (only !== undefined && others.length === 0) return only;
  if (only === undefined) throw none(`that begins with "${name}" among the newest ${LOOKED_AT} of each state`);
  const told = rows.slice(0, TOLD).map(({ run, scene }) => `${run} of ${scene.key}`);
  const more = rows.length > TOLD ? `, and ${rows.length - TOLD} more` : '';
  throw new WrongUse(`${rows.length} runs begin with "${name}": ${told.join(', ')}${more}. Name more of its letters.`);
}
