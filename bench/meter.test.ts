import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { S3Client } from '@aws-sdk/client-s3';
import { listScenesIn, readFrom, writeTo } from '../aws/bucket.ts';
import { makeLedger } from '../core/ledger/ledger.ts';
import { connectLocalTables } from '../local/tables/tableClients.ts';
import { LEDGER_TABLE, startTables } from '../local/tables/tables.ts';
import { MODEL } from './memoryPorts.ts';
import { startMeter } from './meter.ts';

const credentials = { accessKeyId: 'infer', secretAccessKey: 'test' };
const NO_OBJECTS = new Map<string, ReadonlyMap<string, { bytes: Uint8Array; modified: Date }>>();

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
    const meter = await startMeter({ endpoint, tables: behind, tableNames: new Map(), objects: NO_OBJECTS });
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

describe('the meter before buckets', () => {
  const kept = new Map<string, Buffer>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (request.method === 'PUT') kept.set(request.url!.split('?')[0]!, Buffer.concat(chunks));
    response.end(request.method === 'GET' ? kept.get(request.url!.split('?')[0]!) : '');
  });
  const objects = new Map([
    [
      'inbox',
      new Map(
        Array.from({ length: 2500 }, (_, i) => [
          `scenes/${String(i).padStart(5, '0')} ä+&#v1`,
          { bytes: new Uint8Array(), modified: new Date(Date.UTC(2026, 2, 1, 0, 0, i)) },
        ]),
      ),
    ],
  ]);
  let close = () => {};
  after(() => {
    close();
    server.close();
  });

  async function start() {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const meter = await startMeter({ endpoint, tables: undefined as never, tableNames: new Map(), objects });
    const s3 = new S3Client({ endpoint: meter.endpoint, region: 'us-east-1', credentials, forcePathStyle: true });
    close = () => {
      s3.destroy();
      meter.close();
    };
    return { meter, s3 };
  }

  it('counts calls by who made them, and bytes; and lists a thousand keys a page, as S3 does', async () => {
    const { meter, s3 } = await start();
    await writeTo('results', s3)('part', new Uint8Array(1000));
    await readFrom('results', s3)('part');
    const moved = meter.take();
    assert.deepEqual(moved.calls, { 's3: PutObject': 1, 's3: GetObject': 1 });
    assert.deepEqual(moved.callers, { infer: 2 });
    assert.deepEqual([moved.s3Written, moved.s3Read], [1000, 1000]);

    const keys: string[] = [];
    const times = new Set<string | undefined>();
    let cursor: string | null = null;
    do {
      const page = await listScenesIn('inbox', 'scenes/', s3)(cursor);
      for (const { key, lastModified } of page.scenes) {
        keys.push(key);
        times.add(lastModified);
      }
      cursor = page.cursor;
    } while (cursor !== null);
    assert.deepEqual([keys.length, new Set(keys).size, times.size], [2500, 2500, 2500]);
    assert.equal(keys[0], 'scenes/00000 ä+&');
    assert.deepEqual(meter.take().calls, { 's3: ListObjectVersions': 3 });
    assert.deepEqual((await listScenesIn('inbox', 'elsewhere/', s3)(null)).scenes, []);
  });
});
