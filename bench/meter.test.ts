import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { S3Client } from '@aws-sdk/client-s3';
import type { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { listScenesIn, readFrom, writeTo } from '../aws/bucket.ts';
import { makeLedger } from '../core/ledger/ledger.ts';
import { readTable } from '../local/stack/service.ts';
import { connectLocalTables } from '../local/tables/tableClients.ts';
import { LEDGER_TABLE } from '../local/tables/tables.ts';
import { type FakeAws, startFakeAws } from '../test/packaged/fakeAws.ts';
import type { Template } from '../test/packaged/template.ts';
import { MODEL } from './memoryPorts.ts';
import { makeMeter } from './meter.ts';

const credentials = { accessKeyId: 'infer', secretAccessKey: 'test' };
const table = { ...(readTable('LedgerTable') as object), TableName: LEDGER_TABLE };
const template: Template = {
  Resources: {
    Results: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'results' } },
    Ledger: { Type: 'AWS::DynamoDB::Table', Properties: table },
  },
  Outputs: {},
};

describe('the meter', () => {
  let tables: DynamoDBDocument;
  let aws: FakeAws;
  const meter = makeMeter(() => tables);
  before(async () => {
    aws = await startFakeAws(template, () => true, meter.observe);
    tables = connectLocalTables(aws.tables);
  });
  after(() => {
    tables.destroy();
    aws.close();
  });

  it('counts calls, read units, and write units with those of the indexes', async () => {
    const client = connectLocalTables(aws.endpoint);
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
    await meter.uncounted(() => ledger.byState('PREPARED'));
    assert.deepEqual(meter.take().calls, {});
    client.destroy();
  });

  it('counts calls by who made them, and bytes, and each page of a listing', async () => {
    const { endpoint } = aws;
    const s3 = new S3Client({ endpoint, region: 'us-east-1', credentials, forcePathStyle: true });
    await writeTo('results', s3)('part ä+&', new Uint8Array(1000));
    await readFrom('results', s3)('part ä+&');
    const moved = meter.take();
    assert.deepEqual(moved.calls, { 's3: PutObject': 1, 's3: GetObject': 1 });
    assert.deepEqual(moved.callers, { infer: 2 });
    assert.deepEqual([moved.s3Written, moved.s3Read], [1000, 1000]);
    const held = aws.objects.get('results')!;
    for (let i = 0; i < 2500; i += 1) held.set(`${i}#v`, held.get('part ä+&')!);
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
  });
});
