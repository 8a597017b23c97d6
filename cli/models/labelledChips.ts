import { basename, dirname, resolve } from 'node:path';
import { sample } from 'simple-statistics';
import { count } from '../../charts/format.ts';
import type { Plane } from '../../core/arrays/dataTypes.ts';
import { keptFor } from '../../core/base/concurrency/keptFor.ts';
import { InvalidMessage, insteadOf } from '../../core/base/errors.ts';
import { MOST_SCENE_LIMITS } from '../../core/base/limits.ts';
import { readTableOfTruths } from '../../core/doors/truth/tableOfTruths.ts';
import { chipInWords, type Truth } from '../../core/doors/truth/truth.ts';
import { truthReader } from '../../core/doors/truth/truthReader.ts';
import { makeChipBatches } from '../../core/inference/predict.ts';
import { isLeftOut } from '../../core/measures/blanks/blanks.ts';
import { type Area, wholeArea } from '../../core/package/area.ts';
import { type Chip, type ModelPackage, windowOf } from '../../core/package/package.ts';
import { openGeoTiff } from '../../core/scenes/formats/geotiff/geotiff.ts';
import { makeRasterValues } from '../../core/scenes/raster/raster.ts';
import { logProbability, type ScoredChip } from '../../core/statistics/calibration/temperature.ts';
import { checkOutputs } from '../../core/tasks/registry.ts';
import { makeProbabilities } from '../../core/tasks/segmentation/labelPixels.ts';
import { openSource } from '../../local/buckets/plainFile.ts';
import { digest } from '../../local/buckets/sceneFolder.ts';
import { openModel } from '../../local/stack/openModel.ts';
import { sfc32 } from '../../replay/sfc32.ts';
import { readNamed, showProgress, WrongUse } from '../terminal/output.ts';
import { chipsOf } from './classifyExample.ts';

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
  { mostPixels, onlyFirst }: { mostPixels?: number; onlyFirst?: boolean | undefined } = {},
) {
  const wrong = insteadOf(InvalidMessage, (cause) => new WrongUse(`${table}: ${cause.message}`, { cause }));
  const told = table === undefined ? undefined : await truthsIn(table, model, files).catch(wrong);
  const { temperature: _, ...output } = model.output;
  const isOfLogits = output.activation !== null && !output.isBinary; // a single logit becomes two probabilities
  const raw: ModelPackage = { ...model, output: isOfLogits ? { ...output, activation: null } : output };
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
    using _line = showProgress(() => `${current}: ${count(chips.length)} chips so far`);
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
        if (onlyFirst && chips.length + waiting >= most) break;
        if (chips.length + waiting >= most)
          throw new WrongUse(
            `${file}: brings the ${isOfPixels ? 'pixels' : 'chips'} with known truth above ${count(most)}, the most allowed. Give fewer files, from all seasons and places.`,
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
    const { chip, where } = truth;
    if (chip.kind !== 'scene')
      throw new WrongUse(
        `${table}: ${where}: found ${chipInWords(chip)}, allowed is a chip of a scene file: its scene, and its index or chip_id.`,
      );
    const { key, digits, index } = chip;
    const name = key.slice(key.lastIndexOf('/') + 1);
    const value = read(truth);
    if (!names.includes(name) || (digits !== null && !(await digestOf(name)).startsWith(digits))) {
      elsewhere += 1;
      continue;
    }
    const other = truths.get(chipKey(name, index));
    if (other !== undefined && other.value !== value)
      throw new InvalidMessage(
        `${where}: found a truth for ${chipInWords(chip)} that differs from the one at ${other.where}, allowed is one truth for each chip.`,
      );
    truths.set(chipKey(name, index), { value, where });
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

const chipKey = (name: string, index: number) => `${index} ${name}`;

/** Neighbouring pixels are alike: more of a chip would say little more, and each chip should say as much as any other. */
const PIXELS_OF_CHIP = 200;

/** What is known of a chip's pixels: where in the chip they are, and the place of the class of each, row by row; -1 if it is not known. */
export type KnownPixels = { readonly area: Area; readonly places: Int16Array };

/** Makes the reader of masks, whose paths are relative to `table`: each is as large as the chip, or as its scene. */
export function makeMasks({ classes, output, source }: ModelPackage, table: string) {
  const places = new Map(classes.map(({ value }, place) => [value, place]));
  return async ({ place, area = wholeArea(output.pixels!) }: Chip, path: string): Promise<KnownPixels> => {
    const { x: left, y: top, width, height } = windowOf(place) ?? { x: 0, y: 0, ...source };
    const wrong = (found: string) =>
      new WrongUse(
        `${table}: the mask ${path}: found ${found}, allowed is a raster of one band, as large as the scene or the chip, ${width} × ${height}.`,
      );
    const unreadable = insteadOf(Error, ({ message }) => wrong(message));
    await using file = await openSource(resolve(dirname(table), path)).catch(unreadable);
    const mask = await openGeoTiff(file, { maxBlockBytes: MOST_SCENE_LIMITS.maxRecordBytes, cacheBytes: 0 });
    const isOfChip = mask.width === width && mask.height === height;
    if (mask.bands.length !== 1 || !(isOfChip || (mask.width >= left + width && mask.height >= top + height)))
      throw wrong(`${mask.width} × ${mask.height} pixels and ${mask.bands.length} bands`);
    const values = makeRasterValues(mask.type, width * height);
    const { valid } = await mask.read({ x: isOfChip ? 0 : left, y: isOfChip ? 0 : top, width, height }, [0], [values]);
    const found = Int16Array.from({ length: area.width * area.height }, (_, i) => {
      const at = (area.y + Math.floor(i / area.width)) * width + area.x + (i % area.width);
      return area.valid?.[i] === 0 || valid?.[at] === 0 ? -1 : (places.get(Number(values[at])) ?? -1);
    });
    return { area, places: found };
  };
}

function makeScoredPixels(model: ModelPackage, most = PIXELS_OF_CHIP) {
  const { shape, strides, margin } = model.output.pixels!;
  const size = shape.reduce((product, side) => product * side, 1);
  const probabilitiesAt = makeProbabilities(model);
  const random = sfc32(1, 2, 3);
  return (outputs: Plane, chip: number, { area, places }: KnownPixels): ScoredChip[] => {
    const known = [...places.keys()].filter((i) => places[i]! >= 0);
    return (known.length > most ? sample(known, most, random) : known).flatMap((i) => {
      const [x, y] = [area.x + (i % area.width), area.y + Math.floor(i / area.width)];
      const at = chip * size + (y - margin.top) * strides.row + (x - margin.left) * strides.column;
      const probabilities = probabilitiesAt(outputs, at);
      const truth = places[i]!;
      return probabilities.every(Number.isFinite) ? [{ scores: probabilities.map(logProbability), truth }] : [];
    });
  };
}
