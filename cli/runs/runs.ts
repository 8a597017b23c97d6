import { jsonLine } from '../../core/base/text/jsonLine.ts';
import { doorOf } from '../../core/ledger/doorOf.ts';
import { newestInStates } from '../../core/ledger/ledgerQueries.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { STATES } from '../../core/ledger/states.ts';
import { type Where, withService } from '../service/ledger.ts';
import { coloured, dim, printable, refused, table, timeOf } from '../terminal/output.ts';
import { number, toLedgerJson } from './report.ts';

type Options = Where & { state?: string; since?: string; limit: number; shadows?: boolean };

export async function runs({ state, since, limit, shadows = false, ...where }: Options): Promise<void> {
  const asked = state?.toUpperCase();
  const states = STATES.filter((one) => asked === undefined || one === asked);
  if (states.length === 0) throw refused('--state', state, `is one of ${STATES.join(', ')}`);
  const from = since === undefined ? {} : { since: timeOf('--since', since) };
  await withService(where, async ({ ledger, results }) => {
    const rows = await newestInStates(ledger, states, { limit, ofShadows: shadows, ...from });
    if (where.json === true) for (const row of rows) console.log(jsonLine(toLedgerJson(row, results)));
    else console.log(rows.length === 0 ? 'No runs.' : listed(rows));
    if (where.json !== true && rows.length === limit)
      console.log(dim(`\nThe newest ${limit}. There may be more: --limit ${10 * limit}`));
  });
}

function listed(rows: LedgerRow[]): string {
  const isDated = rows.some(({ acquired }) => acquired?.at);
  const head = ['run', 'changed', 'state', 'chips', 'model', 'door', 'file', 'verdict'];
  if (isDated) head.push('acquired');
  const lines = rows.map((row) => [
    row.run,
    row.changed.replace(/\.\d+Z$/, 'Z'),
    coloured(row.state),
    number(row.chips),
    `${printable(row.model.name)} ${printable(row.model.version)}${row.shadow === true ? dim(' (shadow)') : ''}`,
    doorOf(row.scene),
    printable(row.scene.key),
    row.error ? printable(row.error.name) : row.drift ? coloured(row.drift.verdict) : '–',
    ...(isDated ? [row.acquired?.at?.slice(0, 10) ?? '–'] : []),
  ]);
  return table(head, lines, 'lllr');
}
