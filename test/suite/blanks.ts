import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Feature } from '../../core/scenes/formats/tfrecord/example.ts';
import { countsIn, numbersIn } from '../benches/summaries.ts';
import { blankFrames, edited, frames, named } from '../scenes.ts';
import type { Stacked } from './subject.ts';

const PIXELS = 65 * 65;
const BANDS = Array.from({ length: 11 }, (_, i) => `B${i + 1}`);

/** Chips with nothing on them. */
export function blanks(stacked: Stacked): void {
  test('a file of blank chips only ends EMPTY, without predictions, and the pipeline stays well', async () => {
    const { stack, run, unique, predictionsOf } = stacked();
    const row = await run('blank', Buffer.concat(blankFrames.map((frame) => named(frame, unique('blank')))));
    assert.partialDeepStrictEqual(row, { state: 'EMPTY', chips: 2, blank: 2, parts: 0 });
    assert.deepEqual([row.error, row.drift, numbersIn(row).mostCommonShare], [undefined, undefined, null]);
    assert.deepEqual([...new Set(countsIn(row).counts)], [0]);
    assert.equal((await stack.ended(row.execution)).status, 'SUCCEEDED');
    assert.deepEqual(await predictionsOf(row), []);
  });

  test('a chip is blank when no value of any band exceeds 1, of bands that the model does not use either', async () => {
    const { run, unique } = stacked();
    const chip = (values: Record<string, number>) =>
      edited(frames[0]!, (features) => {
        features.set('name', { kind: 'bytes', values: [Buffer.from(unique('one value'))] });
        for (const band of BANDS) features.set(band, pixels(values[band] ?? 0));
      });
    const all = Object.fromEntries(BANDS.map((band) => [band, 1]));
    const file = Buffer.concat([chip({}), chip(all), chip({ B11: 2 }), chip({ ...all, B1: 2 }), chip({ B4: 2 })]);
    assert.partialDeepStrictEqual(await run('one value', file), { state: 'DONE', chips: 5, blank: 2 });
  });
}

/** A band with one value in its last pixel, and nothing else. */
function pixels(last: number): Extract<Feature, { kind: 'bytes' }> {
  return { kind: 'bytes', values: [new Uint8Array(PIXELS).with(-1, last)] };
}
