import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { LEDGER_TABLE } from '../../local/tables/tables.ts';
import { startTestTables } from '../../test/benches/tables.ts';
import { answeredKey, requestKey } from '../base/keys.ts';
import { type RunRef, runId, type SceneRef, sceneId } from '../base/messages.ts';
import { keyOfContent } from './contentClaim.ts';
import { makeLedger } from './ledger.ts';
import { keyOfRun, shadowsOfScene } from './ledgerItem.ts';
import type { Table } from './table.ts';

const tables = await startTestTables();
const ledger = makeLedger(tables, LEDGER_TABLE, 90);
const model = { name: 'baseline', version: '1.0.0' };
const FIRST = '2026-01-01';
/** Rows of the first day expire at the beginning of this one, and the bucket's lifecycle removes their objects then. */
const EXPIRED = '2026-04-02';
const expires = Date.parse(EXPIRED) / 1000;

describe('rows of a run expire together', () => {
  for (const [key, expected] of [
    [requestKey('r-1'), expires],
    [requestKey('a.request'), expires],
    [answeredKey('0'.repeat(64)), expires],
    ['north/a.csv', undefined],
  ] as const)
    test(`of ${key.slice(0, 16)}: ${expected === undefined ? 'never' : EXPIRED}`, async () => {
      const run = await claimed(key, FIRST);
      const { row } = await claim(run);
      await ledger.claimContent(run);
      const waiting = { id: 'waiting', scene: run.scene, day: FIRST };
      await ledger.addWaitingDuplicate(run.id, waiting);
      await ledger.endShadow({ ...row, state: 'DONE', shadow: true, day: FIRST });
      const ended = await claimed(key, FIRST);
      await ledger.fail((await claim(ended)).row, 'FAILED', { name: 'Error', message: '', step: 'Infer' }, at(FIRST));
      const seen = (await ledger.get(ended.scene, model))!;
      assert.ok(await ledger.end({ ...seen, state: 'DONE', batch: 'b' }, seen));
      const announced = newScene(key);
      const about = { model, execution: 'e', now: at(FIRST), leaseSeconds: 60, attemptLimit: 3 };
      await ledger.announceRun({ ...about, scene: announced, fixed: { day: FIRST, chipsPerPart: 512 } });
      for (const Key of [
        keyOfRun(run.scene, model),
        keyOfRun(ended.scene, model),
        keyOfRun(announced, model),
        { ...keyOfRun(run.scene, model), scene: shadowsOfScene(run.scene) },
        keyOfContent(run.digest, model),
        { scene: `heirs#${run.id}`, model: 'waiting' },
      ]) {
        const { Item } = await tables.get({ TableName: LEDGER_TABLE, Key });
        assert.deepEqual([Key.scene, Item!['expires']], [Key.scene, expected]);
      }
    });
});

test('a repeated request is a duplicate until its rows expire, and a new one after that, even if they still exist', async () => {
  const first = await claimed(requestKey('r'), FIRST);
  await ledger.claimContent(first);
  const before = await claimed(requestKey('r'), '2026-04-01', first.digest);
  assert.equal(await ledger.claimContent(before), first.id);
  const after = await claimed(requestKey('r'), EXPIRED, first.digest);
  assert.equal(await ledger.claimContent(after), after.id);
  assert.equal((await contentOf(after))!['expires'], Date.parse('2026-07-02') / 1000);
  const again = await claimed(requestKey('r'), EXPIRED, first.digest);
  assert.equal(await ledger.claimDigest(again, 'batch'), after.id);
});

test('of many runs that find an expired content at the same time, one becomes its owner', async () => {
  const first = await claimed(requestKey('r'), FIRST);
  await ledger.claimContent(first);
  const others = await Promise.all(Array.from({ length: 8 }, () => claimed(requestKey('r'), EXPIRED, first.digest)));
  const owners = new Set(await Promise.all(others.map((run) => ledger.claimContent(run))));
  assert.equal(owners.size, 1);
  assert.ok(!owners.has(first.id));
});

test('a run whose row expired in a later attempt owns its content again in its first', async () => {
  const first = await claimed(requestKey('r'), FIRST);
  await ledger.claimContent({ ...first, attempt: 2 });
  await tables.delete({ TableName: LEDGER_TABLE, Key: keyOfRun(first.scene, model) });
  const { row } = await claim({ ...first, day: EXPIRED }); // on a laptop, the same bytes are the same version
  assert.deepEqual([row.attempt, row.day], [1, EXPIRED]);
  assert.equal(await ledger.claimContent({ ...first, day: EXPIRED }), first.id);
});

test('a content that is deleted while it is read can be claimed', async () => {
  const first = await claimed(requestKey('r'), FIRST);
  await ledger.claimContent(first);
  const next = await claimed(requestKey('r'), EXPIRED, first.digest);
  const deleting: Table = Object.assign(Object.create(tables), {
    get: async (input: Parameters<Table['get']>[0]) => {
      await tables.delete({ TableName: LEDGER_TABLE, Key: keyOfContent(first.digest, model) });
      return tables.get(input);
    },
  });
  const { claimContent } = makeLedger(deleting, LEDGER_TABLE, 90);
  assert.equal(await claimContent(next), next.id);
});

test('a duplicate of an expired content is not renamed', async () => {
  const { id, digest, scene } = await claimed(requestKey('r'), FIRST);
  await ledger.nameOwners([{ run: id, scene, model, attempt: 1, duplicateOf: 'gone', day: FIRST, digest }]);
  const { Item } = await tables.get({
    TableName: LEDGER_TABLE,
    Key: { scene: sceneId(scene), model: 'baseline/1.0.0' },
  });
  assert.equal(Item!['duplicateOf'], undefined);
});

test('a message counts for the run that claimed it until that claim expires, and then for the next', async () => {
  const id = `${crypto.randomUUID()}/0`;
  assert.equal((await ledger.claimMessages([id], 'first', FIRST)).size, 1);
  assert.equal((await ledger.claimMessages([id], 'second', '2026-04-01')).size, 0);
  assert.equal((await ledger.claimMessages([id], 'second', EXPIRED)).size, 1);
  assert.equal((await ledger.claimMessages([id], 'first', EXPIRED)).size, 0);
  assert.equal(await ledger.messageOwner(id), 'second');
});

async function claimed(key: string, day: string, digest = randomBytes(32).toString('hex')): Promise<RunRef> {
  const scene = newScene(key);
  const run = { id: runId(scene, model), scene, model, attempt: 1, execution: 'e', digest, day };
  await claim(run);
  return run;
}

function claim({ scene, day, execution }: Pick<RunRef, 'scene' | 'day' | 'execution'>) {
  const fixed = { day, chipsPerPart: 512 };
  return ledger.claim({ scene, model, execution, now: at(day), leaseSeconds: 60, attemptLimit: 3, fixed });
}

async function contentOf({ digest }: RunRef) {
  return (await tables.get({ TableName: LEDGER_TABLE, Key: keyOfContent(digest, model) })).Item;
}

function newScene(key: string): SceneRef {
  return { bucket: 'results', key, versionId: crypto.randomUUID() };
}

function at(day: string): Date {
  return new Date(`${day}T10:00:00Z`);
}
