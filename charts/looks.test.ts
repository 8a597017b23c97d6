import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { REFERENCE_COLOUR, seriesColour, THRESHOLD_COLOUR } from './format.ts';
import { looksOf } from './looks.ts';

const metric = { namespace: 'Swath', name: 'Any', dimensions: {} };
const looks = (lines: { label: string; isReference: boolean }[], each = 'Class') =>
  looksOf({ panel: { series: [{ metric, each, statistic: 'Maximum', label: '' }] }, lines });
const line = (label: string, isReference = false) => ({ label, isReference });

describe("the looks of a panel's lines", () => {
  test('each measured line has its own colour; references are grey and dashed', () => {
    assert.deepEqual(looks([line('drift'), line('noise floor', true)]), [
      { colour: seriesColour(0), isDashed: false, reference: null },
      { colour: REFERENCE_COLOUR, isDashed: true, reference: null },
    ]);
  });

  test('where each of several lines has a reference, both have one colour and know each other', () => {
    const lines = [line('predicted a'), line('predicted b'), line('reference a', true), line('reference b', true)];
    assert.deepEqual(looks(lines), [
      { colour: seriesColour(0), isDashed: false, reference: 2 },
      { colour: seriesColour(1), isDashed: false, reference: 3 },
      { colour: seriesColour(0), isDashed: true, reference: null },
      { colour: seriesColour(1), isDashed: true, reference: null },
    ]);
  });

  test('failed states stand out among the end states', () => {
    const colours = looks([line('files DONE'), line('files FAILED')], 'State').map(({ colour }) => colour);
    assert.deepEqual(colours, [seriesColour(0), THRESHOLD_COLOUR]);
  });

  test('a class may have the name of a state, or of what every object has', () => {
    const lines = ['constructor', 'toString', 'FAILED', '__proto__'].map((name) => line(`predicted ${name}`));
    const colours = looks(lines, 'Class').map(({ colour }) => colour);
    assert.deepEqual(colours, [0, 1, 2, 3].map(seriesColour));
  });
});
