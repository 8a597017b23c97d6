import assert from 'node:assert/strict';
import { test } from 'node:test';
import { featuresOf } from '../../../../test/benches/scenes.ts';
import { encodeExample } from '../../../../test/tfrecord.ts';
import { parseExample, type ValuePlaces } from './example.ts';
import { layoutOf } from './recordLayout.ts';

const bytes = encodeExample(featuresOf({ value: 7, label: 2 }));

test('a record fits the layout of another whatever their values, and not where a byte of it is another', () => {
  const fits = layoutOf(bytes, placesIn(bytes))!;
  assert.ok(fits(bytes));
  assert.ok(fits(encodeExample(featuresOf({ value: 200, label: 127 }))));
  assert.ok(!fits(encodeExample(featuresOf({ value: 7, label: 128 }))), 'a label of two bytes');
  assert.ok(!fits(encodeExample(featuresOf({ value: 7 }))), 'no label');
  assert.ok(!fits(bytes.subarray(1)));
  const values = placesIn(bytes).all.flatMap(({ span }) =>
    Array.from({ length: span.end - span.start }, (_, i) => span.start + i),
  );
  assert.equal(values.length, 4 + 4 + 1);
  for (let at = 0; at < bytes.length; at++) {
    const other = new Uint8Array(bytes);
    other[at]! ^= 1;
    assert.equal(fits(other), values.includes(at), `byte ${at}`);
  }
});

test('a record with more layout than anybody would compare has none', () => {
  const names = Array.from({ length: 200 }, (_, i): [string, { kind: 'none' }] => [
    `${i}`.padEnd(100),
    { kind: 'none' },
  ]);
  const long = encodeExample(names);
  assert.equal(layoutOf(long, placesIn(long)), null);
});

function placesIn(of: Uint8Array): ValuePlaces {
  const places: ValuePlaces = { all: [], ofFeature: new Map() };
  parseExample({ file: 'scene', index: 0, offset: 0, length: of.length + 16, bytes: of }, places);
  return places;
}
