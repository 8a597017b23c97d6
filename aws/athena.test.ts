import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AthenaClient } from '@aws-sdk/client-athena';
import { SqlMistake } from '../core/tables/sqlMistake.ts';
import type { Cell } from '../core/tables/table.ts';
import { askAthena, type QueryProgress } from './athena.ts';

const PLACE = { database: 'swath_dev', workGroup: 'swath-dev' };

type Execution = { State: string; StateChangeReason?: string; scanned?: number };
type Asked = { operation: string; input: Record<string, unknown> };

/** A client whose requests end here; each look at the query finds the next state. */
function athena(states: Execution[], pages: unknown[] = [], startError?: Error) {
  const asked: Asked[] = [];
  const client = new AthenaClient({ region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
  client.middlewareStack.add(
    (_next, { commandName = '' }) =>
      async ({ input }) => {
        asked.push({ operation: commandName, input: input as Record<string, unknown> });
        const output = answer(commandName);
        return { response: {}, output: { $metadata: {}, ...(output as object) } };
      },
    { step: 'initialize', priority: 'low' },
  );
  function answer(command: string): unknown {
    if (command === 'StartQueryExecutionCommand') {
      if (startError !== undefined) throw startError;
      return { QueryExecutionId: 'q-1' };
    }
    if (command === 'GetQueryResultsCommand') return pages.shift();
    const { scanned, ...Status } = states.length > 1 ? states.shift()! : states[0]!;
    return { QueryExecution: { Status, Statistics: { DataScannedInBytes: scanned } } };
  }
  return { client, asked };
}

const cells = (...texts: (string | undefined)[]) => ({ Data: texts.map((VarCharValue) => ({ VarCharValue })) });
const meta = (...columns: [string, string][]) => ({
  ResultSetMetadata: { ColumnInfo: columns.map(([Name, Type]) => ({ Name, Type })) },
});

describe('Athena', () => {
  test("is asked in the stage's workgroup, and its pages are rows with their types", async () => {
    const columns = meta(
      ...([
        ['class', 'varchar'],
        ['n', 'integer'],
        ['big', 'bigint'],
        ['x', 'double'],
        ['is', 'boolean'],
      ] as [string, string][]),
      ...([
        ['at', 'timestamp'],
        ['bytes', 'varbinary'],
        ['list', 'array'],
      ] as [string, string][]),
    );
    const pages = [
      {
        NextToken: 'more',
        ResultSet: {
          ...columns,
          Rows: [
            cells('class', 'n', 'big', 'x', 'is', 'at', 'bytes', 'list'),
            cells('a', '1', '1152921504606846976', '0.5', 'true', '2026-05-03 10:00:00.250', '01 ff', '[1, 2]'),
          ],
        },
      },
      { ResultSet: { ...columns, Rows: [cells('', ...new Array(7).fill(undefined))] } },
    ];
    const { client, asked } = athena([{ State: 'SUCCEEDED' }], pages);
    const { columns: told, rows } = await askAthena(client, PLACE, 'SELECT 1');
    const found: (readonly Cell[])[] = [];
    for await (const some of rows) found.push(...some);
    assert.deepEqual(
      told.map(({ type }) => type),
      ['STRING', 'INT32', 'INT64', 'DOUBLE', 'BOOLEAN', 'TIMESTAMP', 'BYTE_ARRAY', 'STRING'],
    );
    const at = new Date('2026-05-03T10:00:00.250Z');
    assert.deepEqual(found, [
      ['a', 1, 2n ** 60n, 0.5, true, at, Buffer.from([1, 255]), '[1, 2]'],
      ['', null, null, null, null, null, null, null],
    ]);
    assert.deepEqual(asked[0]?.input, {
      QueryString: 'SELECT 1',
      WorkGroup: 'swath-dev',
      QueryExecutionContext: { Database: 'swath_dev' },
    });
  });

  test('reports the progress of a query', async () => {
    const told: QueryProgress[] = [];
    const { client } = athena(
      [{ State: 'QUEUED' }, { State: 'RUNNING', scanned: 5 }, { State: 'SUCCEEDED' }],
      [{ ResultSet: meta(['a', 'varchar']) }],
    );
    await askAthena(client, PLACE, 'SELECT 1', { tell: (one) => told.push(one), pollMilliseconds: 1 });
    assert.deepEqual(told, [
      { state: 'QUEUED', scannedBytes: 0 },
      { state: 'RUNNING', scannedBytes: 5 },
    ]);
  });

  for (const [what, state, says] of [
    [
      'a mistake',
      { State: 'FAILED', StateChangeReason: "COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved" },
      /^COLUMN_NOT_FOUND: line 1:8/,
    ],
    [
      'too many bytes',
      { State: 'CANCELLED', StateChangeReason: 'Bytes scanned limit was exceeded' },
      /more bytes than this stage allows .* sqlBytesLimit\.$/,
    ],
  ] as const)
    test(`explains the error: ${what}`, async () => {
      const { client } = athena([state]);
      await assert.rejects(
        askAthena(client, PLACE, 'SELECT x'),
        (error: Error) => error instanceof SqlMistake && says.test(error.message),
      );
    });

  test('says so at once where it cannot even begin', async () => {
    const refused = Object.assign(new Error("mismatched input 'SELCT'"), { name: 'InvalidRequestException' });
    const { client } = athena([], [], refused);
    await assert.rejects(askAthena(client, PLACE, 'SELCT'), (error) => error instanceof SqlMistake);
  });

  test('a statement that a user cancels is not reported as wrong', async () => {
    const { client } = athena([{ State: 'CANCELLED', StateChangeReason: 'Query was cancelled' }]);
    await assert.rejects(askAthena(client, PLACE, 'SELECT 1'), /^Error: the query was cancelled: Query was cancelled$/);
  });
});
