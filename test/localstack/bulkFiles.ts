import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, paginateListExecutions } from '@aws-sdk/client-sfn';
import { listScenesIn, readPieceFrom, readVersionFrom, replaceVersionIn } from '../../aws/bucket.ts';
import { inboxPrefixOf } from '../../cli/service/stack.ts';
import { predictionsKey } from '../../core/base/keys.ts';
import type { SceneRef, sceneInput } from '../../core/base/messages.ts';
import { readPredictions } from '../predictions.ts';
import { sceneOf } from '../scenes.ts';
import { makeWitness } from '../witness.ts';
import type { At, Here } from './here.ts';

const EVENT_SECONDS = 30;
type Event = ReturnType<typeof sceneInput> & { id: string };

/** What S3, EventBridge and Step Functions themselves make of bulk files; what becomes of the files, the suite asks. */
export function bulkFiles(at: At): void {
  describe('bulk files', () => {
    test('start nothing, and their marker a sweep of their folder, by its event', () => markerStartsSweep(at()));

    test('are overwritten only if they are still the version that was read', async () => {
      const { s3, output } = at().stage;
      const bucket = output('ResultsBucket');
      const key = `predictions/${randomUUID()}.parquet`;
      const [read, replace] = [readVersionFrom(bucket, s3), replaceVersionIn(bucket, s3)];
      const bytes = (text: string) => new TextEncoder().encode(text);
      assert.equal(await read(key), null);
      const first = await replace(key, bytes('first'), null);
      assert.deepEqual(await read(key), { bytes: bytes('first'), version: first });
      assert.equal(await replace(key, bytes('another first'), null), null);
      const second = await replace(key, bytes('second'), first);
      assert.equal(await replace(key, bytes('another second'), first), null);
      assert.deepEqual(await read(key), { bytes: bytes('second'), version: second });
      assert.deepEqual(await readPieceFrom(bucket, s3)(key, 2, 3), bytes('con'));
      await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
      assert.equal(await replace(key, bytes('third'), second), null);
      assert.equal(await read(key), null);
    });

    test('are passed over by a listing of all the other files, which goes on behind them', async () => {
      const { stage, subject } = at();
      const bucket = stage.output('InboxBucket');
      const files = ['a', 'bulk/listed', 'bulk0'].map((key) => ({ key, bytes: sceneOf(subject.unique(key), 1) }));
      const scenes = await subject.stack.putAllSilently(files);
      const list = listScenesIn(bucket, '', stage.s3);
      const keysFrom = async (cursor: string | null) =>
        (await list(cursor, { except: 'bulk/' })).scenes.map(({ key }) => key);
      const all = await keysFrom(null);
      assert.deepEqual([all.includes('a'), all.some((key) => key.startsWith('bulk/'))], [true, false]);
      const behind = await keysFrom(JSON.stringify(['bulk/a', 'null']));
      assert.deepEqual(behind, all.slice(all.indexOf('bulk0')));
      assert.equal(behind[0], 'bulk0');
      // Else the next sweep would start them.
      for (const { key: Key, versionId: VersionId } of scenes)
        await stage.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key, VersionId }));
    });
  });
}

/**
 * Three files and their marker, put as anybody puts them. Without a prefix no execution is started for a file; with one, the rule
 * cannot tell bulk files from the others, and their executions end at once.
 */
export async function markerStartsSweep({ stage, subject }: Pick<Here, 'stage' | 'subject'>): Promise<void> {
  const { output, s3 } = stage;
  const Bucket = output('InboxBucket');
  const folder = `${output('BulkPrefix')}events-${randomUUID()}/`;
  const isPassedOver = inboxPrefixOf(output) === '';
  const pattern = { source: ['aws.s3'], detail: { bucket: { name: [Bucket] }, object: { key: [{ prefix: folder }] } } };
  const witness = await makeWitness(stage, JSON.stringify(pattern));
  /** Answers the file's event as well, once it has gone by. */
  async function put(name: string, Body: Uint8Array): Promise<{ scene: SceneRef; event: Event }> {
    const Key = folder + name;
    const { VersionId: versionId } = await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
    const isIt = ({ detail: { object } }: Event) => object['version-id'] === versionId;
    return {
      scene: { bucket: Bucket, key: Key, versionId: versionId! },
      event: await witness.saw(isIt, EVENT_SECONDS),
    };
  }

  const files: Awaited<ReturnType<typeof put>>[] = [];
  for (const name of ['one', 'deeper/two', '_DONE.not'])
    files.push(await put(name, sceneOf(subject.unique(`${folder}${name}`), 2)));
  for (const { scene } of files) assert.deepEqual(await subject.stack.ledgerRows(scene), []);

  const marker = await put('_DONE', new Uint8Array());
  await witness.close();
  const rows = await Promise.all(files.map(({ scene }) => subject.settled(scene)));
  for (const row of rows) assert.partialDeepStrictEqual(row, { state: 'DONE', attempt: 1, chips: 2 });
  const [{ batch = '', model, day = '' } = rows[0]!] = rows;
  assert.deepEqual(new Set(rows.map((row) => row.batch)), new Set([batch]));
  const Parquet = await subject.stack.readResult(predictionsKey({ id: batch, model, day }, 0));
  assert.equal((await readPredictions(Parquet)).rows.length, 6);

  const started = await namesOfExecutions(stage);
  assert.ok(started.includes(marker.event.id));
  for (const { event, scene } of files) assert.equal(started.includes(event.id), !isPassedOver, scene.key);
  const executionArn = rows[0]!.execution;
  const { input, name } = await stage.stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
  assert.deepEqual([name, JSON.parse(input!).detail.object.key], [marker.event.id, `${folder}_DONE`]);
  assert.equal((await subject.stack.ended(executionArn)).status, 'SUCCEEDED');
}

async function namesOfExecutions({ stepFunctions, output }: Here['stage']): Promise<string[]> {
  const stateMachineArn = output('StateMachineArn');
  const names: string[] = [];
  for await (const { executions = [] } of paginateListExecutions({ client: stepFunctions }, { stateMachineArn }))
    names.push(...executions.map(({ name }) => name!));
  return names;
}
