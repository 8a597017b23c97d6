import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { askForTables } from '../tables/askForTables.ts';
import { LEDGER_TABLE, startTables } from '../tables/tables.ts';
import { expireResults, expireRows } from './expire.ts';

const root = mkdtempSync(join(tmpdir(), 'swath-expire-'));
after(() => rmSync(root, { recursive: true }));

const NOW = new Date('2026-01-31T12:00:00Z');

test('prepared parts and their summaries go at the midnight after the days that the bucket gives them, predictions never', async () => {
  const folder = mkdtempSync(join(root, 'results-'));
  for (const [path, at] of [
    ['prepared/old', '2026-01-23T23:59:59Z'],
    ['prepared/young', '2026-01-24T00:00:00Z'],
    ['summaries/old', '2026-01-23T23:59:59Z'],
    ['summaries/young', '2026-01-24T00:00:00Z'],
    ['predictions/old', '2020-01-01T00:00:00Z'],
  ] as const) {
    mkdirSync(join(folder, path), { recursive: true });
    writeFileSync(join(folder, path, 'part'), 'x');
    utimesSync(join(folder, path), new Date(at), new Date(at));
  }
  await expireResults(folder, NOW);
  for (const name of ['prepared', 'summaries']) assert.deepEqual(readdirSync(join(folder, name)), ['young']);
  assert.deepEqual(readdirSync(join(folder, 'predictions')), ['old']);
});

test('a folder without results has nothing that could expire', async () => {
  await expireResults(mkdtempSync(join(root, 'empty-')), NOW);
});

test('rows of the ledger go when they have expired, where requests were ever stored', async () => {
  const tables = await startTables();
  after(tables.close);
  const { put, get } = askForTables(tables.ask);
  const rows = { over: NOW.getTime() / 1000, later: NOW.getTime() / 1000 + 1, never: undefined };
  for (const [scene, expires] of Object.entries(rows))
    await put({ TableName: LEDGER_TABLE, Item: { scene, model: 'm', ...(expires && { expires }) } });
  const left = async () => {
    const found = await Promise.all(
      Object.keys(rows).map((scene) => get({ TableName: LEDGER_TABLE, Key: { scene, model: 'm' } })),
    );
    return found.flatMap(({ Item }) => (Item === undefined ? [] : [Item['scene']]));
  };
  const folder = mkdtempSync(join(root, 'rows-'));
  await expireRows(folder, tables.ask, NOW);
  assert.deepEqual(await left(), ['over', 'later', 'never']);
  mkdirSync(join(folder, 'requests'));
  await expireRows(folder, tables.ask, NOW);
  assert.deepEqual(await left(), ['later', 'never']);
});
