import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mapClasses } from './mapClasses.ts';
import { SERIES_COLOURS } from './seriesColours.ts';

const classes = (count: number) => Array.from({ length: count }, (_, value) => ({ value, name: `class ${value}` }));

test('a class has the colour that its package gives it, else the next of the series', () => {
  const found = mapClasses([
    { value: 3, name: 'water', colourHint: '018571' },
    { value: 5, name: 'soil' },
  ]);
  assert.deepEqual(found, [
    { value: 3, name: 'water', colour: [1, 133, 113] },
    { value: 5, name: 'soil', colour: [221, 97, 0] },
  ]);
  assert.deepEqual(
    found.map(({ colour }) => Buffer.from(colour).toString('hex')),
    ['018571', 'dd6100'],
  );
});

test('forty classes have forty colours, each a lighter or darker one of the series', () => {
  const [first, lighter, darker] = [0, 1, 2].map(
    (round) => mapClasses(classes(40))[round * SERIES_COLOURS.length]!.colour,
  );
  assert.deepEqual(
    [lighter, darker],
    [first!.map((part) => Math.round(part + 0.5 * (255 - part))), first!.map((part) => Math.round(part * 0.6))],
  );
  for (const { colour } of mapClasses(classes(40))) for (const part of colour) assert.ok(part >= 0 && part <= 255);
  assert.equal(new Set(mapClasses(classes(40)).map(({ colour }) => String(colour))).size, 40);
});
