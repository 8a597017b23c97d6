import type { Table, TableColumn } from '../../core/tables/table.ts';
import { TABLES } from '../../core/tables/tables.ts';
import { commandFor, quoted, type Where } from '../service/where.ts';
import { bold, dim, pairs } from '../terminal/output.ts';
import WORDS from './typeWords.json' with { type: 'json' };

/** Example queries; docs/sql.md has more. */
export const FIRST_QUERIES: readonly string[] = [
  'SELECT class, count(*) AS chips FROM predictions GROUP BY class ORDER BY chips DESC',
  'SELECT scene, "index", class, probability FROM predictions ORDER BY probability LIMIT 10',
  `SELECT "date", state, count(*) AS files FROM runs GROUP BY "date", state ORDER BY "date", state`,
];

export function listing(where: Partial<Where>): string {
  const queries = FIRST_QUERIES.map((query) => `  ${commandFor(where, `sql ${quoted(query)}`)}`).join('\n');
  return [...TABLES.map(tableText), `${bold('to begin with')}\n${queries}`, dim('More: docs/sql.md')].join('\n\n');
}

function tableText({ name, says, columns, partitions }: Table): string {
  const lines = [
    ...partitions.map((of): [string, string] => [asWritten(of.name), `text  ${of.says}`]),
    ...folded(columns).map((of): [string, string] => [asWritten(of.name), `${WORDS[of.type]}  ${of.says}`]),
  ];
  return `${bold(name)}  ${says}\n${pairs(lines)}`;
}

/** Folds columns of the same kind, such as one for each class, into one line. */
function folded(columns: readonly TableColumn[]): TableColumn[] {
  const last = new Map(columns.map((of) => [familyOf(of.name), of.name]));
  return columns.flatMap((of) => {
    const family = familyOf(of.name);
    if (family === undefined) return [of];
    if (of.name !== `${family}_0`) return [];
    const says = of.says.replace(/ 0$/, ' of that value');
    return [{ ...of, name: `${of.name} … ${last.get(family)}`, says: `${says}; ${family}_minus_1 of -1` }];
  });
}

const familyOf = (name: string): string | undefined => /^(p|share)_(minus_)?\d+$/.exec(name)?.[1];

/** Quotes columns whose names are SQL keywords. */
const QUOTED = ['date', 'index', 'offset', 'window'];
const asWritten = (name: string): string => (QUOTED.includes(name) ? `"${name}"` : name);
