import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Answer } from '../core/doors/requests/answer.ts';
import { makeTellTruths } from '../core/doors/truth/tellTruths.ts';
import { toTruth } from '../core/doors/truth/truth.ts';
import { doorOf } from '../core/ledger/doorOf.ts';
import { queueUrl } from '../local/queues/requestsQueue.ts';
import { embeddedService } from '../local/stack/embeddedService.ts';
import type { OwnStack } from '../local/stack/stack.ts';
import { openLocalTables } from '../local/tables/localTables.ts';
import { STATLOG, startModelStack, statlogRow } from './benches/onlineStack.ts';
import { messagesIn, takeMessages } from './queueFolder.ts';

const QUEUE = 'swath-answers';
const replyTo = queueUrl(QUEUE);

/** Requests that come by the queue, on the embedded stack: from a message to its answer. */
describe('requests by queue on the embedded stack', { timeout: 120_000 }, () => {
  const home = mkdtempSync(join(tmpdir(), 'swath-requests-'));
  let stack: OwnStack;

  before(async () => {
    stack = await start();
  });
  after(async () => {
    await stack.close();
    rmSync(home, { recursive: true });
  });

  const start = () => startModelStack(home, STATLOG.name);

  const ask = (request: object) => stack.request(JSON.stringify({ replyTo, ...request }));

  /** The answers to so many requests, by their ids. */
  async function answers(count: number): Promise<Map<string, Answer>> {
    const found: Answer[] = [];
    for (let i = 0; i < 600 && found.length < count; i += 1) {
      found.push(...takeMessages(stack.folder.queues, QUEUE).map(({ body }) => JSON.parse(body) as Answer));
      if (found.length < count) await pause(100);
    }
    assert.equal(found.length, count);
    return new Map(found.map((one) => [one.id, one]));
  }

  async function file(key: string, chips: readonly number[][]) {
    const from = join(home, 'file.csv');
    const item = JSON.parse(readFileSync(join(stack.folder.models, 'landsat-statlog', '1.0.0', 'item.json'), 'utf8'));
    const names = item.properties.bands.map(({ name }: { name: string }) => name);
    writeFileSync(from, [names, ...chips].map((values) => `${values.join(',')}\n`).join(''));
    return stack.put(from, key);
  }

  test('three messages of which one is bad: that one is a dead letter with its reason, and the others are answered', async () => {
    await ask({
      id: 'good-1',
      inputs: [
        { id: 'a', values: statlogRow(60) },
        { id: 'b', values: [1, 2, 3] },
      ],
    });
    await stack.request('{"id": "bad", "inputs": []}');
    await ask({ id: 'good-2', model: 'landsat-statlog/1.0.0', inputs: [{ values: statlogRow(90) }] });
    const found = await answers(2);
    const [a, b] = found.get('good-1')!.results!;
    assert.deepEqual([a?.id, a?.error, 'class' in a!], ['a', null, true]);
    assert.match(String(b?.error), /^inputs\[1\]\.values: found a list of 3/);
    assert.deepEqual([found.get('good-2')?.errors, found.get('good-2')?.version], [0, '1.0.0']);
    const dead = messagesIn(stack.folder.queues, 'dead-letters');
    assert.deepEqual(
      dead.map(({ body, reason }) => [body, reason]),
      [
        [
          '{"id": "bad", "inputs": []}',
          'The request bad cannot be taken: inputs: found a list of 0, allowed is a list of 1 to 1000.',
        ],
      ],
    );
    // Whoever has sent an answer has yet to be done with its note.
    for (let i = 0; i < 300 && (await stack.onTheirWay()) > 0; i += 1) await pause(100);
    assert.equal(await stack.onTheirWay(), 0);
  });

  test('an input without an id is told its truth by its place, whatever the request is called', async () => {
    await ask({ id: 'late.request', inputs: [{ id: 'a', values: statlogRow(60) }, { values: statlogRow(80) }] });
    await answers(1);
    const tellTruths = makeTellTruths(embeddedService(stack));
    const told = [0, 1].map((index) =>
      toTruth({ request: 'late.request', index, truth: 'red-soil' }, stack.now().toISOString(), `line ${index}`),
    );
    const { joined, unknown } = await tellTruths(told, null);
    assert.deepEqual([joined, unknown.map(({ truth }) => truth)], [1, [told[0]]]);
    const { rows } = await stack.ledger.byState('DONE', { limit: 9 });
    assert.equal(doorOf(rows.find(({ told }) => told !== undefined)!.scene), 'queue');
  });

  test('a scene file that it names is classified, and a missing one has its own error', async () => {
    await file('north/a.csv', [statlogRow(50), statlogRow(80)]);
    const inputs = [
      { id: 'a', s3: 's3://inbox/north/a.csv' },
      { s3: 's3://inbox/north/b.csv' },
      { s3: 's3://other/a' },
    ];
    await ask({ id: 'files', inputs });
    const { results } = [...(await answers(1)).values()][0]!;
    assert.partialDeepStrictEqual(results?.[0], { id: 'a', state: 'DONE', chips: 2, error: null });
    assert.match(String(results?.[1]?.error), /s3:\/\/inbox\/north\/b\.csv”, which is not there/);
    assert.match(String(results?.[2]?.error), /allowed are files of the inbox/);
  });

  test('of more requests than a batch takes none is lost, and none is answered or predicted twice', async () => {
    const ids = Array.from({ length: 600 }, (_, i) => `many-${i}`);
    for (const [i, id] of ids.entries()) await ask({ id, inputs: [{ values: statlogRow(40 + (i % 60)) }] });
    const found = await answers(ids.length);
    assert.deepEqual(new Set(found.keys()), new Set(ids));
    for (const { id, errors, results } of found.values()) assert.ok(errors === 0 && results?.length === 1, id);
    const rows = await stack.ledger.byState('DONE', { limit: 2000 });
    const ofMany = rows.rows.filter(({ scene }) => scene.key.startsWith('requests/many-'));
    assert.equal(ofMany.length, ids.length);
    const { query, close } = await openLocalTables(stack.folder.results);
    const counted = await query(
      "SELECT count(*) AS all_of_them, count(DISTINCT request_id) AS requests FROM predictions WHERE request_id LIKE 'many-%'",
    );
    for await (const [counts] of counted.rows) assert.deepEqual(counts?.map(Number), [ids.length, ids.length]);
    await close();
    assert.equal(await stack.onTheirWay(), 0);
  });

  test('a request that the stack was stopped with is dealt with when it is up again', async () => {
    await ask({ id: 'stopped', inputs: [{ values: statlogRow(65) }] });
    await stack.close();
    stack = await start();
    assert.equal((await answers(1)).get('stopped')?.errors, 0);
  });
});
