import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Service } from '../../console/service.ts';
import { ObjectNotFound } from '../../core/base/errors.ts';
import { predictionsKey, truthKey } from '../../core/base/keys.ts';
import { encodeTold, type Told } from '../../core/doors/truth/toldTruths.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import { inRow, taskNamed, toldColumn } from '../../core/tasks/registry.ts';
import { editedPackage } from '../../test/benches/packages.ts';
import { partOf, predict } from '../../test/benches/predictions.ts';
import { temporaryFolder } from '../../test/swath.ts';
import { type RetrainPorts, retrainOnce } from './retrain.ts';
import { findTrainingData, TRUTHS, writeTrainingData } from './trainingData.ts';

const DAY = '2026-03-02';
const AT = `${DAY}T08:00:00.000Z`;
/** Of the files here, that with the key a and those with the same bytes are held out. */
const SHARE = 0.2;

const baseline = await editedPackage([]);
const versionOf = (version: string, names: readonly string[], task = 'classification'): ModelPackage => ({
  ...baseline,
  version,
  task: taskNamed(task),
  classes: names.map((name, value) => ({ name, value })),
  ...(task === 'regression' && { reference: { edges: [0, 1], counts: [0, 1, 0] } }),
  output: { ...baseline.output, thresholds: names.map(() => 0.5) },
});

type Truths = readonly (Told['truth'] | null)[];
type File = {
  key: string;
  bytes?: string;
  model: ModelPackage;
  stated?: readonly (number | null)[];
  told?: Truths;
  chosen?: Truths;
};

/** A service in which these files are done, with truths that they state, and that came later; `chosen` as least certain. */
async function serviceWith(files: readonly File[]) {
  const rows: LedgerRow[] = [];
  const results = new Map<string, Uint8Array>();
  for (const { key, bytes: content = key, model, stated = [], told = [], chosen = [] } of files) {
    const names = model.classes;
    const chips = Math.max(stated.length, told.length, chosen.length);
    const run = { id: `${key}-${model.version}`, model: { name: model.name, version: model.version }, day: DAY };
    const truth = Array.from({ length: chips }, (_, i) => stated[i] ?? null);
    const outputs = Array.from({ length: chips }, () =>
      names.length === 0 ? [0.5] : names.map((_, i) => (i === 0 ? 1 : 0)),
    );
    const digest = (content.charCodeAt(0) % 16).toString(16).repeat(64);
    const scene = { bucket: 'inbox', key, versionId: 'v1' };
    const { sum, bytes } = predict(model, outputs, { run: run.id, digest, scene: key }, partOf(chips, { truth }));
    results.set(predictionsKey(run, 0), bytes);
    const of = (truths: Truths, isChosen: boolean) =>
      truths.flatMap((one, index): [number, Told][] =>
        one === null ? [] : [[index, { index, truth: one, at: AT, isChosen }]],
      );
    const later = new Map([...of(told, false), ...of(chosen, true)]);
    const about = { run: run.id, scene: key, column: toldColumn(model.task).name };
    const chip = () => ({ id: 'chip', member: null, request: null });
    if (later.size > 0) results.set(truthKey(run), await encodeTold(about, later, chip));
    rows.push({
      ...{ run: run.id, scene, model: run.model, state: 'DONE', day: DAY, countedDay: DAY, parts: 1, size: 4, chips },
      ...{ digest, ...(later.size > 0 && { told: 'v1' }), ...inRow(sum, model) },
    } as unknown as LedgerRow);
  }
  const read = (key: string) => results.get(key) ?? assert.fail(key);
  return {
    now: () => new Date(AT),
    ledger: {
      rowsOfDay: async function* (day: string) {
        if (day === DAY) yield* rows;
      },
    },
    models: {
      load: async ({ version }: { version: string }) => files.find(({ model }) => model.version === version)!.model,
    },
    readResult: async (key: string) => read(key),
  } as unknown as Parameters<typeof findTrainingData>[0];
}

const find = async (live: ModelPackage, ...files: File[]) => {
  const data = await findTrainingData(await serviceWith(files), live, { since: '30d', share: SHARE });
  const chips = data.scenes.map(({ row, chips }): [string, unknown[]] => [
    row.scene.key,
    chips.map(({ truth }) => truth),
  ]);
  return { ...data, chips: Object.fromEntries(chips) };
};

describe('truths that were stated for several versions', () => {
  const [old, live] = [versionOf('1.0.0', ['a', 'b', 'c']), versionOf('2.0.0', ['b', 'a', 'c'])];
  for (const [title, file, ofOld, ofLive] of [
    ['that scene files state', { stated: [0, 1, 2, null] }, [1, 0, 2], [0, 1, 2]],
    ['that came later', { told: [0, 1, 2] }, [1, 0, 2], [0, 1, 2]],
    ['of chips that were chosen as least certain', { chosen: [0, 1] }, [1, 0], [0, 1]],
    ['that came later and replace those of the file', { stated: [0, 0], told: [1, null] }, [0, 1], [1, 0]],
  ] as const)
    test(`are those of the live version by the name of the class: ${title}`, async () => {
      const { chips } = await find(live, { key: 'a', model: old, ...file }, { key: 'c', model: live, ...file });
      assert.deepEqual(chips['a'], ofOld);
      assert.deepEqual(chips['c'], ofLive);
    });

  test('are left out and counted where the live version has no such class', async () => {
    const more = versionOf('1.0.0', ['gone', 'a', 'b']);
    const { chips, unknown, truths } = await find(live, { key: 'a', model: more, stated: [0, 1, 2, 0] });
    assert.deepEqual([chips, unknown, truths], [{ a: [1, 0] }, 2, { [DAY]: 2 }]);
    const none = await find(live, { key: 'a', model: more, stated: [0] });
    assert.deepEqual([none.scenes, none.unknown], [[], 1]);
  });

  test('are labels by their names, whatever their order, and are left out with a label that the live version does not have', async () => {
    const [one, other] = [
      versionOf('1.0.0', ['a', 'b', 'gone'], 'multilabel'),
      versionOf('2.0.0', ['b', 'a'], 'multilabel'),
    ];
    const { chips, unknown } = await find(other, { key: 'a', model: one, told: ['a', 'a, b', '', 'b, gone'] });
    assert.deepEqual([chips, unknown], [{ a: ['a', 'a, b', ''] }, 1]);
  });

  test('are numbers as they are', async () => {
    const [one, other] = [versionOf('1.0.0', [], 'regression'), versionOf('2.0.0', [], 'regression')];
    const { chips } = await find(other, { key: 'a', model: one, told: [0.5, 7] });
    assert.deepEqual(chips, { a: [0.5, 7] });
  });
});

describe('a chip that was chosen as least certain', () => {
  const model = versionOf('1.0.0', ['a', 'b', 'c']);
  for (const [title, file, expected] of [
    ['judges nothing', { chosen: [1] }, [{ index: 0, truth: 1, isSelected: true }]],
    [
      'judges with the truth that its file states',
      { stated: [2], chosen: [1] },
      [{ index: 0, truth: 2, isSelected: false }],
    ],
  ] as const)
    test(title, async () => {
      const { scenes } = await find(model, { key: 'a', model, ...file });
      assert.deepEqual(
        scenes.map(({ isHeldOut, chips }) => [isHeldOut, chips]),
        [[true, expected]],
      );
    });
});

test('the same bytes are held out under each key, whichever of their runs are looked at', async () => {
  const model = versionOf('1.0.0', ['a', 'b', 'c']);
  for (const [bytes, expected] of [
    ['a', true],
    ['b', false],
  ] as const)
    for (const keys of ['c', 'd', 'g', 'cdg', 'gdc']) {
      const { scenes } = await find(model, ...[...keys].map((key) => ({ key, bytes, model, stated: [0, 1] })));
      assert.deepEqual(
        scenes.map(({ isHeldOut }) => isHeldOut),
        [expected],
        `${bytes} ${keys}`,
      );
    }
});

test('a training waits as long as every held-out chip was chosen as least certain', async () => {
  const model = versionOf('1.0.0', ['a', 'b', 'c']);
  const trainedOn = { key: 'b', model, told: [0, 1, 2] };
  for (const [heldOut, expected] of [
    [{ key: 'a', model, chosen: [0, 1] }, 'waits'],
    [{ key: 'a', model, chosen: [0, 1], stated: [null, 2] }, 'would train'],
  ] as const) {
    const { models, ...of } = await serviceWith([trainedOn, heldOut]);
    const promotion = async () => ({ name: model.name, version: model.version });
    const read = () => Promise.reject(new ObjectNotFound('It does not exist.'));
    const service = {
      ...{ ...of, models: { ...models, promotion }, modelBucket: { read }, parameters: { modelName: model.name } },
    } as unknown as Service;
    const opened = [service];
    const within: RetrainPorts['within'] = async (work) => work(opened.pop() ?? assert.fail('would train'));
    const ports = { since: '30d', heldOut: SHARE, fresh: 2, work: temporaryFolder(), command: ['true'], within };
    const ended = retrainOnce({ ...ports, tell: async () => {} });
    assert.equal(
      await ended.then(
        ({ outcome }) => outcome,
        ({ message }: Error) => message,
      ),
      expected,
    );
  }
});

test('equal truths are written as equal bytes, whichever scene is copied first, without those that are gone', async () => {
  const model = versionOf('1.0.0', ['a', 'b', 'c']);
  const data = await find(model, ...[...'hgfedcba'].map((key) => ({ key, model, stated: [0, 1] })));
  const write = async (delayOf: (key: string) => number) => {
    const folder = temporaryFolder();
    const readRange = async ({ key }: { key: string }) => {
      await setTimeout(delayOf(key));
      if (key === 'e') throw new ObjectNotFound(key);
      return Buffer.from(key.repeat(4));
    };
    const scenes = await writeTrainingData({ readRange } as never, data, model, folder);
    return { keys: scenes.map(({ row }) => row.scene.key), table: readFileSync(join(folder, TRUTHS), 'utf8') };
  };
  const first = await write((key) => 5 * (key.charCodeAt(0) - 97));
  assert.deepEqual(first.keys, [...'abcdfgh']);
  assert.deepEqual(await write((key) => 5 * (104 - key.charCodeAt(0))), first);
});

for (const [what, error, says] of [
  ['may not be read', Object.assign(new Error('Access Denied'), { name: 'AccessDenied' }), /^Access Denied$/],
  ['are all gone', new ObjectNotFound('It does not exist.'), /^No scene whose truth is known can be read again\.$/],
] as const)
  test(`no training begins where the files of the inbox ${what}`, async () => {
    const model = versionOf('1.0.0', ['a', 'b', 'c']);
    const data = await find(model, { key: 'c', model, stated: [0, 1] });
    const readRange = () => Promise.reject(error);
    await assert.rejects(writeTrainingData({ readRange } as never, data, model, temporaryFolder()), { message: says });
  });
