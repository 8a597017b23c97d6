import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type SceneRef, sceneId } from '../../base/messages.ts';
import type { LedgerRow } from '../../ledger/ledgerRow.ts';
import { makeFindRuns, sourceOf } from './findRuns.ts';
import type { NamedChip } from './truth.ts';

const model = { name: 'm', version: '1.0.0' };

/** A row whose run is named by its id alone. */
function row(run: string, state: LedgerRow['state'], more: Partial<LedgerRow> = {}): LedgerRow {
  const scene = { bucket: 'inbox', key: 'a.tif', versionId: 'v1' };
  return { run, scene, model, state, attempt: 1, attemptLimit: 3, ...more } as LedgerRow;
}

type World = {
  /** Rows by bucket and key. */
  rows?: Record<string, LedgerRow[]>;
  /** Runs by message: `request/part`. */
  messages?: Record<string, string>;
  /** Objects that exist, by bucket and key. */
  objects?: string[];
  /** Rows of other versions, newest first; if absent, the ledger cannot be read by state. */
  left?: LedgerRow[];
};

/** Finds runs in a world in memory, and counts the look-ups of objects. */
function finder({ rows = {}, messages = {}, objects = Object.keys(rows), left }: World) {
  const all = [...Object.values(rows).flat(), ...(left ?? [])];
  const lookedUp: string[] = [];
  const find = makeFindRuns({
    ledger: {
      ofScene: async (scene: SceneRef) => {
        const former = left?.filter((one) => sceneId(one.scene) === sceneId(scene)) ?? [];
        return former.length > 0 ? former : (rows[`${scene.bucket}/${scene.key}`] ?? []);
      },
      ...(left && {
        byState: async (state: LedgerRow['state']) => ({ rows: left.filter((one) => one.state === state) }),
      }),
      byRun: async (run: string) => all.find((one) => one.run === run),
      messageOwner: async (id: string) => messages[id],
    },
    findObject: async ({ bucket, key, versionId }) => {
      lookedUp.push(`${bucket}/${key}`);
      if (!objects.includes(`${bucket}/${key}`)) return 'gone';
      return { bucket, key, versionId: versionId ?? 'v1', size: 1 };
    },
    inboxBucket: 'inbox',
    resultsBucket: 'results',
  } as Parameters<typeof makeFindRuns>[0]);
  const found = async (chip: object, of: string | null = null) => {
    const { rows: runs, ...others } = await find(chip as NamedChip, of);
    return { runs: runs.map(({ run }) => run), ...others };
  };
  return { found, lookedUp };
}

const file = (version: string | null = null, key = 'a.tif') => ({
  kind: 'scene',
  key,
  version,
  index: 0,
  digits: null,
});
const digits = (text: string) => ({ ...file(), digits: text });
/** The row of a version of a.tif that was classified at an hour. */
const leftRow = (run: string, hour: string, state: LedgerRow['state'], digest: string) =>
  row(run, state, {
    scene: { bucket: 'inbox', key: 'a.tif', versionId: `old-${run}` },
    changed: `2026-03-01T${hour}:00:00.000Z`,
    digest,
  });
const request = { kind: 'request', request: 'r-1', index: 0 };
const gathered = { scene: { bucket: 'results', key: 'answered/x', versionId: 'v1' } };

describe('the runs that predicted a chip', () => {
  /** Runs of a.tif, or of others. */
  const runs = (a: LedgerRow, others = {}): World => ({ rows: { 'inbox/a.tif': [a], ...others } });
  const duplicateOf = (owner: string, run = '1') => row(run, 'DUPLICATE', { duplicateOf: owner });
  const third = { 'inbox/c.tif': [row('3', 'DONE')] };
  const onItsWay = { runs: [], isOnItsWay: true };
  const byQueue = { rows: { 'results/requests/r-1.json': [row('1', 'DONE')] } };
  const overHttp = {
    rows: { 'results/answered/x': [row('1', 'DONE', gathered), row('2', 'DONE', gathered)] },
    messages: { 'r-1/0': '1', 'r-1/1': '2' },
  };
  const inResults = file('v1', 'requests/r-1.json');
  for (const [what, world, chip, expected] of [
    ['are those of its file', runs(row('1', 'DONE')), file(), { runs: ['1'] }],
    [
      'of a duplicate are those of the run that owns its content',
      runs(duplicateOf('3'), third),
      file(),
      { runs: ['3'], isOnItsWay: false },
    ],
    [
      'of a duplicate whose owner has just become one are not there yet: it is about to name the next owner',
      runs(duplicateOf('2'), { 'inbox/b.tif': [duplicateOf('3', '2')], ...third }),
      file(),
      onItsWay,
    ],
    [
      'are not there yet while one is running',
      runs(row('1', 'PREPARED')),
      file(),
      { ...onItsWay, why: 'its run 1 is PREPARED' },
    ],
    ['may still come while attempts are left', runs(row('1', 'FAILED')), file(), onItsWay],
    [
      'never come once the attempts are used up',
      runs(row('1', 'FAILED', { attempt: 3 })),
      file(),
      { runs: [], isOnItsWay: false },
    ],
    [
      'may still come for a file that lies there without a run',
      { objects: ['inbox/a.tif'] },
      file('v1'),
      { ...onItsWay, why: 'no run of it is known yet' },
    ],
    [
      'never come for a file that is gone',
      {},
      file('v1'),
      { runs: [], why: 'no run of it is known', isOnItsWay: false },
    ],
    [
      'never come for a file that is gone, and whose version must be named',
      {},
      file(),
      {
        why: 'no run of it is known, as it is not in the inbox: if it was, name its version (sceneVersion)',
        isOnItsWay: false,
      },
    ],
    [
      'of a deleted file are those of its last version',
      { left: [leftRow('1', '01', 'DONE', 'aa'), leftRow('2', '02', 'DONE', 'bb')] },
      file(),
      { runs: ['2'] },
    ],
    [
      'of a chip with the digits of its content are those of that version, though the file was deleted',
      { left: [leftRow('1', '01', 'DONE', 'aa'), leftRow('2', '02', 'DONE', 'bb')] },
      digits('aa'),
      { runs: ['1'] },
    ],
    [
      'or replaced by another one that is classified as well',
      { ...runs(row('3', 'DONE', { digest: 'cc' })), left: [leftRow('1', '01', 'DONE', 'aa')] },
      digits('aa'),
      { runs: ['1'] },
    ],
    [
      'are those of the file that is there if it has the digits, or if none are named',
      { ...runs(row('3', 'DONE', { digest: 'cc' })), left: [leftRow('1', '01', 'DONE', 'aa')] },
      file(),
      { runs: ['3'] },
    ],
    [
      'are not known where neither the ledger nor the inbox has the file',
      { left: [leftRow('1', '01', 'DONE', 'aa')] },
      file(null, 'b.tif'),
      { runs: [], why: 'no run of it is known', isOnItsWay: false },
    ],
    [
      'of a request over HTTP are found by all of its messages, and more parts may follow',
      overHttp,
      request,
      { runs: ['1', '2'], isOnItsWay: true },
    ],
    [
      'of a request by queue are those of its scene file, which is complete',
      byQueue,
      request,
      { runs: ['1'], isOnItsWay: false },
    ],
    ['of a request that is not known may still come', {}, request, onItsWay],
    [
      'are found in the results, too, where a chip is named by the scene of a request',
      byQueue,
      inResults,
      { runs: ['1'] },
    ],
  ] as [string, World, object, object][])
    test(what, async () => {
      assert.partialDeepStrictEqual(await finder(world).found(chip), expected);
    });

  test('are not found for another model, and the reason names the model that there is', async () => {
    const why = 'its run is by m/1.0.0, and not by other';
    const found = await finder(runs(row('1', 'DONE'))).found(file(), 'other');
    assert.partialDeepStrictEqual(found, { runs: [], why, isOnItsWay: false });
  });

  test('are not found for another version, and the reason names the one of the same model', async () => {
    const other = { ...row('1', 'DONE'), model: { name: 'height', version: '1.0.0' } };
    const found = await finder({ rows: { 'inbox/a.tif': [other, row('2', 'DONE')] } }).found(file(), 'm/0.9.0');
    assert.equal(found.why, 'its run is by m/1.0.0, and not by m/0.9.0');
  });

  test('are looked up once for all chips of a file or a request, and again for another one', () => {
    const requests = [request, { ...request, index: 1 }, { ...request, request: 'r-2' }];
    const sources = [...requests, file(), file('v1'), file(null, 'b')].map((chip) => sourceOf(chip as NamedChip));
    assert.equal(sources.map((one) => sources.indexOf(one)).join(), '0,0,2,3,4,5');
  });

  test('are read from the inbox first, and a file whose runs are known is not looked up', async () => {
    const rows = { 'inbox/requests/r.json': [row('1', 'DONE')], 'results/requests/r.json': [row('2', 'DONE')] };
    const { found, lookedUp } = finder({ rows });
    assert.deepEqual((await found(file('v1', 'requests/r.json'))).runs, ['1']);
    assert.deepEqual(lookedUp, []);
  });
});
