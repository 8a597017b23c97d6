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
      { colour: seriesColour(0), dash: 'none', reference: null },
      { colour: REFERENCE_COLOUR, dash: '4 3', reference: null },
    ]);
  });

  test('where each of several lines has a reference, both have one colour and know each other', () => {
    const lines = [line('predicted a'), line('predicted b'), line('reference a', true), line('reference b', true)];
    assert.deepEqual(looks(lines), [
      { colour: seriesColour(0), dash: 'none', reference: 2 },
      { colour: seriesColour(1), dash: 'none', reference: 3 },
      { colour: seriesColour(0), dash: '4 3', reference: null },
      { colour: seriesColour(1), dash: '4 3', reference: null },
    ]);
  });

  test('of more lines than colours, no two look alike, not even to an eye without colours where their colours are shades', () => {
    const names = Array.from({ length: 16 }, (_, i) => `class ${i}`);
    const all = looks([...names.map((name) => line(name)), ...names.map((name) => line(name, true))]);
    assert.equal(new Set(all.map(({ colour, dash }) => `${colour} ${dash}`)).size, 32);
    assert.deepEqual([all[0]?.dash, all[8]?.dash, all[8]?.colour], ['none', '2 2', seriesColour(8)]);
    assert.equal(new Set(Array.from({ length: 32 }, (_, i) => seriesColour(i))).size, 32);
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
