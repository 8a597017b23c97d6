import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chipsOf } from '../cli/models/classifyExample.ts';
import { readPackage } from '../cli/models/publishModel.ts';
import { percent } from '../core/base/text/numbers.ts';
import { makeChipBatches } from '../core/inference/predict.ts';
import { isBlank } from '../core/measures/blanks/blanks.ts';
import type { Values } from '../core/package/carry.ts';
import { classification } from '../core/tasks/classification/classification.ts';
import { estimateOf } from '../core/tasks/classification/numbers.ts';
import { openModel } from '../local/stack/openModel.ts';

/** Where accuracy that is estimated without truth fails: the table of the drought model's card, by the bundled chips. */

const path = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const FOLDER = path('models/droughtwatch-baseline/1.0.0');
const CARD = readFileSync(`${FOLDER}/README.md`, 'utf8');

/** The chips' sum, with a source band multiplied. */
async function sumWith(band: string, factor: number) {
  const { model, onnx } = await readPackage(FOLDER);
  const place = model.source.bands.findIndex(({ name }) => name === band);
  const { summary } = classification;
  let sum = summary.zero(model as never);
  const inference = await openModel(model, onnx);
  const { take, flush } = makeChipBatches<number | null>(inference, async (batch, truth) => {
    const predicted = await inference.predict(batch, 0, truth.length);
    const values: Values = { ...predicted.values, truth };
    sum = summary.add(sum, summary.of(values, model as never));
  });
  for await (const chip of chipsOf(model, path('samples/droughtwatch/part-r-00012'))) {
    if (isBlank(chip, model)) continue;
    const planes = chip.planes.map((plane, i) => (i === place ? plane.map((v) => Math.min(255, v * factor)) : plane));
    await take({ planes }, chip.truth);
  }
  await flush();
  return sum;
}

describe("the drought model's card says where accuracy without truth fails", () => {
  for (const { row, band, factor } of [
    { row: 'as they are', band: 'B4', factor: 1 },
    { row: 'B4 (red) × 0.7', band: 'B4', factor: 0.7 },
    { row: 'B4 (red) × 0', band: 'B4', factor: 0 },
    { row: 'B5 (near infrared) × 1.3', band: 'B5', factor: 1.3 },
    { row: 'B5 (near infrared) × 0', band: 'B5', factor: 0 },
  ])
    test(`bands ${row}`, async () => {
      const sum = await sumWith(band, factor);
      const { value, interval } = estimateOf(sum, { heldOut: { chips: 79, right: 39 } })!;
      const right = sum.right!.reduce((all, count) => all + count, 0);
      const cells = [percent(value), interval.map(percent).join(' to '), `${right} (${percent(right / 79)})`];
      const line = CARD.split('\n').find((one) => one.startsWith(`| ${row} `));
      const found = line!.split('|').map((cell) => cell.replaceAll('*', '').trim());
      assert.deepEqual(
        found.slice(2, 5),
        cells.map((cell) => cell.replaceAll('\u00a0', ' ')),
      );
    });
});
