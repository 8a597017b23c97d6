import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { type DataFolder, openDataFolder } from './dataFolder.ts';
import { removeLeftovers } from './leftovers.ts';

const root = mkdtempSync(join(tmpdir(), 'swath-leftovers-'));
after(() => rmSync(root, { recursive: true }));

let folder: DataFolder;
beforeEach(() => {
  folder = openDataFolder(mkdtempSync(join(root, 'data-')));
});

const LONG_AGO = new Date('2026-01-01');

/** A file below the data folder. */
function file(path: string, time = new Date()): string {
  const place = join(folder.path, path);
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, 'x');
  utimesSync(place, time, time);
  return place;
}

test('what an owner was copying or writing when it was killed is removed, however young it is', async () => {
  const left = [
    file(`inbox/.${randomUUID()}.part`),
    file(`results/prepared/1234/.${randomUUID()}.tmp`),
    file(`results/predictions/model=m/version=1/date=2026-11-20/.${randomUUID()}.tmp`),
    file(`outbox/.${randomUUID()}.tmp`),
  ];
  assert.deepEqual((await removeLeftovers(folder)).sort(), left.sort());
  assert.deepEqual(left.filter(existsSync), []);
});

test('where other processes write, what is young stays', async () => {
  const places = [
    `results/reports/model=m/version=1/date=2026-11-20/.${randomUUID()}.tmp`,
    `models/m/1.0.0/.${randomUUID()}.tmp`,
    `lock.json.${randomUUID()}.tmp`,
    `lock.json.${randomUUID()}.tmp.moved`,
  ];
  const young = places.map((place) => file(place));
  assert.deepEqual(await removeLeftovers(folder), []);
  const old = places.map((place) => file(place, LONG_AGO));
  assert.deepEqual((await removeLeftovers(folder)).sort(), old.sort());
  assert.deepEqual(young.filter(existsSync), []);
});

test("a person's own files stay, whatever they are called", async () => {
  const own = [
    ...['inbox/a', 'inbox/copy.part', 'inbox/.hidden', 'inbox/.part', `inbox/${randomUUID()}.part`],
    `inbox/north/.${randomUUID()}.part`, // a copy of ours lies in the inbox itself
    `inbox/.${randomUUID()}.tmp`,
    `inbox/.versions/${'a'.repeat(64)}`,
    'results/predictions/model=m/version=1/date=2026-11-20/run-00000.parquet',
    ...['lock.json', 'lock.json.tmp', 'notes.tmp', 'models/.tmp'],
  ].map((path) => file(path, LONG_AGO));
  assert.deepEqual(await removeLeftovers(folder), []);
  assert.deepEqual(
    own.filter((path) => !existsSync(path)),
    [],
  );
});
