import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBResult, DuckDBType } from '@duckdb/node-api';
import { insteadOf } from '../../core/base/errors.ts';
import { assertReads, SqlMistake } from '../../core/tables/sqlMistake.ts';
import type { Cell, ColumnType, Rows, Table } from '../../core/tables/table.ts';
import { TABLES } from '../../core/tables/tables.ts';
import DUCKDB from './duckDbTypes.json' with { type: 'json' };

export type LocalTables = Awaited<ReturnType<typeof openLocalTables>>;

/** Runs DuckDB on the Parquet files of a data folder, a view for each table. Statements read only these, and change nothing. */
export async function openLocalTables(results: string) {
  const { DuckDBInstance } = await import('@duckdb/node-api').catch((cause) => {
    const { platform, arch } = process;
    throw new Error(
      `DuckDB does not run on this machine (${platform}, ${arch}). "swath sql --stage" asks Athena instead; the files are Parquet, under results/.`,
      { cause },
    );
  });
  const spill = await mkdtemp(join(tmpdir(), 'swath-sql-')); // for what is larger than the memory
  const instance = await DuckDBInstance.create(':memory:', { temp_directory: spill });
  const connection = await instance.connect();
  const folders = TABLES.map(({ name }) => join(results, name));
  const allowed = folders.flatMap((folder) => [folder, literally(folder)]); // a pattern is held against it as it is written
  const settings = [
    "SET TimeZone = 'UTC'",
    'SET integer_division = true', // whole numbers divide to a whole number, as in Athena
    'SET enable_geoparquet_conversion = false', // a geometry is WKB here, as it is to Athena
    `SET allowed_directories = [${allowed.map((folder) => quoted(`${folder}/`)).join(', ')}]`,
    "SET disabled_optimizers = 'window_self_join'", // which loses rows where files' columns differ; until DuckDB 2.0.1
    'SET autoinstall_known_extensions = false',
    'SET autoload_known_extensions = false',
    'SET enable_external_access = false',
    'SET lock_configuration = true',
  ];
  for (const setting of settings) await connection.run(setting);
  for (const [i, table] of TABLES.entries()) await makeView(connection, table, folders[i]!);

  return {
    /** Runs one statement that reads; throws `SqlMistake` if the statement is invalid. */
    query: async (sql: string): Promise<Rows> => {
      assertReads(sql);
      const { count } = await connection.extractStatements(sql).catch(asMistake(sql));
      if (count !== 1) throw new SqlMistake(`found ${count} statements, allowed is one.`);
      const result = await connection.stream(sql).catch(asMistake(sql));
      const types = result.columnTypes();
      const columns = result.deduplicatedColumnNames().map((name, i) => ({ name, type: typeOf(types[i]!) }));
      return { columns, rows: rowsOf(connection, result, sql) };
    },
    close: async () => {
      connection.closeSync();
      instance.closeSync();
      await rm(spill, { recursive: true, force: true });
    },
  };
}

/** A view of all files of a table, with all of its columns: a column that no file has is NULL. */
async function makeView(connection: DuckDBConnection, table: Table, folder: string): Promise<void> {
  const files = quoted(`${literally(folder)}/**/*.parquet`);
  const hive = table.partitions.map(({ name }) => `${named(name)}: VARCHAR`).join(', ');
  const read = `read_parquet(${files}, union_by_name = true, hive_partitioning = true, hive_types = {${hive}})`;
  const found = await readdir(folder, { recursive: true }).catch(() => []); // nothing has been written yet
  const hasFiles = found.some((name) => name.endsWith('.parquet'));
  const describe = async () => (await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${read}`)).getRows();
  const damaged = (error: Error) =>
    error.message.startsWith('Invalid Input Error')
      ? new Error(`${error.message.split('\n')[0]}. That file is damaged: remove it, or put it back from a copy.`)
      : error;
  const described = hasFiles ? await describe().catch(insteadOf(Error, damaged)) : [];
  const inFiles = new Set(described.map(([name]) => String(name)));
  const columns = [...table.columns, ...table.partitions.map(({ name }) => ({ name, type: 'STRING' as const }))];
  const held = (name: string) => (inFiles.has(name) ? named(name) : 'NULL');
  const asked = columns.map(({ name, type }) => `CAST(${held(name)} AS ${DUCKDB.ofColumns[type]}) AS ${named(name)}`);
  const from = inFiles.size > 0 ? `FROM ${read}` : 'WHERE false';
  await connection.run(`CREATE VIEW ${named(table.name)} AS SELECT ${asked.join(', ')} ${from}`);
}

async function* rowsOf(connection: DuckDBConnection, result: DuckDBResult, sql: string): AsyncGenerator<Cell[][]> {
  const types = result.columnTypes().map(String);
  for await (const rows of result.yieldRowsJs()) yield rows.map((row) => row.map((one, i) => cellOf(one, types[i]!)));
  // Where the rows ended early, only that it is no stream any longer tells, and the same query once more says why.
  if (result.isStreaming) return;
  await connection.run(`EXPLAIN ANALYZE\n${sql}`).catch(asMistake(sql, 1));
  throw new Error('DuckDB ended the query before its last row, and not when it was asked once more. Try again.');
}

const COLUMN_TYPES = DUCKDB.ofResults as Readonly<Record<string, ColumnType>>;

/** Values of other types, such as lists or days, are shown as text. */
function typeOf(type: DuckDBType): ColumnType {
  const name = String(type);
  return COLUMN_TYPES[name] ?? (name.startsWith('DECIMAL') ? 'DOUBLE' : 'STRING');
}

function cellOf(value: unknown, type: string): Cell {
  if (value === null || value === undefined) return null;
  if (type === 'TIME') return new Date(Number(value as bigint) / 1000).toISOString().slice(11, -1);
  if (type === 'DATE') return (value as Date).toISOString().slice(0, 10);
  const isCell = typeof value !== 'object' || value instanceof Date || value instanceof Uint8Array;
  if (!isCell) return JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? Number(inner) : inner));
  return !(type in COLUMN_TYPES) && !type.startsWith('DECIMAL') ? String(value) : (value as Cell);
}

const asMistake = (sql: string, linesBefore = 0) => insteadOf(Error, (error) => mistaken(error, sql, linesBefore));

/** Turns DuckDB's line with a caret below it into a position in words. */
function mistaken(cause: Error, sql: string, linesBefore: number): Error {
  const [, kind = '', message = cause.message] =
    /^(?:Failed to extract statements: )?([A-Z][\w ]*) Error: ([\s\S]*)$/.exec(cause.message) ?? [];
  if (kind === '' || ['IO', 'Out of Memory', 'INTERNAL', 'Internal'].includes(kind)) return cause;
  const [said = ''] = message.split(/\n+LINE \d+: /);
  if (said.startsWith('Cannot access'))
    return new SqlMistake(`SQL reaches the tables alone: ${said.replace(/ - .*/s, '')}.`, { cause });
  const [isWrite, verb = 'insert'] = /^Can only (\w+) .*base table|is not an? table$/.exec(said) ?? []; // after WITH: tables are views here
  if (isWrite) return new SqlMistake(`found ${verb.toUpperCase()}, allowed is a statement that reads.`, { cause });
  const sentence = said.replace(/\s*\n\s*/g, ' ').trim();
  return new SqlMistake(`${sentence}${placeOf(message, sql, linesBefore)}`, { cause });
}

function placeOf(message: string, sql: string, linesBefore: number): string {
  const [, told, shown, indent] = /\nLINE (\d+): (.*)\n( *)\^/.exec(message) ?? [];
  if (told === undefined) return '';
  const line = Number(told) - linesBefore;
  const column = indent!.length - `LINE ${told}: `.length + 1;
  const isWhole = sql.split('\n')[line - 1] === shown; // a long line is shown in part
  return isWhole ? ` (line ${line}, column ${column})` : ` (line ${line})`;
}

/** Escapes a path as a pattern that matches only itself. */
const literally = (path: string): string => path.replace(/[[*?]/g, '[$&]');
const named = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
