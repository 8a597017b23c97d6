import { setTimeout as sleep } from 'node:timers/promises';
import * as data from '@aws-sdk/client-redshift-data';
import { TransientTrouble } from '../core/base/errors.ts';
import type { Invocation } from '../core/base/step.ts';
import { StatementFailed } from '../core/tables/redshift.ts';
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
export function warehouseAt(
  redshift: string,
  client = new data.RedshiftDataClient(patience),
  poll = POLL_MILLISECONDS,
) {
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
    const { Status, Error: why } = await client.send(new data.DescribeStatementCommand({ Id }));
    if (Status === 'FINISHED') return;
    if (Status === 'FAILED' || Status === 'ABORTED') throw new StatementFailed(why ?? 'Redshift does not say why.');
    look();
    await sleep(poll);
  }
}
