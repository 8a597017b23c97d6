import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';
import { readFrom } from '../../test/benches/packages.ts';
import { cogOf, cogSpec } from '../../test/maps/cogOf.ts';
import { pixelsPackage } from '../../test/models/pixelsPackage.ts';
import { makeMapPictures } from './mapPictures.ts';

test('the legend of a map of 500 classes has the ten with the most pixels, and the others without a colour', async () => {
  const files = pixelsPackage();
  const item = JSON.parse(String(files['item.json']));
  const [output] = item.properties['mlm:output'];
  const classes = Array.from({ length: 500 }, (_, value) => ({ name: `c${value}`, value }));
  output.result.shape[1] = classes.length;
  output['classification:classes'] = classes;
  const reference = { classes: Object.fromEntries(classes.map(({ name }) => [name, 1])), chips: 30 };
  const json = { 'item.json': JSON.stringify(item), 'reference.json': JSON.stringify(reference) };
  const model = await readModelPackage(readFrom({ ...files, ...json }));

  // Each class has a pixel, and ten of them 51 more.
  const labels = Uint16Array.from({ length: 1024 }, (_, i) => (i < 500 ? i : Math.floor((i - 500) / 52) * 40 + 3));
  const cog = await cogOf(cogSpec(32, 32, { dataType: 'uint16', nodata: 65_535 }), [labels]);
  const pictures = makeMapPictures(async () => ({
    size: cog.length,
    range: async (offset: number, length: number) => cog.subarray(offset, offset + length),
    chunks: async function* () {},
  }));
  const row = { run: 'r', model, day: '2026-03-01', maps: ['predictions'] } as never;
  const [{ legend } = assert.fail()] = await pictures.of(row, model);
  assert.ok(legend.kind === 'classes');
  const names = legend.classes.map(({ name }) => name);
  assert.equal(names.length, 11);
  assert.deepEqual(names.slice(0, 3), ['c3', 'c43', 'c83']);
  assert.deepEqual(legend.classes.at(-1), { name: 'others (490)', colour: 'none' });
  assert.match(legend.classes[0]!.colour, /^rgb\(\d+ \d+ \d+\)$/);
});
