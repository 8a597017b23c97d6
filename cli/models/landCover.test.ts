import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { segmentTexts } from '../../core/drift/driftText.ts';
import { shownSegments } from '../../core/drift/segments.ts';
import { makeLedger } from '../../core/ledger/ledger.ts';
import { type OwnStack, startStack } from '../../local/stack/stack.ts';
import { LEDGER_TABLE } from '../../local/tables/tables.ts';
import { sfc32 } from '../../replay/sfc32.ts';
import { heightsPackage } from '../../test/benches/heights.ts';
import { PROPERTIES } from '../../test/benches/packages.ts';
import { encodeGeoTiff } from '../../test/geoTiff.ts';
import { temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';
import { readPackageFolder } from './publishModel.ts';

/** A package with a file of land cover, from its profile to the cover that drifts. */

/** Chips of 4 × 4 pixels: ten beside one another, the five to the west of 3°E on fields, the others in a forest. */
const [SIDE, PIXEL] = [40, 10];
const place = { epsg: 32631, origin: [500_000 - (SIDE / 2) * PIXEL, 5_500_000], pixel: PIXEL } as const;
const box = (west: number, east: number) => [
  [west, 49],
  [east, 49],
  [east, 50],
  [west, 50],
  [west, 49],
];
const COVER = {
  type: 'FeatureCollection',
  features: [
    { type: 'Feature', properties: { class: 'fields' }, geometry: { type: 'Polygon', coordinates: [box(2, 3)] } },
    {
      type: 'Feature',
      properties: { class: 'forest' },
      geometry: { type: 'MultiPolygon', coordinates: [[box(3, 4)]] },
    },
  ],
};

const random = sfc32(3, 1, 4);
/** A raster whose chips are so bright on fields and in the forest, give or take 30. */
function rasterOf(fields: number, forest: number): Uint8Array {
  const levels = Array.from({ length: 100 }, (_, chip) => (chip % 10 < 5 ? fields : forest) + 60 * (random() - 0.5));
  const band = Uint8Array.from(
    { length: SIDE ** 2 },
    (_, i) => levels[10 * Math.floor(i / SIDE / 4) + Math.floor((i % SIDE) / 4)]!,
  );
  return encodeGeoTiff({ width: SIDE, height: SIDE, bands: [band], ...place });
}

const cwd = temporaryFolder();
const dataDir = join(cwd, 'data');

describe('a package that tells chips apart by land cover', () => {
  let stack: OwnStack;
  const swath = async (...args: string[]) => {
    const { code, stdout, stderr } = await swathHere(args, cwd);
    assert.equal(code, 0, stderr);
    return stdout;
  };

  before(async () => {
    mkdirSync(join(cwd, 'heights'), { recursive: true });
    const cover = { polygons: './landcover.geojson', property: 'class', values: ['fields', 'forest'] };
    const files = await heightsPackage([`${PROPERTIES}/swath:segments`, { cover }]);
    const reference = JSON.stringify({ bins: { edges: [0, 20, 40, 60, 80, 100, 120], counts: [1, 1, 1, 1, 1, 1] } });
    for (const [name, content] of Object.entries({
      ...files,
      'reference.json': reference,
      'landcover.geojson': JSON.stringify(COVER),
    }))
      writeFileSync(join(cwd, 'heights', name), content);
    stack = await startStack({ dataDir, command: 'a test' });
  });
  after(() => stack.close());

  test('has in its reference what is usual on each cover', async () => {
    const names = Array.from({ length: 6 }, (_, i) => `usual-${i}.tif`);
    for (const name of names) writeFileSync(join(cwd, name), rasterOf(60, 180));
    assert.match(
      await swath('model', 'profile', 'heights', '--data', ...names),
      /It says what is usual of 2 segments\./,
    );
    const { seasons } = await readPackageFolder(join(cwd, 'heights'));
    const { fields, forest } = seasons!.segments['cover']!;
    const countsOf = ({ reference }: { reference: unknown }) => (reference as { counts: number[] }).counts;
    assert.deepEqual([fields!.scenes, forest!.scenes], [6, 6]);
    const sumOf = (counts: number[]) => counts.reduce((sum, count) => sum + count);
    assert.deepEqual([sumOf(countsOf(fields!).slice(0, 4)), sumOf(countsOf(forest!).slice(4))], [300, 300]);
  });

  test('of a forest that darkens names the forest alone, and nothing of a usual scene', async () => {
    await swath('model', 'publish', 'heights', '--promote', '--data-dir', dataDir);
    const model = await readPackageFolder(join(cwd, 'heights'));
    const published = join(dataDir, 'models', model.name, model.version, 'landcover.geojson');
    assert.deepEqual(JSON.parse(readFileSync(published, 'utf8')), COVER);
    const judged = async (name: string, fields: number, forest: number) => {
      writeFileSync(join(cwd, name), rasterOf(fields, forest));
      await swath('classify', name, '--model', 'heights', '--data-dir', dataDir);
      const ledger = makeLedger(stack.tables, LEDGER_TABLE);
      const rows = (await Array.fromAsync(ledger.rowsOfDay(stack.now().toISOString().slice(0, 10)))).filter(
        ({ scene }) => scene.key.endsWith(name),
      );
      assert.equal(rows.length, 1);
      return segmentTexts(shownSegments(rows, model, { threshold: 0.25, minimum: 30 }));
    };
    assert.deepEqual(await judged('same.tif', 60, 180), []);
    assert.deepEqual(await judged('dark.tif', 60, 80), ['Within cover forest, there is drift: the predictions.']);
  });
});
