import { join } from 'node:path';
import { makeChipBatches } from '../../core/inference/predict.ts';
import { isLeftOut } from '../../core/measures/blanks/blanks.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import type { Said, TruthValue } from '../../core/package/task.ts';
import { compareVersions, LEFT_OUT } from '../../core/releases/comparison/compareVersions.ts';
import { pixelsOf, type Retrained } from '../../core/releases/retraining.ts';
import { compareMask } from '../../core/tasks/segmentation/maskTruth.ts';
import { openModel } from '../../local/stack/openModel.ts';
import { chipsOf } from '../models/classifyExample.ts';
import { type KnownPixels, makeMasks } from '../models/labelledChips.ts';
import { hasMasks, judges, type KnownScene, maskPathOf, pathOf, TRUTHS } from './trainingData.ts';

type Loaded = { model: ModelPackage; onnx: Uint8Array };

/** Has two versions predict the chips that were held out and whose truth is known, the live one first, and compares them; `right` is of the second. */
export async function compareOnHeldOut(first: Loaded, second: Loaded, folder: string, scenes: readonly KnownScene[]) {
  const comparison = compareVersions<Said & { truth: TruthValue | null }>(first.model, second.model, 0);
  const [said, truths] = [new Set<string>(), new Set<string>()];
  const [one, other] = [await predictor(first, folder), await predictor(second, folder)];
  const isOfPixels = hasMasks(first.model);
  for (const scene of scenes.filter(judges)) {
    const chips = scene.chips.filter(({ isSelected }) => !isSelected);
    const known = new Map(chips.map(({ index, truth }) => [index, isOfPixels ? maskPathOf(scene) : truth]));
    const path = join(folder, pathOf(scene));
    const [ones, others] = [await one(path, known), await other(path, known)];
    for (const [index, stated] of known) {
      const truth = isOfPixels ? null : stated; // each version's pixels come with their own comparison
      const [live, candidate] = [ones.get(index) ?? LEFT_OUT, others.get(index) ?? LEFT_OUT];
      comparison.add({ first: { truth, ...live }, second: { truth: null, ...candidate } }, scene.row.run);
      if (candidate.text === null) continue;
      said.add(candidate.text);
      truths.add(String(truth));
    }
  }
  const compared = comparison.end();
  const { accuracy } = compared;
  const retrained: Retrained = { comparison: compared, said, truths };
  return { ...(isOfPixels && accuracy ? pixelsOf(accuracy) : retrained), accuracy, right: comparison.right() };
}

type Noted = { place: number; known: KnownPixels | null };

/** Makes what predicts some chips of a file; of pixels, what it says is compared with the masks in the folder. */
async function predictor({ model, onnx }: Loaded, folder: string) {
  const inference = await openModel(model, onnx);
  const maskOf = makeMasks(model, join(folder, TRUTHS));
  const compare = compareMask(model);
  let found: Map<number, Said & { truth?: TruthValue }>;
  const { take, flush } = makeChipBatches<Noted>(inference, async (batch, noted) => {
    const areas = noted.map(({ known }) => known?.area);
    const { values, planes } = await inference.predict(batch, 0, noted.length, { areas });
    for (const [chip, { place, known }] of noted.entries()) {
      const ofMask = known && Array.from(known.places, (of) => model.classes[of]?.value ?? Number.NaN);
      const compared = ofMask && { truth: compare(planes![chip]![0]!, ofMask, null) };
      found.set(place, { ...model.task.said.of(values, chip), ...compared });
    }
  });
  return async (path: string, wanted: ReadonlyMap<number, TruthValue>) => {
    found = new Map();
    for await (const chip of chipsOf(model, path)) {
      const truth = wanted.get(chip.place.index);
      if (truth === undefined || isLeftOut(chip, model)) continue;
      const known = hasMasks(model) ? await maskOf(chip, String(truth)) : null;
      await take(chip, { place: chip.place.index, known });
    }
    await flush();
    return found;
  };
}
