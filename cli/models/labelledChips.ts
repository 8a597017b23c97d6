import { basename } from 'node:path';
import type { Plane } from '../../core/arrays/dataTypes.ts';
import { keptFor } from '../../core/base/concurrency/keptFor.ts';
import { InvalidMessage, insteadOf } from '../../core/base/errors.ts';
import { readTableOfTruths } from '../../core/doors/truth/tableOfTruths.ts';
import { chipInWords, type NamedChip, type Truth } from '../../core/doors/truth/truth.ts';
import { truthReader } from '../../core/doors/truth/truthReader.ts';
import { makeChipBatches } from '../../core/inference/predict.ts';
import { isLeftOut } from '../../core/measures/blanks/blanks.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import { logProbability, type ScoredChip } from '../../core/statistics/calibration/temperature.ts';
import { checkOutputs } from '../../core/tasks/registry.ts';
import { digest } from '../../local/buckets/fingerprint.ts';
import { openModel } from '../../local/stack/openModel.ts';
import { number } from '../runs/report.ts';
import { readNamed, WrongUse } from '../terminal/failure.ts';
import { showProgress } from '../terminal/progress.ts';
import { chipsOf } from './classifyExample.ts';
import { type KnownPixels, makeMasks, makeScoredPixels } from './labelledPixels.ts';

/** More chips would not improve the estimate of a single number. */
const MOST_CHIPS = 100_000;
const MOST_PIXELS = 1_000_000;

export type LabelledChips = Awaited<ReturnType<typeof labelledChips>>;

/** Runs a model on chips or pixels of known truth. Scores are its logits, or logarithms of untempered probabilities. */
export async function labelledChips(
  model: ModelPackage,
  onnx: Uint8Array,
  files: readonly string[],
  table: string | undefined,
  mostPixels?: number,
) {
  const wrong = insteadOf(InvalidMessage, (cause) => new WrongUse(`${table}: ${cause.message}`, { cause }));
  const told = table === undefined ? undefined : await truthsIn(table, model, files).catch(wrong);
  const { temperature: _, ...output } = model.output;
  const isOfLogits = output.activation !== null;
  const raw: ModelPackage = { ...model, output: { ...output, activation: null } };
  const places = new Map(model.classes.map(({ value }, place) => [value, place]));
  const chips: ScoredChip[] = [];
  let [unlabelled, missing, waiting] = [0, 0, 0];
  const isOfPixels = model.output.pixels !== null;
  const most = isOfPixels ? MOST_PIXELS : MOST_CHIPS;
  const maskOf = makeMasks(model, table ?? '');
  const scoredIn = isOfPixels ? makeScoredPixels(model, mostPixels) : scoredRow;
  const inference = await openModel(raw, onnx);
  const { take, flush } = makeChipBatches<number | KnownPixels>(inference, async (batch, truths) => {
    const outputs = await inference.scores(batch, 0, truths.length);
    if (!isOfLogits) checkOutputs(raw, outputs, truths.length);
    for (const [chip, truth] of truths.entries()) {
      const scored = scoredIn(outputs, chip, truth as number & KnownPixels);
      if (scored.length === 0) missing += 1;
      chips.push(...scored);
    }
    waiting = 0;
  });
  function scoredRow(outputs: Plane, chip: number, truth: number): ScoredChip[] {
    const width = model.classes.length;
    const numbers = Float64Array.from(outputs.subarray(chip * width, (chip + 1) * width) as ArrayLike<number>);
    if (!numbers.every(Number.isFinite)) return [];
    return [{ scores: isOfLogits ? numbers : numbers.map(logProbability), truth }];
  }
  let current = '';
  {
    using _line = showProgress(() => `${current}: ${number(chips.length)} chips so far`);
    for (const file of files) {
      current = basename(file);
      for await (const chip of chipsOf(model, file)) {
        const said = told?.take(current, chip.place.index);
        if (isLeftOut(chip, model)) continue;
        const truth = said ?? chip.truth;
        if (truth === null) {
          unlabelled += 1;
          continue;
        }
        if (chips.length + waiting >= most)
          throw new WrongUse(
            `${file}: brings the ${isOfPixels ? 'pixels' : 'chips'} with known truth above ${number(most)}, the most allowed. Give fewer files, from all seasons and places.`,
          );
        waiting += 1;
        await take(chip, typeof truth === 'string' ? await maskOf(chip, truth) : places.get(truth)!);
      }
    }
  }
  await flush();
  return { chips, unlabelled, missing, unknown: told?.left() ?? 0 };
}

async function truthsIn(table: string, model: ModelPackage, files: readonly string[]) {
  const names = files.map((file) => basename(file));
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined)
    throw new WrongUse(`--data: found two files called ${twice}, and ${table} names them by that. Rename one of them.`);
  const digestOf = keptFor(Number.POSITIVE_INFINITY, (name: string) => digest(files[names.indexOf(name)]!));
  const truths = new Map<string, { value: number | string; where: string }>();
  let elsewhere = 0;
  const bytes = await readNamed(table);
  const read = model.output.pixels === null ? truthReader(model) : ({ says }: Truth) => String(says); // a mask's path
  for (const truth of (await readTableOfTruths(basename(table), bytes, new Date().toISOString())).truths) {
    if (truth.sample === 'least-certain') continue;
    const name = nameOf(truth, table);
    const { digits, index } = truth.chip as NamedChip & { kind: 'scene' };
    const value = read(truth);
    if (!names.includes(name) || (digits !== null && !(await digestOf(name)).startsWith(digits))) {
      elsewhere += 1;
      continue;
    }
    const other = truths.get(chipKey(name, index));
    if (other !== undefined && other.value !== value)
      throw new InvalidMessage(
        `${truth.where}: found a truth for ${chipInWords(truth.chip)} that differs from the one at ${other.where}, allowed is one truth for each chip.`,
      );
    truths.set(chipKey(name, index), { value, where: truth.where });
  }

  return {
    take(name: string, index: number): number | string | undefined {
      const key = chipKey(name, index);
      const found = truths.get(key);
      truths.delete(key);
      return found?.value;
    },
    left: () => elsewhere + truths.size,
  };
}

function nameOf({ chip, where }: Truth, table: string): string {
  if (chip.kind === 'scene') return chip.key.slice(chip.key.lastIndexOf('/') + 1);
  throw new WrongUse(
    `${table}: ${where}: found ${chipInWords(chip)}, allowed is a chip of a scene file: its scene, and its index or chip_id.`,
  );
}

const chipKey = (name: string, index: number) => `${index} ${name}`;
