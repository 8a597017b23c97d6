import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { before, describe, test } from 'node:test';
import { parseHTML } from 'linkedom';
import { LEDGER_TABLE } from '../../../local/tables/tables.ts';
import { startTestTables } from '../../../test/benches/tables.ts';
import { HOSTILE_NAMES, NO_KEYS } from '../../../test/hostileNames.ts';
import type { Cursor } from '../../ledger/contract.ts';
import { makeLedger } from '../../ledger/ledger.ts';
import type { LedgerRow } from '../../ledger/ledgerRow.ts';
import { predictionsKey, preparedKey, reportKey } from '../keys.ts';
import {
  executionName,
  modelId,
  runId,
  type SceneRef,
  sceneEventSchema,
  sceneId,
  sceneInput,
  sceneRefSchema,
} from '../messages.ts';
import { html } from './html.ts';
import { jsonLine } from './jsonLine.ts';
import { printable } from './printable.ts';

/** A name is kept to the last letter, and shown so that it is nothing but a name. */

const tables = await startTestTables();
const ledger = makeLedger(tables, LEDGER_TABLE);
const model = { name: 'hostile', version: '1.0.0' };
const scenes = HOSTILE_NAMES.map(({ name }): SceneRef => ({ bucket: 'inbox', key: name, versionId: sha256(name) }));
const UNSHOWN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

test('a name survives the round trip through an event', () => {
  for (const scene of scenes) {
    const event = JSON.parse(JSON.stringify(sceneInput(scene, model)));
    assert.deepEqual(sceneEventSchema.parse(event), { scene, model });
  }
});

test('an invalid key is refused with the reason', () => {
  for (const { name, why } of NO_KEYS) {
    const { error } = sceneRefSchema.safeParse({ bucket: 'inbox', key: name, versionId: 'v' });
    assert.match(error?.issues[0]?.message ?? '', why);
  }
});

test('no two names share a run id, and no derived key contains the name', () => {
  const runs = scenes.map((scene) => runId(scene, model));
  assert.equal(new Set(runs).size, scenes.length);
  assert.equal(new Set(scenes.map(sceneId)).size, scenes.length);
  for (const run of runs) {
    assert.match(run, /^[0-9a-f]{32}$/);
    assert.match(executionName(run, 1), /^[0-9a-f]{32}-1$/);
    assert.equal(preparedKey(run, 0), `prepared/${run}/part-00000.arrow`);
    const day = '2026-03-01';
    const at = `model=hostile/version=1.0.0/date=${day}`;
    assert.equal(predictionsKey({ id: run, model, day }, 0), `predictions/${at}/${run}-00000.parquet`);
    assert.equal(reportKey(model, day, 'html'), `reports/${at}/report.html`);
  }
});

describe('in the ledger', () => {
  const now = new Date('2026-03-01T10:00:00Z');
  const rows: LedgerRow[] = [];

  before(async () => {
    const fixed = { day: '2026-03-01', chipsPerPart: 512 };
    const claimed = scenes.map(async (scene, i) => {
      const execution = `e-${i}`;
      const request = { scene, model, execution, now, fixed, leaseSeconds: 60, attemptLimit: 3 };
      const { row } = await ledger.claim(request);
      const message = `${scene.key}: it broke`;
      const error = { name: 'Error', message, step: 'Infer', attempt: 1, at: now.toISOString(), execution };
      return ledger.advance(row, 'FAILED', now, { error, countedDay: '2026-03-01' });
    });
    rows.push(...(await Promise.all(claimed)));
  });

  test('each has a row of its own, with the name and the message that quotes it', async () => {
    assert.deepEqual(
      rows.map(({ scene, error }) => [scene, error?.message]),
      scenes.map((scene) => [scene, `${scene.key}: it broke`]),
    );
    assert.deepEqual((await Promise.all(scenes.map((scene) => ledger.ofScene(scene)))).flat(), rows);
  });

  test('each is found by its run, its state and its day, across pages whose cursors contain the name', async () => {
    assert.deepEqual(await Promise.all(rows.map(({ run }) => ledger.byRun(run))), rows);
    const found: LedgerRow[] = [];
    let cursor: Cursor | undefined;
    do {
      const page = await ledger.byState('FAILED', { limit: 7, ...(cursor && { cursor }) });
      found.push(...page.rows);
      cursor = page.cursor && JSON.parse(JSON.stringify(page.cursor)); // as it crosses from step to step
    } while (cursor !== undefined);
    const byRun = (a: LedgerRow, b: LedgerRow) => (a.run < b.run ? -1 : 1);
    assert.deepEqual(found.sort(byRun), rows.toSorted(byRun));
    const ofDay: LedgerRow[] = [];
    for await (const row of ledger.rowsOfDay('2026-03-01')) ofDay.push(row);
    assert.deepEqual(ofDay.sort(byRun), rows.toSorted(byRun));
  });

  test('a digest row names its owner by the exact name', async () => {
    const named = rows.map(async ({ run: id, scene, attempt, execution }) => {
      const digest = sha256(`content of ${scene.key}`);
      await ledger.claimContent({ id, scene, model, attempt, execution, digest, day: '2026-03-01' });
      const Key = { scene: `digest#${digest}`, model: modelId(model) };
      const { Item } = await tables.get({ TableName: LEDGER_TABLE, Key });
      return [Item?.['owner'], Item?.['ownerScene']];
    });
    const wanted = rows.map(({ run, scene }) => [run, scene]);
    assert.deepEqual(await Promise.all(named), wanted);
  });
});

describe('shown', () => {
  test('a name has no invisible characters, and no two names look alike', () => {
    const shown = HOSTILE_NAMES.map(({ name }) => printable(name));
    for (const text of shown) assert.doesNotMatch(text, UNSHOWN);
    assert.equal(new Set(shown).size, shown.length);
  });

  for (const [text, shown] of [
    ['invoice\u202efdp.exe', 'invoice\\u202efdp.exe'],
    ['c1\u009b2J\u0085', 'c1\\u009b2J\\u0085'],
    ['filled\u3164\u115f\u034f', 'filled\\u3164\\u115f\\u034f'],
    ['tagged\u{e0041}\u{e0100}', 'tagged\\u{e0041}\\u{e0100}'],
    ['half \ud83d', 'half \\ud83d'],
    ['a\ufe0f', 'a\\ufe0f'],
    ['satellite 🛰️ 衛星', 'satellite 🛰️ 衛星'],
    ['cafe\u0301', 'cafe\u0301'],
  ] as const)
    test(`${jsonLine(text)} is ${shown}`, () => assert.equal(printable(text), shown));

  test('in HTML a name stays the text of one element and of one attribute', () => {
    for (const { name } of HOSTILE_NAMES) {
      const { document } = parseHTML(`<body>${html`<p title="${name}">${name}</p>`.html}</body>`);
      const [p, ...others] = document.querySelectorAll('body *');
      assert.deepEqual(
        [p?.textContent, p?.getAttribute('title'), others.length],
        [printable(name), printable(name), 0],
      );
      assert.equal(p?.attributes.length, 1);
    }
  });

  test('as JSON a name is one line for any line reader, and parses to the same text', () => {
    for (const { name } of [...HOSTILE_NAMES, ...NO_KEYS]) {
      const line = jsonLine({ [name]: [name] });
      assert.doesNotMatch(line, UNSHOWN);
      assert.deepEqual(JSON.parse(line), JSON.parse(JSON.stringify({ [name]: [name] })));
    }
    assert.equal(jsonLine('\u009b\u2028\u{e0041}\n'), '"\\u009b\\u2028\\udb40\\udc41\\n"');
  });
});

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
