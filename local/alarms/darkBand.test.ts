import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { publishModel } from '../../cli/models/publishModel.ts';
import { tryModel } from '../../cli/models/tryModel.ts';
import { reportKey } from '../../core/base/keys.ts';
import { makeMetricsTable } from '../../core/drift/metricsTable.ts';
import { measuresOfRow } from '../../core/measures/registry.ts';
import { makePromotions } from '../../core/releases/promotions.ts';
import { bundledChips, profiler } from '../../test/benches/bandChips.ts';
import { edited, frames, sceneOf } from '../../test/scenes.ts';
import { folderBucket } from '../buckets/folderBucket.ts';
import { type OwnStack, startStack } from '../stack/stack.ts';
import { METRICS_TABLE } from '../tables/tables.ts';

/** One band goes dark, on the embedded stack: the model hardly minds, and an alarm tells of it. */

const home = mkdtempSync(join(tmpdir(), 'swath-dark-band-'));
let stack: OwnStack;
const folder = join(home, 'package');
const ref = { name: 'droughtwatch-baseline', version: '1.0.1' };

function edit(file: string, change: (json: Record<string, Record<string, unknown>>) => void): void {
  const json = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  change(json);
  writeFileSync(join(folder, file), JSON.stringify(json));
}

/** The shard's chips with 0.7 of B11, which the model does not take. */
const dark = frames.map((frame) =>
  Buffer.from(
    edited(frame, (features) => {
      const feature = features.get('B11');
      assert.ok(feature?.kind === 'bytes');
      features.set('B11', {
        kind: 'bytes',
        values: Array.from(feature.values, (bytes) => bytes.map((value) => Math.round(0.7 * value))),
      });
    }),
  ),
);

async function send(count: number, of = frames) {
  const file = join(home, 'file');
  writeFileSync(file, sceneOf(crypto.randomUUID(), count, 0, of));
  const scene = await stack.put(file, crypto.randomUUID());
  await stack.deliver(scene);
  const [row] = await stack.ledger.ofScene(scene);
  assert.equal(row?.state, 'DONE', 'the run');
  return row!;
}

const stateOf = async (id: string) => (await stack.readAlarms()).find((alarm) => alarm.id === id)!.state;

async function later(minutes: number): Promise<void> {
  await stack.idle(); // else what was said before is said in the minute of what comes next, and the highest number counts
  stack.clock.set(new Date(stack.now().getTime() + minutes * 60_000));
  await stack.putMetrics([]); // the alarms are looked at
}

async function comesTo(id: string, state: string): Promise<void> {
  for (let look = 0; look < 400 && (await stateOf(id)) !== state; look += 1) {
    if (look % 20 === 0) await later(2); // what the newest runs say is said once more by then
    await stack.idle();
    await pause(50);
  }
  assert.equal(await stateOf(id), state, id);
}

describe('a band that goes dark', () => {
  before(async () => {
    const onError = (...trouble: unknown[]) => assert.fail(String(trouble));
    stack = await startStack({
      dataDir: join(home, 'data'),
      command: 'a test',
      parameters: { driftWindow: 300 },
      onError,
    });
    const { model, chips } = await bundledChips('droughtwatch-baseline', 'droughtwatch/part-r-00012');
    cpSync(fileURLToPath(new URL('../../models/droughtwatch-baseline/1.0.0', import.meta.url)), folder, {
      recursive: true,
    });
    edit('item.json', (item) => {
      item['properties']!['version'] = ref.version;
    });
    edit('reference.json', (reference) => {
      reference['bands'] = profiler(model, chips).profile();
    });
    const bucket = folderBucket(stack.folder.models);
    await publishModel(bucket, folder);
    stack.clock.set(new Date('2026-03-01T08:00:00Z'));
    await makePromotions(bucket, ref.name, tryModel).promote(ref.version, stack.now());
  });
  after(async () => {
    await stack.close();
    rmSync(home, { recursive: true });
  });

  test('sets off the alarm of bands and not that of predictions, and only until it is bright again', async () => {
    const row = await send(324);
    assert.equal(measuresOfRow(row).bands?.length, 11);
    assert.ok(row.bands!.length < 4096);
    assert.deepEqual([await stateOf('band-drift'), await stateOf('drift')], ['OK', 'OK']);
    await later(10);
    await send(324, dark);
    await comesTo('band-drift', 'ALARM');
    assert.equal(await stateOf('drift'), 'OK', 'drift');
    const [email] = await stack.readOutbox();
    assert.match(
      email!.text.replaceAll('\n', ' '),
      /- The source band that moved most is B11: 0\.\d{3} away from its profile\. The file [\da-f-]{36} contributed most: 0\.\d{3} away\./,
    );
    assert.match(email!.text.replaceAll('\n', ' '), /- The inputs changed: B11 moved, which points to the instrument/);
    await later(10);
    await send(405);
    await comesTo('band-drift', 'OK');
  });

  test('is reported for its day, which is judged again only if a file came', async () => {
    await later(24 * 60);
    await stack.sweep();
    const metrics = makeMetricsTable(stack.tables, METRICS_TABLE);
    const day = await metrics.latestDay(ref, '2026-03-01');
    assert.deepEqual([day?.revision, day?.runs], [1, 3]);
    const sum = day!.judgement.bands![10]!;
    assert.equal(sum.chips, 316 + 316 + 395);
    const { bandDrift } = day!.judgement;
    const [furthest] = bandDrift!.toSorted((a, b) => b.jensenShannon! - a.jensenShannon!);
    assert.equal(furthest?.band, 'B11');
    assert.ok(furthest.meanShift! < -1, 'a third of the day is darker by five deviations');
    await stack.sweep();
    assert.equal((await metrics.latestDay(ref, '2026-03-01'))?.revision, 1);
    const page = readFileSync(join(stack.folder.results, reportKey(ref, '2026-03-01', 'html')), 'utf8');
    assert.match(page, /<h2>Source bands<\/h2>\n<p>Moved more than allowed: B11\./);
    assert.match(page, /<li>The inputs changed: B11 moved, which points to the instrument or its processing; /);
    assert.match(page, /aria-label="Source bands: B1 0\.\d+, no drift; .*B11 \d\.\d+, drift"/);
  });
});
