import { setTimeout as sleep } from 'node:timers/promises';
import * as data from '@aws-sdk/client-redshift-data';
import { insteadOf, TransientTrouble } from '../core/base/errors.ts';
import type { Invocation } from '../core/base/step.ts';
import { StatementFailed } from '../core/tables/redshift.ts';
import { SqlMistake } from '../core/tables/sqlMistake.ts';
import type { Rows } from '../core/tables/table.ts';
import { cellOf, typeOf } from './athena.ts';
import { patience } from './patience.ts';

const POLL_MILLISECONDS = 500;
/** Left of a call's time when it waits no longer. */
const SECONDS_LEFT = 10;

/** What a request of the Data API names, by the parameter redshift: its temporary credentials are those of the caller's role. */
export function placeOf(redshift: string) {
  const [, kind, name, Database = 'predictions'] = /^(\w+):([^/]+)(?:\/(.+))?$/.exec(redshift) ?? [];
  return { Database, ...(kind === 'cluster' ? { ClusterIdentifier: name } : { WorkgroupName: name }) };
}

/** A warehouse behind the ports of the function warehouse, by Redshift's Data API. */
export function warehouseAt(redshift: string, client = new data.RedshiftDataClient(patience), poll?: number) {
  const place = placeOf(redshift);
  return {
    run: async (Sqls: readonly string[], { remainingSeconds }: Pick<Invocation, 'remainingSeconds'>): Promise<void> => {
      assertTime(remainingSeconds);
      const { Id } = await client.send(new data.BatchExecuteStatementCommand({ ...place, Sqls: [...Sqls] }));
      // Where time is up, nobody knows whether it commits: what is loaded again replaces itself.
      await untilEnded(client, Id, () => assertTime(remainingSeconds), poll);
    },
    columnsOf: async (Table: string): Promise<string[]> => {
      const pages = data.paginateDescribeTable({ client }, { ...place, Schema: 'public', Table });
      return (await Array.fromAsync(pages)).flatMap(({ ColumnList = [] }) => ColumnList.map(({ name = '' }) => name));
    },
  };
}

function assertTime(remainingSeconds: () => number): void {
  if (remainingSeconds() < SECONDS_LEFT)
    throw new TransientTrouble('The time of this call does not suffice: its messages come again.');
}

/** Waits for a statement's end; `look` is called with each look at it. Throws `StatementFailed` with Redshift's message. */
export async function untilEnded(client: data.RedshiftDataClient, Id = '', look = () => {}, poll = POLL_MILLISECONDS) {
  for (;;) {
    const { Status, Error: why, HasResultSet = false } = await client.send(new data.DescribeStatementCommand({ Id }));
    if (Status === 'FINISHED') return HasResultSet;
    if (Status === 'FAILED' || Status === 'ABORTED') throw new StatementFailed(why ?? 'Redshift does not say why.');
    look();
    await sleep(poll);
  }
}

/** Runs a statement with the rights of the caller; rows come by pages. Throws `SqlMistake` with Redshift's message. */
export async function askRedshift(client: data.RedshiftDataClient, redshift: string, Sql: string): Promise<Rows> {
  const mistaken = insteadOf(['StatementFailed', 'ValidationException'], ({ message }) => new SqlMistake(message));
  const { Id } = await client.send(new data.ExecuteStatementCommand({ ...placeOf(redshift), Sql })).catch(mistaken);
  if (!(await untilEnded(client, Id).catch(mistaken))) return { columns: [], rows: (async function* () {})() };
  const pages = data.paginateGetStatementResult({ client }, { Id });
  let { value: page } = await pages.next();
  const found: data.ColumnMetadata[] = page?.ColumnMetadata ?? [];
  const columns = found.map(({ name = '', typeName = '' }) => ({ name, type: typeOf(typeName) }));
  const textOf = ({ isNull, ...field }: data.Field) => (isNull ? undefined : String(Object.values(field)[0]));
  async function* rows() {
    for (; page !== undefined; page = (await pages.next()).value)
      yield (page.Records ?? []).map((row: data.Field[]) => row.map((one, i) => cellOf(textOf(one), columns[i]!.type)));
  }
  return { columns, rows: rows() };
}
