import { setTimeout as sleep } from 'node:timers/promises';
import type { AthenaClient, GetQueryResultsCommandOutput, Row } from '@aws-sdk/client-athena';
import { GetQueryExecutionCommand, paginateGetQueryResults, StartQueryExecutionCommand } from '@aws-sdk/client-athena';
import { insteadOf } from '../core/base/errors.ts';
import { SqlMistake } from '../core/tables/sqlMistake.ts';
import type { Cell, ColumnType, Rows } from '../core/tables/table.ts';
import types from './columnTypes.json' with { type: 'json' };

export type QueryProgress = { state: string; scannedBytes: number };

type Asking = { tell?: (progress: QueryProgress) => void; pollMilliseconds?: number };

const POLL_MILLISECONDS = 500;

/** Runs a statement with Athena; rows come a thousand at a time. Throws `SqlMistake` with Athena's message. */
export async function askAthena(
  client: AthenaClient,
  { database, workGroup }: { database: string; workGroup: string },
  sql: string,
  { tell = () => {}, pollMilliseconds = POLL_MILLISECONDS }: Asking = {},
): Promise<Rows> {
  const asked = { QueryString: sql, WorkGroup: workGroup, QueryExecutionContext: { Database: database } };
  const mistaken = insteadOf('InvalidRequestException', (cause) => new SqlMistake(cause.message, { cause }));
  const { QueryExecutionId } = await client.send(new StartQueryExecutionCommand(asked)).catch(mistaken);
  for (;;) {
    const { QueryExecution } = await client.send(new GetQueryExecutionCommand({ QueryExecutionId }));
    const { Status, Statistics } = QueryExecution ?? {};
    const { State = 'QUEUED', StateChangeReason = 'Athena does not say why.' } = Status ?? {};
    if (State === 'SUCCEEDED') break;
    if (State === 'FAILED' || State === 'CANCELLED') throw ended(State, StateChangeReason);
    tell({ state: State, scannedBytes: Statistics?.DataScannedInBytes ?? 0 });
    await sleep(pollMilliseconds);
  }
  const pages = paginateGetQueryResults({ client }, { QueryExecutionId });
  const first = await pages.next();
  const { ColumnInfo = [] } = first.value?.ResultSet?.ResultSetMetadata ?? {};
  const columns = ColumnInfo.map(({ Name = '', Type = '' }) => ({ name: Name, type: typeOf(Type) }));
  return { columns, rows: rowsOf(first.value, pages, columns) };
}

function ended(state: string, reason: string): Error {
  if (/Bytes scanned limit/i.test(reason))
    return new SqlMistake(
      `the query read more bytes than this stage allows (${reason}). Ask for fewer columns or days, such as by WHERE "date" >= '2026-05-01', or deploy with a larger sqlBytesLimit.`,
    );
  return state === 'CANCELLED' ? new Error(`the query was cancelled: ${reason}`) : new SqlMistake(reason);
}

type Column = Rows['columns'][number];

/** Of Athena and, as PostgreSQL has them, of Redshift. What is none of ours is told as the text that they tell. */
const COLUMN_TYPES = types as Readonly<Record<string, ColumnType>>;
export const typeOf = (name: string): ColumnType => COLUMN_TYPES[name] ?? 'STRING';

type Page = Pick<GetQueryResultsCommandOutput, 'ResultSet'> | undefined;

/** The first row of the first page is the head; SHOW and DESCRIBE have none. */
async function* rowsOf(first: Page, others: AsyncIterable<Page>, columns: readonly Column[]): AsyncGenerator<Cell[][]> {
  const [head, ...rest] = first?.ResultSet?.Rows ?? [];
  const isHead = head?.Data?.every(({ VarCharValue }, i) => VarCharValue === columns[i]?.name) ?? false;
  yield cellsOf(isHead || head === undefined ? rest : [head, ...rest], columns);
  for await (const page of others) yield cellsOf(page?.ResultSet?.Rows ?? [], columns);
}

const cellsOf = (rows: readonly Row[], columns: readonly Column[]): Cell[][] =>
  rows.map(({ Data = [] }) => columns.map(({ type }, i) => cellOf(Data[i]?.VarCharValue, type)));

/** NULL has no value at all, where a text of nothing has one. */
export function cellOf(text: string | undefined, type: ColumnType): Cell {
  if (text === undefined) return null;
  if (type === 'INT32' || type === 'FLOAT' || type === 'DOUBLE') return Number(text);
  if (type === 'INT64') return BigInt(text);
  if (type === 'BOOLEAN') return text === 'true';
  if (type === 'TIMESTAMP') return new Date(`${text.replace(' ', 'T')}Z`);
  return type === 'BYTE_ARRAY' ? Buffer.from(text.replaceAll(' ', ''), 'hex') : text;
}
