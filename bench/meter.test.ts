import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it, test } from 'node:test';
import { S3Client } from '@aws-sdk/client-s3';
import { listScenesIn, readFrom, writeTo } from '../aws/bucket.ts';
import { makeLedger } from '../core/ledger/ledger.ts';
import { connectLocalTables } from '../local/tables/tableClients.ts';
import { LEDGER_TABLE, startTables } from '../local/tables/tables.ts';
import { startFakeAws } from '../test/packaged/fakeAws.ts';
import { MODEL } from './memoryPorts.ts';
import { startMeter } from './meter.ts';

const credentials = { accessKeyId: 'infer', secretAccessKey: 'test' };

describe('the meter before tables', () => {
  const atTheEnd: (() => unknown)[] = [];
  after(async () => {
    for (const end of atTheEnd.reverse()) await end();
  });

  it('counts calls, read units, and write units with those of the indexes', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'swath-meter-'));
    atTheEnd.push(() => rmSync(folder, { recursive: true }));
    const { endpoint, close } = await startTables(folder);
    const behind = connectLocalTables(endpoint);
    atTheEnd.push(close, () => behind.destroy());
    const meter = await startMeter({ endpoint, tables: behind, tableNames: new Map() });
    atTheEnd.push(meter.close);
    const client = connectLocalTables(meter.endpoint);
    atTheEnd.push(() => client.destroy());
    const ledger = makeLedger(client, LEDGER_TABLE);
    const scene = { bucket: 'inbox', key: 'a', versionId: 'v1' };
    const claim = { scene, model: MODEL, now: new Date(), leaseSeconds: 60, attemptLimit: 3 };

    const { row } = await ledger.claim({ ...claim, execution: 'first' });
    // The table, and the indexes by state and by run.
    const first = meter.take();
    assert.deepEqual(first.calls, { 'dynamodb: UpdateItem': 1 });
    assert.deepEqual([first.writeUnits, first.indexWriteUnits, first.readUnits], [1, 2, 0]);

    // Somebody else comes too late: the condition does not hold, and the row is read.
    assert.equal((await ledger.claim({ ...claim, execution: 'second' })).held, false);
    const second = meter.take();
    assert.deepEqual(second.calls, { 'dynamodb: UpdateItem': 1, 'dynamodb: GetItem': 1 });
    assert.deepEqual([second.writeUnits, second.indexWriteUnits, second.readUnits], [1, 0, 1]);

    // From state to state an entry goes and another one comes.
    await ledger.advance({ ...row, attempt: 1 }, 'PREPARED', new Date());
    const third = meter.take();
    assert.deepEqual([third.writeUnits, third.indexWriteUnits], [1, 2]);

    await ledger.byState('PREPARED');
    assert.equal(meter.take().readUnits, 0.5);
    assert.deepEqual(meter.take().calls, {});
  });
});

test('the meter counts calls by who made them, and bytes', async () => {
  const template = {
    Resources: { B: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'results' } } },
    Outputs: {},
  };
  const aws = await startFakeAws(template as never, () => true);
  const meter = await startMeter({ endpoint: aws.endpoint, tables: undefined as never, tableNames: new Map() });
  const s3 = new S3Client({ endpoint: meter.endpoint, region: 'us-east-1', credentials, forcePathStyle: true });
  await writeTo('results', s3)('part ä+&', new Uint8Array(1000));
  await readFrom('results', s3)('part ä+&');
  const moved = meter.take();
  assert.deepEqual(moved.calls, { 's3: PutObject': 1, 's3: GetObject': 1 });
  assert.deepEqual(moved.callers, { infer: 2 });
  assert.deepEqual([moved.s3Written, moved.s3Read], [1000, 1000]);
  for (let i = 0; i < 2500; i += 1)
    aws.objects.get('results')!.set(`${i}#v`, aws.objects.get('results')!.get('part ä+&')!);
  const keys: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await listScenesIn('results', '', s3)(cursor);
    keys.push(...page.scenes.map(({ key }) => key));
    cursor = page.cursor;
  } while (cursor !== null);
  assert.deepEqual([new Set(keys).size, keys.at(-1)], [2501, 'part ä+&']);
  assert.deepEqual(meter.take().calls, { 's3: ListObjectVersions': 3 });
  s3.destroy();
  meter.close();
  aws.close();
});
