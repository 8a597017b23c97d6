import assert from 'node:assert/strict';
import { SCENE_LIMITS } from '../../../core/base/limits.ts';
import { ANSWERED_BEGINNING, encodeAnswered, parseAnswered } from '../../../core/doors/answered/answered.ts';
import { answered } from '../../../core/doors/answered/format.ts';
import { predictedRows } from '../../../core/doors/answered/predictedRows.ts';
import { storedPlace } from '../../../core/package/package.ts';
import { makeChipAt } from '../../../core/scenes/chipAt.ts';
import { rangesIn } from '../../../core/scenes/rangesIn.ts';
import { readModelPackage } from '../../../core/tasks/readModelPackage.ts';
import { readBaselineFile } from '../../benches/packages.ts';
import type { Dice } from '../dice.ts';
import { damage } from '../mutate/bytes.ts';
import { damageJson } from '../mutate/json.ts';
import type { Target } from '../target.ts';
import { inPieces } from './records.ts';

const model = await readModelPackage(readBaselineFile);
const { name, version } = model;
const columns = ['label', 'class', 'probability', 'p_0', 'p_1', 'p_2', 'p_3'];

function messageOf(dice: Dice, request = 'r-1'): object {
  const inputs = Array.from({ length: 1 + dice.below(3) }, (_, place) => {
    const label = dice.below(4);
    const values = dice.once(4) ? null : [label, `cows-${label}`, 0.5, 0.25, 0.5, 0.125, 0.125];
    return { place, id: dice.once(2) ? null : 'a', digest: '0'.repeat(64), values };
  });
  const about = { request, part: 0, model: { name, version }, at: '2026-03-01T12:00:00.000Z', door: 'http' };
  return { answered: { ...about, columns, inputs } };
}

/** Predictions over HTTP as messages of a queue: what is read of one is a message again, the same one. */
export const answeredMessage: Target = {
  name: 'answeredMessage',
  limits: { share: 20, refuses: ['InvalidMessage'], bytesPerByte: 400 },
  make: (dice) => damageJson(messageOf(dice), dice),
  read: (bytes) => {
    const message = parseAnswered(new TextDecoder().decode(bytes));
    const text = encodeAnswered(message);
    assert.ok(text.startsWith(ANSWERED_BEGINNING) && !/[\n\ufffe\uffff]/.test(text));
    assert.deepEqual(parseAnswered(text), message);
    const found = predictedRows(message, model);
    if ('offence' in found) assert.ok(found.offence.length < 1000, found.offence);
    else assert.equal(found.rows.length, message.inputs.length);
  },
};

/** The same as objects that they were gathered in: each chip is read again. */
export const answeredFile: Target = {
  name: 'answeredFile',
  limits: { share: 15, refuses: ['InvalidSceneFile'], bytesPerByte: 400 },
  make: (dice) => {
    const lines = ['r-1', 'r-2'].map((request) => `${JSON.stringify(messageOf(dice, request))}\n`);
    if (dice.once(2)) return damage(new TextEncoder().encode(lines.join('')), dice);
    return Buffer.concat([damageJson(messageOf(dice), dice), new TextEncoder().encode(`\n${lines[1]}`)]);
  },
  read: async (file) => {
    const size = file.length;
    const scene = { bucket: 'results', key: 'answered/a.jsonl', versionId: 'v1', size };
    const chipAt = makeChipAt(
      async (_, offset, length) => rangesIn(file)(offset, length),
      () => [answered],
    );
    const isKnown = answered.sniff(file.subarray(0, 512), size) === 'yes';
    const refused: number[] = [];
    const refuse = ({ index }: { index: number }) => void refused.push(index);
    const stream = { key: scene.key, size, chunks: inPieces(file), range: rangesIn(file), refuse };
    const places: number[] = [];
    for await (const chips of answered.makeReader(model, SCENE_LIMITS)(stream))
      for (const chip of chips) {
        places.push(chip.place.index);
        assert.ok(chip.predicted !== undefined && chip.planes.length === 0);
        if (isKnown) assert.deepEqual(await chipAt(scene, storedPlace(chip.place), model), chip);
      }
    const all = [...places, ...refused];
    assert.deepEqual(
      all.toSorted((a, b) => a - b),
      all.map((_, i) => i),
    );
  },
};
