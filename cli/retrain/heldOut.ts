import { join } from 'node:path';
import { makeChipBatches } from '../../core/inference/predict.ts';
import { isLeftOut } from '../../core/measures/blanks/blanks.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import type { Said, TruthValue } from '../../core/package/task.ts';
import { compareVersions, LEFT_OUT } from '../../core/releases/comparison/compareVersions.ts';
import type { Retrained } from '../../core/releases/retraining.ts';
import { openModel } from '../../local/stack/openModel.ts';
import { chipsOf } from '../models/classifyExample.ts';
import { type KnownScene, pathOf } from './trainingData.ts';

export type Loaded = { model: ModelPackage; onnx: Uint8Array };

/** Has two versions predict the chips that were held out and whose truth is known, the live one first, and compares them. */
export async function compareOnHeldOut(first: Loaded, second: Loaded, folder: string, scenes: readonly KnownScene[]) {
  const comparison = compareVersions<Said & { truth: TruthValue | null }>(first.model, second.model, 0);
  const [said, truths] = [new Set<string>(), new Set<string>()];
  const [one, other] = [await predictor(first), await predictor(second)];
  for (const scene of scenes.filter(({ isHeldOut }) => isHeldOut)) {
    // Of those that were chosen because a model was unsure of them, no share holds for the others.
    const known = new Map(scene.chips.flatMap(({ index, truth, isSelected }) => (isSelected ? [] : [[index, truth]])));
    const path = join(folder, pathOf(scene));
    const [ones, others] = [await one(path, known), await other(path, known)];
    for (const [index, truth] of known) {
      const [live, candidate] = [ones.get(index) ?? LEFT_OUT, others.get(index) ?? LEFT_OUT];
      comparison.add({ first: { ...live, truth }, second: { ...candidate, truth: null } }, scene.row.run);
      if (candidate.text === null) continue;
      said.add(candidate.text);
      truths.add(String(truth));
    }
  }
  return { comparison: comparison.end(), said, truths } satisfies Retrained;
}

async function predictor({ model, onnx }: Loaded) {
  const inference = await openModel(model, onnx);
  let found: Map<number, Said>;
  const { take, flush } = makeChipBatches<number>(inference, async (batch, places) => {
    const { values } = await inference.predict(batch, 0, places.length);
    for (const [chip, place] of places.entries()) found.set(place, model.task.said.of(values, chip));
  });
  return async (path: string, wanted: ReadonlyMap<number, unknown>): Promise<Map<number, Said>> => {
    found = new Map();
    for await (const chip of chipsOf(model, path))
      if (wanted.has(chip.place.index) && !isLeftOut(chip, model)) await take(chip, chip.place.index);
    await flush();
    return found;
  };
}
