import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { type SceneRef, sceneEventSchema, type sceneInput } from '../../core/base/messages.ts';
import { readPredictions } from '../predictions.ts';
import { sceneOf, shard } from '../scenes.ts';
import { assertGolden, golden } from '../suite/golden.ts';
import { baseline } from '../suite/subject.ts';
import { makeWitness } from '../witness.ts';
import { sees } from './differences.ts';
import type { At } from './here.ts';

/** What everybody's clients see of a file that somebody puts into the inbox. */
export function plainObject(at: At): void {
  describe('an object that is put by a plain S3 client', () => {
    test('ends as a DONE row, a Parquet file and metrics with the right numbers', async () => {
      const { stage, subject } = at();
      const { modelName } = subject.stack.parameters;
      await subject.with(baseline, async ({ version }) => {
        const publishedSince = await subject.stack.watchMetrics();
        const s3 = new S3Client(stage.account);
        const inbox = { Bucket: stage.output('InboxBucket'), Key: `plain/${version}/part-r-00012` };
        const { VersionId } = await s3.send(new PutObjectCommand({ ...inbox, Body: shard }));
        const scene = { bucket: inbox.Bucket, key: inbox.Key, versionId: VersionId! };
        await subject.settled(scene);

        const tables = new DynamoDBClient(stage.account);
        const { Items = [] } = await tables.send(
          new QueryCommand({
            TableName: stage.output('LedgerTable'),
            KeyConditionExpression: 'scene = :scene',
            ExpressionAttributeValues: { ':scene': { S: `${scene.bucket}/${scene.key}#${scene.versionId}` } },
          }),
        );
        assert.equal(Items.length, 1);
        const { state, chips, blank, attempt, execution, run } = Items[0]!;
        assert.deepEqual([state?.S, chips?.N, blank?.N, attempt?.N], ['DONE', '81', '2', '1']);
        assert.equal((await subject.stack.ended(execution!.S!)).status, 'SUCCEEDED');

        const results = { Bucket: stage.output('ResultsBucket') };
        const Prefix = `predictions/model=${modelName}/version=${version}/`;
        const { Contents = [] } = await s3.send(new ListObjectsV2Command({ ...results, Prefix }));
        assert.deepEqual(
          Contents.map(({ Key }) => Key?.split('/').at(-1)),
          [`${run?.S}-00000.parquet`],
        );
        const { Body } = await s3.send(new GetObjectCommand({ ...results, Key: Contents[0]!.Key! }));
        assertGolden((await readPredictions(await Body!.transformToByteArray())).rows, golden.models.baseline);

        const published = await publishedSince();
        const numbers = new Map(
          published.map(({ metric, dimensions, value }) => [metric + (dimensions.Class ?? ''), value]),
        );
        const { classes, drift, meanProbability } = golden.models.baseline;
        const wanted = {
          Chips: 81,
          Blanks: 2,
          Predictions: 79,
          Drift: drift.jensenShannon,
          NoiseFloor: drift.noiseFloor,
          BlankShare: 2 / 81,
          MeanProbability: meanProbability,
          ...Object.fromEntries(Object.entries(classes).map(([name, count]) => [`ClassShare${name}`, count / 79])),
        };
        for (const [name, value] of Object.entries(wanted))
          assert.ok(
            Math.abs(numbers.get(name)! - value) <= 1e-5,
            `${name}: found ${numbers.get(name)}, wanted ${value}`,
          );
        tables.destroy();
        s3.destroy();
      });
    });

    test('starts an execution by its event, of the name that the event has', async () => {
      const { stage, subject } = at();
      const { scene, execution } = await subject.run('by its event', sceneOf(subject.unique('by its event'), 2));
      const { input, name } = await stage.stepFunctions.send(new DescribeExecutionCommand({ executionArn: execution }));
      const event = JSON.parse(input!);
      assert.deepEqual(sceneEventSchema.parse(event).scene, scene);
      assert.deepEqual([event.id, event['detail-type'], event.detail.reason], [name, 'Object Created', 'PutObject']);
    });

    describe('under a key of any characters', () => {
      let scene: SceneRef;

      test(sees('encodedKeys'), async () => {
        const { stage, subject } = at();
        const key = `${subject.key('')}a "b"+c%20é`;
        const witness = await makeWitness(stage, (await stage.arrivals()).pattern);
        scene = await subject.stack.putSilently(key, sceneOf(subject.unique('any characters'), 2));
        const isIt = ({ detail: { object } }: Event) => object['version-id'] === scene.versionId;
        const event = await witness.saw(isIt, EVENT_SECONDS);
        assert.notEqual(event.detail.object.key, key);
        assert.equal(decodeURIComponent(event.detail.object.key), key);
        await witness.close();
      });

      test('ends DONE, by an event as an account has it', async () => {
        const { stack, settled } = at().subject;
        assert.equal((await stack.announce(scene)).status, 'SUCCEEDED');
        assert.partialDeepStrictEqual(await settled(scene), { state: 'DONE', chips: 2 });
      });
    });
  });
}

type Event = ReturnType<typeof sceneInput>;
const EVENT_SECONDS = 30;
