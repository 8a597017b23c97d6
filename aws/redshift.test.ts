import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { TransientTrouble } from '../core/base/errors.ts';
import { StatementFailed } from '../core/tables/redshift.ts';
import { SqlMistake } from '../core/tables/sqlMistake.ts';
import { askRedshift, placeOf, warehouseAt } from './redshift.ts';

type Answer = Record<string, unknown>;

/** A client whose requests end here, each at the next answer of its command. */
function redshift(answers: Record<string, Answer[]>) {
  const asked: { command: string; input: unknown }[] = [];
  const client = new RedshiftDataClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  client.middlewareStack.add(
    (_next, { commandName = '' }) =>
      async ({ input }) => {
        const command = commandName.replace('Command', '');
        asked.push({ command, input });
        return { response: {}, output: { $metadata: {}, ...(answers[command]!.shift() as object) } };
      },
    { step: 'initialize', priority: 'low' },
  );
  return { client, asked };
}

const running = { remainingSeconds: () => 100 };

describe("Redshift's Data API", () => {
  for (const [parameter, place] of [
    ['workgroup:analytics', { WorkgroupName: 'analytics', Database: 'predictions' }],
    ['cluster:warehouse-1/earth', { ClusterIdentifier: 'warehouse-1', Database: 'earth' }],
  ] as const)
    test(`is asked for ${parameter}`, () => assert.deepEqual(placeOf(parameter), place));

  test('runs statements as one transaction, and waits for its end', async () => {
    const { client, asked } = redshift({
      BatchExecuteStatement: [{ Id: 's' }],
      DescribeStatement: [{ Status: 'PICKED' }, { Status: 'STARTED' }, { Status: 'FINISHED' }],
    });
    await warehouseAt('workgroup:analytics', client, 1).run(['SELECT 1', 'SELECT 2'], running);
    assert.deepEqual(asked[0]?.input, {
      WorkgroupName: 'analytics',
      Database: 'predictions',
      Sqls: ['SELECT 1', 'SELECT 2'],
    });
    assert.equal(asked.length, 4);
  });

  test('says why a transaction was rolled back', async () => {
    const why = 'ERROR: 1023 Serializable isolation violation on table';
    const { client } = redshift({
      BatchExecuteStatement: [{ Id: 's' }],
      DescribeStatement: [{ Status: 'FAILED', Error: why }],
    });
    await assert.rejects(
      warehouseAt('workgroup:analytics', client, 1).run(['SELECT 1'], running),
      (error) => error instanceof StatementFailed && error.message === why,
    );
  });

  test('waits no longer than the call has time, and begins nothing then', async () => {
    const { client, asked } = redshift({
      BatchExecuteStatement: [{ Id: 's' }],
      DescribeStatement: [{ Status: 'STARTED' }, { Status: 'STARTED' }],
    });
    const left = [100, 50, 5, 5];
    const { run } = warehouseAt('workgroup:analytics', client, 1);
    const remainingSeconds = () => left.shift() ?? 0;
    await assert.rejects(run(['SELECT 1'], { remainingSeconds }), TransientTrouble);
    await assert.rejects(run(['SELECT 1'], { remainingSeconds }), TransientTrouble);
    assert.equal(asked.filter(({ command }) => command === 'BatchExecuteStatement').length, 1);
  });

  test('knows the columns of a table, on all pages', async () => {
    const { client } = redshift({
      DescribeTable: [{ ColumnList: [{ name: 'run' }], NextToken: 'more' }, { ColumnList: [{ name: 'index' }] }],
    });
    assert.deepEqual(await warehouseAt('cluster:c', client).columnsOf('prediction_results'), ['run', 'index']);
  });

  test('answers a question by pages, with types and NULL', async () => {
    const names = ['varchar', 'int4', 'int8', 'float8', 'numeric', 'bool', 'timestamp'];
    const { client, asked } = redshift({
      ExecuteStatement: [{ Id: 's' }],
      DescribeStatement: [{ Status: 'FINISHED', HasResultSet: true }],
      GetStatementResult: [
        {
          ColumnMetadata: names.map((typeName) => ({ name: `a_${typeName}`, typeName })),
          Records: [
            [
              ...[{ stringValue: 'a' }, { longValue: 1 }, { longValue: 2 ** 40 }, { doubleValue: 0.5 }],
              ...[{ stringValue: '1.25' }, { booleanValue: false }, { stringValue: '2026-05-03 10:00:00.25' }],
            ],
          ],
          NextToken: 'more',
        },
        { Records: [names.map(() => ({ isNull: true }))] },
      ],
    });
    const { columns, rows } = await askRedshift(client, 'cluster:c/earth', 'SELECT 1');
    const types = ['STRING', 'INT32', 'INT64', 'DOUBLE', 'DOUBLE', 'BOOLEAN', 'TIMESTAMP'];
    assert.deepEqual(
      columns.map(({ type }) => type),
      types,
    );
    const found = await Array.fromAsync(rows);
    const at = new Date('2026-05-03T10:00:00.250Z');
    assert.deepEqual(found.flat(), [['a', 1, 2n ** 40n, 0.5, 1.25, false, at], names.map(() => null)]);
    assert.deepEqual(asked[0]?.input, { ClusterIdentifier: 'c', Database: 'earth', Sql: 'SELECT 1' });
  });

  test('explains a mistake in SQL', async () => {
    const { client } = redshift({
      ExecuteStatement: [{ Id: 's' }],
      DescribeStatement: [{ Status: 'FAILED', Error: 'ERROR: column "x" does not exist in prediction_results' }],
    });
    await assert.rejects(
      askRedshift(client, 'workgroup:w', 'SELECT x FROM prediction_results'),
      (error) => error instanceof SqlMistake && /column "x" does not exist/.test(error.message),
    );
  });
});
