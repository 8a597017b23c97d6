import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, beforeEach, describe, test } from 'node:test';
import { startSwath } from '../../test/swath.ts';
import { type DataFolder, openDataFolder } from '../stack/dataFolder.ts';
import { startStack } from '../stack/stack.ts';
import { removeLeftovers } from './leftovers.ts';

const root = mkdtempSync(join(tmpdir(), 'swath-leftovers-'));
after(() => rmSync(root, { recursive: true }));

let folder: DataFolder;
describe('leftovers', () => {
  beforeEach(() => {
    folder = openDataFolder(mkdtempSync(join(root, 'data-')));
  });

  const LONG_AGO = new Date('2026-01-01');
  const AHEAD = new Date(Date.now() + 3_600_000);
  const UUID = /[0-9a-f-]{36}/;

  /** A file below the data folder. */
  function file(path: string, time = new Date()): string {
    const place = join(folder.path, path);
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, 'x');
    utimesSync(place, time, time);
    return place;
  }

  test('what an owner or its worker was copying or writing when it was killed is removed, however young it is', async () => {
    const left = [
      file(`inbox/.${randomUUID()}.part`),
      ...[
        'results/prepared/1234',
        'results/predictions/model=m/version=1/date=2026-11-20',
        'results/manifests',
        'results/summaries/1234/attempt-1',
        'results/pieces/1234/attempt-1',
        'results/requests',
        'results/answered',
        'results/maps/model=m/version=1/date=2026-11-20',
      ].map((place) => file(`${place}/.${randomUUID()}.tmp`)),
      file(`outbox/.${randomUUID()}.tmp`),
    ];
    await removeLeftovers(folder);
    assert.deepEqual(left.filter(existsSync), []);
  });

  test('what is young where other processes write as well may be of one that lives, and stays', async () => {
    const places = [
      `results/reports/model=m/version=1/date=2026-11-20/.${randomUUID()}.tmp`,
      `results/truth/model=m/version=1/date=2026-11-20/.${randomUUID()}.tmp`,
      `models/m/1.0.0/.${randomUUID()}.tmp`,
      `inbox/feeds/north/2026-11-20/.${randomUUID()}.tmp`,
      `inbox/feeds/north/2026-11-20/.${randomUUID()}.stac.json.held.tmp`,
      `lock.json.${randomUUID()}.tmp`,
      `lock.json.${randomUUID()}.tmp.moved`,
    ];
    const young = places.map((place) => file(place));
    const old = [LONG_AGO, AHEAD].flatMap((time) =>
      places.map((place) => file(place.replace(UUID, randomUUID()), time)),
    );
    await removeLeftovers(folder);
    assert.deepEqual(old.filter(existsSync), []);
    assert.ok(young.every(existsSync));
  });

  for (const signal of ['SIGKILL', 'SIGINT'] as const)
    test(`what is half written when a stack has ended by ${signal} is gone once it is up again`, {
      timeout: 120_000,
    }, async () => {
      const home = mkdtempSync(join(root, 'ended-'));
      const prepared = join(home, '.swath/results/prepared');
      const thereIs = (pattern: RegExp) =>
        existsSync(prepared) && readdirSync(prepared, { recursive: true }).some((name) => pattern.test(String(name)));
      const ended = startSwath(['start', '--empty'], home);
      await ended.says(/Ctrl-C stops\.\n/);
      mkdirSync(prepared, { recursive: true });
      writeFileSync(join(prepared, `.${randomUUID()}.tmp`), 'half a part'); // as a worker that is killed leaves it
      ended.kill(signal);
      await ended.ended;
      assert.ok(thereIs(/\.tmp$/));
      const next = await startStack({ dataDir: join(home, '.swath'), command: 'a test' });
      await next.close();
      assert.ok(!thereIs(/\.tmp$/));
    });

  test("a person's own files stay, whatever they are called", async () => {
    const own = [
      'inbox/a',
      'inbox/copy.part',
      'inbox/.hidden',
      'inbox/.part',
      `inbox/${randomUUID()}.part`,
      `inbox/north/.${randomUUID()}.part`, // a copy of ours lies in the inbox itself
      `inbox/.${randomUUID()}.tmp`,
      `inbox/.versions/${'a'.repeat(64)}`,
      'results/predictions/model=m/version=1/date=2026-11-20/run-00000.parquet',
      'lock.json',
      'lock.json.tmp',
      'notes.tmp',
      'models/.tmp',
    ].map((path) => file(path, LONG_AGO));
    await removeLeftovers(folder);
    assert.deepEqual(
      own.filter((path) => !existsSync(path)),
      [],
    );
  });
});
