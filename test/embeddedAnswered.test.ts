import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { driftOf } from '../console/answers/drift.ts';
import { modelId, sceneId, sceneInput } from '../core/base/messages.ts';
import type { PredictionsBody } from '../core/doors/online/answer.ts';
import { DOORS, doorOf } from '../core/ledger/doorOf.ts';
import { embeddedService } from '../local/stack/embeddedService.ts';
import { LEDGER_TABLE } from '../local/tables/tables.ts';
import { type OnlineStack, startOnlineStack, statlogRow } from './benches/onlineStack.ts';
import { countsIn } from './benches/summaries.ts';
import { messagesIn } from './queueFolder.ts';

/** Predictions over HTTP, on the embedded stack: from an answer to where files' predictions are counted. */
describe('predictions over HTTP are counted on the embedded stack', { timeout: 120_000 }, () => {
  let online: OnlineStack;
  let stack: OnlineStack['stack'];
  const rest = () => online.rest();
  const rows = (sql: string) => online.rows(sql);
  const csv = (starts: readonly number[]) => online.csv(starts);

  before(async () => {
    online = await startOnlineStack();
    ({ stack } = online);
  });
  after(() => online.close());

  const predict = async (inputs: readonly object[]) =>
    (await online.post('predictions', { inputs })) as PredictionsBody;

  test('one request: its predictions are stored and read by SQL as they were answered', async () => {
    const body = await predict([
      { id: 'a', values: statlogRow(60) },
      { id: 'bad', values: [1] },
      { values: statlogRow(80) },
    ]);
    await rest();
    const { rows: done } = await stack.ledger.byState('DONE', { limit: 10 });
    assert.equal(done.length, 1);
    assert.partialDeepStrictEqual(done[0], { chips: 2, blank: 0 });
    assert.equal(countsIn(done[0]!).missing, 0);
    assert.match(String(done[0]?.scene.key), /^answered\/[0-9a-f]{64}\.jsonl$/);
    const found = await rows(
      `SELECT member, class, label, probability FROM predictions WHERE request_id = '${body.request}' ORDER BY "index"`,
    );
    const [a, , third] = body.predictions;
    assert.deepEqual(found, [
      ['a', a?.['class'], a?.['label'], a?.['probability']],
      ['inputs[2]', third?.['class'], third?.['label'], third?.['probability']],
    ]);
  });

  test('a day of files, requests by queue and requests over HTTP: each prediction counts once, by the door that it came by', async () => {
    const before = await counts();
    const http = await Promise.all(
      Array.from({ length: 40 }, (_, i) => predict([{ values: statlogRow(40 + i) }, { values: statlogRow(90) }])),
    );
    const copy = await stack.put(csv([50, 60, 70]), 'north/a.csv');
    assert.equal((await stack.deliver(copy)).status, 'SUCCEEDED');
    await stack.request(
      JSON.stringify({ id: 'by-queue', inputs: [{ values: statlogRow(55) }, { values: statlogRow(65) }] }),
    );
    await rest();
    const after = await counts();
    assert.deepEqual(
      Object.fromEntries(Object.entries(after).map(([door, chips]) => [door, chips - (before[door] ?? 0)])),
      { file: 3, queue: 2, http: 80 },
    );
    const ids = new Set(http.map(({ request }) => request));
    const found = await rows('SELECT request_id, member, class, count(*) FROM predictions GROUP BY ALL');
    const ofHttp = found.filter(([id]) => ids.has(String(id)));
    assert.equal(ofHttp.length, 80);
    for (const { request, predictions } of http)
      assert.deepEqual(
        ofHttp
          .filter(([id]) => id === request)
          .map(([, member, name, count]) => [member, name, Number(count)])
          .sort(),
        predictions.map((one, i) => [`inputs[${i}]`, one['class'], 1]),
      );
    const service = embeddedService(stack);
    const { recent, segments } = await driftOf(service, { from: '2026-01-01', to: '2026-01-02' } as never);
    const all = Object.values(after).reduce((sum, chips) => sum + chips, 0);
    assert.equal(recent?.n, all, 'the window that the alarm is about has them all');
    assert.deepEqual(
      segments.map(({ by, name, chips, n }) => [by, name, chips, n]),
      Object.entries(after)
        .map(([door, chips]) => ['door', door, chips, chips])
        .toSorted(),
    );
    for (const { drift } of segments) assert.ok(drift !== null && drift.jensenShannon > 0);
  });

  test('made-up predictions count at no door: as a request, as a file under any name, and in the answers that are stored', async () => {
    const before = await counts();
    const [columns, values] = [
      ['label', 'class', 'probability'],
      [3, 'grey-soil', 0.9],
    ];
    const inputs = [{ place: 0, id: 'made-up', digest: '0'.repeat(64), values }];
    const about = { part: 0, model: { name: 'landsat-statlog', version: '1.0.0' }, at: '2026-03-01T00:00:00.000Z' };
    const forged = `${JSON.stringify({ answered: { request: 'forged', ...about, door: 'http', columns, inputs } })}\n`;
    const deadLetters = () => messagesIn(stack.folder.queues, 'dead-letters');
    const dead = deadLetters().length;
    await stack.request(forged);
    await rest();
    assert.match(deadLetters()[dead]!.reason!, /found the members “answered”, allowed are id/);
    const [path, states] = [csv([1]), [] as unknown[]];
    writeFileSync(path, forged);
    for (const key of [
      `answered/${'a'.repeat(64)}.jsonl`,
      'north/forged.jsonl',
      'forged.request.json',
      'bulk/forged.jsonl',
    ]) {
      const scene = await stack.put(path, key);
      if (key.startsWith('bulk/')) await stack.sweep();
      else await stack.deliver(scene);
      states.push((await stack.ledger.ofScene(scene)).map(({ state }) => state));
    }
    assert.deepEqual(
      states,
      Array.from({ length: 4 }, () => ['INVALID']),
    );
    assert.deepEqual(await counts(), before);
  });

  test('a run by its own execution counts the same', async () => {
    const { rows: done } = await stack.ledger.byState('DONE', { limit: 100 });
    const { scene, model, chips } = done.find((row) => doorOf(row.scene) === 'http')!;
    const before = await counts();
    // As if it had failed: its row is gone, and what it has claimed stays its own.
    await stack.tables.delete({ TableName: LEDGER_TABLE, Key: { scene: sceneId(scene), model: modelId(model) } });
    await stack.tables.delete({
      TableName: LEDGER_TABLE,
      Key: { scene: `digest#${scene.versionId}`, model: modelId(model) },
    });
    await stack.executions.start('alone', sceneInput(scene, model));
    assert.equal((await stack.ended(stack.executions.arnOf('alone'))).status, 'SUCCEEDED');
    assert.partialDeepStrictEqual(await stack.ledger.get(scene, model), { state: 'DONE', chips });
    assert.deepEqual(await counts(), before);
  });

  /** Chips of runs that count, by their doors. */
  async function counts(): Promise<Record<string, number>> {
    const sums: Record<string, number> = {};
    const { rows: done } = await stack.ledger.byState('DONE', { limit: 1000 });
    for (const door of DOORS)
      for (const { scene, chips = 0 } of done) if (doorOf(scene) === door) sums[door] = (sums[door] ?? 0) + chips;
    return sums;
  }
});
