import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import {
  CreateBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateTopicCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { type Catalogued, catalogue, itemOf } from '../benches/stacCatalogue.ts';
import type { Account } from '../stage.ts';
import type { Requested } from '../suite/requests.ts';

const SCENE = new URL('../../samples/sentinel-2/s2-t29unu-60m-256.tif', import.meta.url);
const SCL = new URL('../../models/s2-scl/1.0.0/', import.meta.url);
const BANDS = ['B02', 'B03', 'B04', 'B8A', 'B11', 'B12'];
/** The queue's own window is a minute, which ministack does not wait. */
const TAKEN_SECONDS = 120;
const ARCHIVE = 'an-archive';

/** What has to be there before the deployment that names it: a topic, and an archive that no stage owns. */
export async function topicAndArchive(account: Account): Promise<{ feedTopics: string; assetBuckets: string }> {
  const [sns, s3] = [new SNSClient(account), new S3Client(account)];
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'cirrus-es-prod-publish' }));
  await s3.send(new CreateBucketCommand({ Bucket: ARCHIVE }));
  await s3.send(new PutObjectCommand({ Bucket: ARCHIVE, Key: 'scene.tif', Body: readFileSync(SCENE) }));
  for (const client of [sns, s3]) client.destroy();
  return { feedTopics: TopicArn!, assetBuckets: ARCHIVE };
}

/**
 * From a topic to a map, on a deployed stage. The message is made by what the registry of open data says of Earth Search's topic, and not
 * recorded: a whole Item, with what Cirrus adds for filters (cirrus-geo's `sns_attributes`).
 */
export function feedByTopic(at: () => Requested, topic: () => string): void {
  describe('a feed that a topic tells of new Items', () => {
    const items: Catalogued[] = [];
    const { ask } = catalogue(() => items);
    const server = createServer(async (request, response) => {
      const body = Buffer.concat(await Array.fromAsync(request)).toString();
      const path = request.url!.replace(/^\/v1/, 'https://stac.example.org/v1').replace(/\/$/, '');
      const answer = await ask(path, body === '' ? undefined : JSON.parse(body)).catch(() => null);
      if (answer === null) response.writeHead(404).end('{}');
      else
        response.end(JSON.stringify(answer).replaceAll('https://stac.example.org', `http://${request.headers.host}`));
    });
    let sns: SNSClient;
    before(async () => {
      sns = new SNSClient(at().stage.account);
      await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    });
    after(() => {
      sns.destroy();
      server.close();
    });

    async function publish(item: Catalogued): Promise<void> {
      const { collection, bbox, properties, ...rest } = itemOf(item);
      const number = (value: number) => ({ DataType: 'Number', StringValue: String(value) });
      const MessageAttributes = {
        collection: { DataType: 'String', StringValue: collection },
        'bbox.ll_lon': number(bbox[0]!),
        'bbox.ll_lat': number(bbox[1]!),
        datetime: { DataType: 'String', StringValue: properties.datetime },
      };
      const Message = JSON.stringify({ collection, bbox, properties, ...rest });
      await sns.send(new PublishCommand({ TopicArn: topic(), Message, MessageAttributes }));
    }

    async function taken(): Promise<string[]> {
      const asked = { Bucket: at().stage.output('InboxBucket'), Prefix: 'feeds/north/' };
      const { Contents = [] } = await at().stage.s3.send(new ListObjectsV2Command(asked));
      return Contents.map(({ Key }) => Key!);
    }

    test('takes what it wants of them once, as its API lists it, and a run makes its map', async () => {
      const { swath, stage, subject } = at();
      const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
      const about = ['--collection', 'sentinel-2-l2a', '--api', api, '--hosts', 'data.example.org'];
      const added = await swath('feed', 'add', 'north', ...about, '--stage', stage.name);
      assert.equal(added.code, 0, added.stdout + added.stderr);
      const files = Object.fromEntries(readdirSync(SCL).map((name) => [name, readFileSync(new URL(name, SCL))]));
      await subject.beside(files, ['feeds/north/*'], async (model) => {
        const all = { href: `s3://${ARCHIVE}/scene.tif`, 'eo:bands': BANDS.map((name) => ({ name })) };
        const one: Catalogued = {
          id: 'S2B_29UNU_20261125_0_L2A',
          at: new Date(Date.now() - 86_400_000).toISOString(),
          updated: new Date().toISOString(),
          bbox: [-9.0003, 52.618, -8.7734, 52.756],
          raw: { assets: { all } },
        };
        items.push(one);
        await publish({ ...one, id: 'S2B_elsewhere', collection: 'sentinel-2-l1c' });
        for (const updated of ['2026-11-25T12:00:00Z', '2026-11-25T12:00:01Z']) await publish({ ...one, updated });
        for (const end = Date.now() + TAKEN_SECONDS * 1000; (await taken()).length === 0; await pause(250))
          assert.ok(Date.now() < end, 'nothing was taken');
        const [Key] = (await taken()) as [string];
        assert.match(Key, /^feeds\/north\/20\d\d-\d\d-\d\d\/S2B_29UNU_20261125_0_L2A\.[0-9a-f]{10}\.stac\.json$/);
        const Bucket = stage.output('InboxBucket');
        const { VersionId: versionId } = await stage.s3.send(new HeadObjectCommand({ Bucket, Key }));
        const row = await subject.settled({ bucket: Bucket, key: Key, versionId: versionId! }, model);
        assert.equal(row.state, 'DONE', JSON.stringify(row.error));
        assert.ok(
          (await subject.stack.listResults('maps/')).some((key) => key.includes(row.run) && key.endsWith('.tif')),
        );
        // A look finds what was taken.
        const FunctionName = stage.functionName('feeds');
        const { Payload } = await stage.lambda.send(new InvokeCommand({ FunctionName, Payload: '{}' }));
        assert.partialDeepStrictEqual(JSON.parse(Buffer.from(Payload!).toString()), {
          feeds: 1,
          taken: 0,
          failures: 0,
        });
        assert.deepEqual(await taken(), [Key]);
      });
    });
  });
}
