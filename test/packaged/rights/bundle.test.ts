import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build } from 'esbuild';
import { plugins } from '../../../deployment/artifacts.ts';
import { actionsOf, readBundle } from './bundle.ts';

/** Commands as they are found in a bundle that is made as the service's are. */

async function bundled(contents: string, minify = true) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    minify,
    write: false,
    platform: 'node',
    format: 'cjs',
    plugins,
    mainFields: ['module', 'main'],
  });
  return readBundle(outputFiles[0]!.text);
}

test('of a client those commands are found that are in use, and the indexes that are named', async () => {
  const contents = `
    import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
    import { DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
    export const head = () => new S3Client().send(new HeadObjectCommand({}));
    export const query = () => DynamoDBDocumentClient.from({}).send(new QueryCommand({ IndexName: 'byDay' }));`;
  assert.deepEqual(await bundled(contents), { commands: ['HeadObject', 'Query'], indexes: ['byDay'] });
});

test('a client that can do everything holds every command', async () => {
  const { commands } = await bundled(
    "import { DynamoDBDocument } from '@aws-sdk/lib-dynamodb'; export const table = DynamoDBDocument.from({});",
  );
  assert.ok(commands.includes('Scan') && commands.includes('TransactWriteItems'), commands.join());
});

test('a command is named by its actions', () => {
  assert.deepEqual(actionsOf('HeadObject'), ['s3:GetObject', 's3:GetObjectVersion']);
  assert.deepEqual(actionsOf('BatchGetItem'), ['dynamodb:BatchGetItem']);
  assert.deepEqual(actionsOf('StartExecution'), ['states:StartExecution']);
  assert.deepEqual(actionsOf('PutMetricData'), ['cloudwatch:PutMetricData']);
});
