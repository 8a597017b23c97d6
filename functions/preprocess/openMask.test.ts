import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import type { State } from '../../core/ledger/states.ts';
import { inOneChunk, rangesIn } from '../../core/scenes/rangesIn.ts';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';
import { rowIn } from '../../test/benches/ledgerRows.ts';
import { encodeGeoTiff } from '../../test/geoTiff.ts';
import { openMask } from './preprocess.ts';

const FOLDER = new URL('../../models/s2-scl/1.0.0/', import.meta.url);
const scl = await readModelPackage(async (name) => readFile(new URL(name, FOLDER)));
const SCL = { name: 's2-scl', version: '1.0.0' };
const scene = { bucket: 'inbox', key: 'a.tif', versionId: 'v1' };
const map = { model: SCL.name, classes: ['cloud', 'cirrus'] };
const masked = { mask: { band: -1, values: [], bits: 0, share: 0.2, map } };
const file = encodeGeoTiff({ width: 2, height: 2, bands: [new Uint8Array(4)] });

const rowOf = (state: State, more: Partial<LedgerRow> = {}) =>
  rowIn(state, { scene, model: SCL, run: 'f'.repeat(32), day: '2026-03-01', ...more });
const error = { name: 'InvalidSceneFile', message: 'a.tif: is cut short', step: 'Preprocess', attempt: 1, at: '' };
const DONE = rowOf('DONE', { maps: ['predictions'] });

type Options = { rows?: LedgerRow[]; owner?: LedgerRow; isLive?: boolean; of?: typeof scene; mask?: object };

async function open({ rows = [], owner, isLive = true, of = scene, mask = masked }: Options) {
  const started: string[] = [];
  const opened = await openMask(
    {
      ledger: { ofScene: async () => rows, byRun: async () => owner },
      models: {
        serving: async () => ({ live: isLive ? [{ model: SCL, accepts: ['*'], since: null }] : [], waiting: [] }),
        load: async () => scl,
      },
      accept: async ({ model }) => {
        started.push(model!.version);
        return 'started';
      },
      openResult: async () => ({ size: file.length, range: rangesIn(file), chunks: () => inOneChunk(file) }),
    },
    of,
    mask as unknown as typeof scl,
  ).catch((thrown: Error) => `${thrown.name}: ${thrown.message}`);
  return { opened, started };
}

describe("another model's map", () => {
  test('is opened once its run is done, with the values of the classes that hide a pixel', async () => {
    const { opened } = await open({ rows: [rowOf('FAILED', { model: { ...SCL, version: '0.9.0' } }), DONE] });
    assert.ok(typeof opened !== 'string' && opened !== null);
    assert.deepEqual([opened.mask.values, opened.map.raster.width], [[4, 5], 2]);
  });

  test('is that of the same bytes, if they count as another file', async () => {
    const rows = [rowOf('DUPLICATE', { duplicateOf: 'a'.repeat(32) })];
    assert.ok(typeof (await open({ rows, owner: DONE })).opened === 'object');
    assert.match(String((await open({ rows, owner: rowOf('PREPARED') })).opened), /^MaskAwaited: /);
  });

  for (const [what, options, says] of [
    ['is awaited while its run is prepared', { rows: [rowOf('CLAIMED')] }, /^MaskAwaited: a\.tif: .*CLAIMED/],
    ['is awaited while its run is inferred', { rows: [rowOf('PREDICTED')] }, /^MaskAwaited: a\.tif: .*PREDICTED/],
    [
      'is missing if its run has failed',
      { rows: [rowOf('FAILED', { error })] },
      /^MaskMissing: .*FAILED.*is cut short/,
    ],
    ['is missing if the file is invalid', { rows: [rowOf('INVALID', { error })] }, /^MaskMissing: .*INVALID/],
    ['is missing if that run made none', { rows: [rowOf('DONE')] }, /^MaskMissing: .*without a map/],
    ['is missing if the model is not live', { isLive: false }, /^MaskMissing: .*no live version/],
    [
      'has not the class',
      { rows: [DONE], mask: { mask: { ...masked.mask, map: { ...map, classes: ['haze'] } } } },
      /^InvalidModelPackage: .*the class haze of s2-scl 1\.0\.0, allowed is shadow, vegetation/,
    ],
  ] as const)
    test(what, async () => {
      const { opened, started } = await open(options as Options);
      assert.match(String(opened), says);
      assert.deepEqual(started, []);
    });

  test('is awaited, and its run started, if the model is live and has none', async () => {
    const { opened, started } = await open({});
    assert.match(String(opened), /^MaskAwaited: /);
    assert.deepEqual(started, ['1.0.0']);
  });

  for (const [what, options] of [
    ['all chips of its run are blank', { rows: [rowOf('EMPTY')] }],
    ['a request came by a queue', { of: { ...scene, key: 'requests/ab.json' } }],
    ['predictions were answered over HTTP', { of: { ...scene, key: `answered/${'a'.repeat(64)}.jsonl` } }],
    ['the mask is a band', { mask: { mask: { band: 0, values: [4], bits: 0, share: 0.2 } } }],
  ] as const)
    test(`is none if ${what}`, async () => assert.equal((await open(options as Options)).opened, null));
});
