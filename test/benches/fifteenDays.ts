import { totalsOfRun } from '../../core/drift/totals.ts';
import { judgeDrift } from '../../core/drift/window.ts';
import { predictChip } from '../../core/inference/predict.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import { openModel } from '../../local/stack/openModel.ts';
import { DARK_BAND, dateOf, type PlannedDay, type PlannedScene } from '../../replay/plan.ts';
import { drawChips, randomOf, type Sample } from '../../replay/sceneFile.ts';
import { golden } from '../suite/golden.ts';
import { bundledChips, scaled } from './bandChips.ts';
import { readBaselineFile } from './packages.ts';
import { storedCounts } from './summaries.ts';

/** What the drought model predicts in the fifteen days, without a stack: the shard's predictions are drawn as its chips are. */

export const REFERENCE = [6002, 1511, 1512, 975];
export const LIMITS = { threshold: 0.25, minimum: 100 };

/** The predictions of a day's files, judged. */
export function judgedDay(seed: number, day: PlannedDay, dark: Sample<string>, model: ModelPackage) {
  const counts = day.scenes.filter(hasPredictions).map((scene) => predictedCounts(seed, day, scene, dark));
  const all = REFERENCE.map((_, i) => counts.reduce((sum, of) => sum + of[i]!, 0));
  const chips = all.reduce((sum, count) => sum + count);
  const totals = totalsOfRun({ ...storedCounts(all), chips, blank: 0 });
  return { day: dateOf('2026-02-23', day), judgement: judgeDrift(totals, model, LIMITS) };
}

export function predictedCounts(seed: number, day: PlannedDay, scene: PlannedScene, dark: Sample<string>): number[] {
  const of = scene.dark === DARK_BAND ? dark : predictionsOfShard();
  const predicted = drawChips(of, scene.draw, randomOf(seed, day, scene));
  return Object.keys(golden.models.baseline.classes).map((name) => predicted.filter((one) => one === name).length);
}

/** What the model takes each of the shard's chips for, sorted as the chips themselves are. */
function predictionsOfShard(): Sample<string> {
  const { predictions } = golden.models.baseline;
  const ofClass = REFERENCE.map((_, label) =>
    predictions.filter((_, i) => golden.records[i]!.truth === label).map((one) => one.class),
  );
  return { ofClass, blank: ['blank'] };
}

/** What the model takes each of the chips for that are dark in one band, sorted likewise. */
export async function predictionsOfDark(): Promise<Sample<string>> {
  const { model, chips } = await bundledChips('droughtwatch-baseline', 'droughtwatch/part-r-00012');
  const inference = await openModel(model, await readBaselineFile(model.artifact.file));
  const band = model.source.bands.findIndex(({ name }) => name === DARK_BAND.band);
  const ofClass: string[][] = REFERENCE.map(() => []);
  for (const chip of chips) {
    const prediction = await predictChip(inference, scaled(chip, band, DARK_BAND.gain));
    ofClass[model.classes.findIndex(({ value }) => value === chip.truth)]!.push(String(prediction['class']));
  }
  return { ofClass, blank: ['blank'] };
}

export function hasPredictions(scene: PlannedScene): boolean {
  return counts(scene) && scene.draw.blankShare < 1;
}

export function counts({ isDamaged, name }: PlannedScene): boolean {
  return !isDamaged && !name.endsWith('-again');
}
