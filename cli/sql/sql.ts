import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { insteadOf } from '../../core/base/errors.ts';
import { csvOf } from '../../core/tables/csv.ts';
import { jsonLinesOf } from '../../core/tables/jsonLines.ts';
import { parquetOf } from '../../core/tables/parquet.ts';
import { type Cell, type Rows, type Table, type TableColumn, textOf } from '../../core/tables/table.ts';
import { TABLES } from '../../core/tables/tables.ts';
import { openDataFolder } from '../../local/stack/dataFolder.ts';
import { type LocalTables, openLocalTables } from '../../local/tables/localTables.ts';
import { assertDataFolder } from '../service/ledger.ts';
import { commandFor, pathFromHere, quoted, type Where } from '../service/where.ts';
import { bold, dim, pairs, printable, refused, table, WrongUse } from '../terminal/output.ts';
import WORDS from './typeWords.json' with { type: 'json' };

type Options = Where & { csv?: boolean; parquet?: string; engine?: string };

/** `swath sql`: queries the tables of the embedded stack or a stage; without a statement, lists them. */
export async function sql(statement: string | undefined, options: Options): Promise<void> {
  const asked = Object.entries({ '--csv': options.csv, '--json': options.json, '--parquet': options.parquet });
  const given = asked.filter(([, is]) => is).map(([name]) => name);
  if (given.length > 1) throw new WrongUse(`found ${given.join(' and ')}, allowed is one of them.`);
  if (statement === undefined && given.length > 0)
    throw new WrongUse(`${given[0]}: found no statement, allowed with one only.`);
  if (statement === undefined) return console.log(listing(options));
  assertDataFolder(options);
  const tables = await openTables(options);
  try {
    const rows = await tables.query(statement);
    if (options.parquet !== undefined) await writeParquet(rows, options.parquet);
    else if (options.csv) await print(csvOf(rows));
    else if (options.json) await print(jsonLinesOf(rows));
    else await show(rows);
  } finally {
    await tables.close();
  }
}

async function openTables(where: Options): Promise<LocalTables> {
  if (where.stage !== undefined)
    return (await import('../service/stageTables.ts')).openStageTables(where.stage, where, where.engine);
  if (where.engine !== undefined)
    throw refused('--engine', where.engine, 'with --stage only: DuckDB answers on a laptop');
  if (where.region !== undefined || where.profile !== undefined)
    throw new WrongUse('--region and --profile need --stage: name the stage as well.');
  return openLocalTables(openDataFolder(where.dataDir).results);
}

/** Writes as fast as the reader takes it; one that has gone, such as `head`, ends the process: see cli/main.ts. */
async function print(texts: AsyncIterable<string>): Promise<void> {
  const { stdout } = process;
  for await (const text of texts) if (!stdout.write(stdout.isTTY ? linesOf(text) : text)) await once(stdout, 'drain');
}

/** Escapes control characters, which a terminal would obey. */
const linesOf = (text: string): string =>
  text
    .split(/(?<=\n)/)
    .map((line) => `${printable(line.replace(/\r?\n$/, ''))}\n`)
    .join('');

/** The file appears when it is complete. */
async function writeParquet(rows: Rows, path: string): Promise<void> {
  const whole = resolve(path);
  if (statSync(whole, { throwIfNoEntry: false })?.isFile() === false) throw noFile(path); // it would take a device's place
  const aside = join(dirname(whole), `.${basename(whole)}.${randomUUID()}.tmp`);
  let count = 0;
  async function* counted() {
    for await (const some of rows.rows) {
      count += some.length;
      yield some;
    }
  }
  try {
    const noFolder = insteadOf(['ENOENT', 'ENOTDIR', 'EISDIR'], () => noFile(path));
    await writeFile(aside, parquetOf({ ...rows, rows: counted() }), { flag: 'wx' }).catch(noFolder);
    await rename(aside, whole).catch(noFolder);
  } finally {
    await rm(aside, { force: true }); // it is there only where it has failed
  }
  console.log(`${printable(pathFromHere(whole))}: ${count.toLocaleString('en')} ${count === 1 ? 'row' : 'rows'}.`);
}

const noFile = (path: string): WrongUse => refused('--parquet', path, 'is a file in a folder that is there');

const SHOWN = 100;

async function show({ columns, rows }: Rows): Promise<void> {
  const shown: (readonly Cell[])[] = [];
  for await (const some of rows) {
    shown.push(...some.slice(0, SHOWN + 1 - shown.length));
    if (shown.length > SHOWN) break;
  }
  const lines = shown.slice(0, SHOWN).map((row) => row.map((cell) => (cell === null ? dim('–') : told(cell))));
  const head = columns.map(({ name }) => printable(name));
  const alignment = columns.map(({ type }) => (/^(INT32|INT64|FLOAT|DOUBLE)$/.test(type) ? 'r' : 'l')).join('');
  console.log(table(head, lines, alignment));
  if (shown.length > SHOWN) console.log(dim(`\nThe first ${SHOWN} rows. All of them: --csv, --json or --parquet FILE`));
  else if (lines.length === 0) console.log(dim('No rows.'));
}

/** 32-bit floats have seven significant digits. */
const told = (cell: Exclude<Cell, null>): string =>
  typeof cell === 'number' && !Number.isInteger(cell) ? String(Number(cell.toPrecision(7))) : printable(textOf(cell));

/** Example queries; docs/sql.md has more. */
export const FIRST_QUERIES: readonly string[] = [
  'SELECT class, count(*) AS chips FROM predictions GROUP BY class ORDER BY chips DESC',
  'SELECT scene, "index", class, probability FROM predictions ORDER BY probability LIMIT 10',
  `SELECT "date", state, count(*) AS files FROM runs GROUP BY "date", state ORDER BY "date", state`,
];

function listing(where: Partial<Where>): string {
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
