import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { attempt, InvalidModelPackage, insteadOf } from '../../core/base/errors.ts';
import { mapped } from '../../core/base/mapped.ts';
import { monthAcquired, type TimeTold } from '../../core/base/time/acquired.ts';
import { makeAboutFile } from '../../core/drift/segments.ts';
import { type Inference, makeChipBatches } from '../../core/inference/predict.ts';
import { acquiredInRow } from '../../core/ledger/acquiredInRow.ts';
import { bandsToProfile, MOST_CHIPS, makeProfiler } from '../../core/measures/bands/makeProfile.ts';
import { isLeftOut } from '../../core/measures/blanks/blanks.ts';
import type { Origin, ScenesOfChips } from '../../core/measures/scenesOfChips.ts';
import { clusteringOfPredictions, scenesOfChips, sumsOfScenes } from '../../core/measures/scenesOfChips.ts';
import { type SceneOfSegment, seasonsOf, seasonsText } from '../../core/measures/seasonsOfScenes.ts';
import { type Chip, windowOf } from '../../core/package/chip.ts';
import type { Values } from '../../core/package/column.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import type { Summed } from '../../core/package/task.ts';
import { isProvisional } from '../../core/package/todo.ts';
import { columnsOfChip, segmentNames } from '../../core/results/chipSegments.ts';
import type { SceneStream } from '../../core/scenes/formats/format.ts';
import { binOf } from '../../core/statistics/histogram.ts';
import { leastScenes } from '../../core/statistics/jointMeans.ts';
import { chipsIn } from '../../core/tasks/registry.ts';
import { openModel } from '../../local/stack/openModel.ts';
import { number } from '../runs/report.ts';
import { checkFile } from '../send/scene.ts';
import { quoted, type Where } from '../service/where.ts';
import { WrongUse } from '../terminal/failure.ts';
import { showProgress } from '../terminal/progress.ts';
import { bold, printable } from '../terminal/text.ts';
import { chipsOf } from './classifyExample.ts';
import { profileOfRuns } from './profileOfRuns.ts';
import { readPackage } from './publishModel.ts';
import { inLines } from './sampleOfModel.ts';
import { tryModel } from './tryModel.ts';

type Chosen = { bands?: string[] | undefined; onlyBands?: boolean | undefined };
type Options = Where & Chosen & { data?: string[]; fromRuns?: string };

const REFERENCE = 'reference.json';

/** `swath model profile FOLDER --data FILE…`: writes a profile of a package's data and predictions into its reference.json. */
export async function profileModel(folder: string, asked: Options): Promise<void> {
  const { data, fromRuns, bands, onlyBands, ...where } = asked;
  if (fromRuns !== undefined) return profileOfRuns(folder, fromRuns, where);
  if (data === undefined) throw new WrongUse('Give the files of --data, or --from-runs.');
  for (const file of data) checkFile(file);
  const { said, ...about } = await writeProfile(folder, data, { bands, onlyBands });
  console.log(where.json === true ? JSON.stringify(about) : printable(said));
}

/** Writes a profile of files, and of what the model predicts for them, into a package's reference.json. */
export async function writeProfile(folder: string, data: readonly string[], { bands, onlyBands }: Chosen = {}) {
  const { model, onnx } = await readPackage(folder);
  const names = refusing(folder, () => bandsToProfile(model, bands));
  if (onlyBands !== true) await tryModel(model, onnx);
  const predictions = onlyBands === true ? undefined : makePredictions(await openModel(model, onnx));
  const profiler = makeProfiler(model, names);
  const months: (number | undefined)[] = [];
  const origins: Origin[] = []; // numbered across files, because the number selects the pixels that are sampled
  let current = '';
  {
    using _line = showProgress(() => `${current}: ${number(profiler.chips())} chips so far`);
    for (const [file, path] of data.entries()) {
      current = basename(path);
      const tell: SceneStream['tell'] = (_raster, times) => (months[file] = monthOf(current, times));
      for await (const chip of chipsOf(model, path, tell)) {
        if (isLeftOut(chip, model)) continue;
        if (origins.length === MOST_CHIPS)
          throw new WrongUse(
            `${path}: makes more than ${MOST_CHIPS} chips, the most allowed in a profile. Give fewer files, from all seasons and places.`,
          );
        profiler.at({ ...chip, place: { ...chip.place, index: origins.length } });
        origins.push({ file, window: windowOf(chip.place) });
        await predictions?.take(chip);
      }
    }
  }
  const seen = origins.length;
  const scenes = model.unit === 'scene' ? scenesOfChips(origins) : undefined;
  const profile = refusing(folder, () => profiler.profile(scenes));
  const path = join(folder, REFERENCE);
  const before = JSON.parse(await readFile(path, 'utf8'));
  const made = await predictions?.reference(isProvisional(before), scenes);
  if (made !== undefined) {
    delete before.provisional;
    delete before.scenes; // of other files
    delete before.seasons;
  }
  const { bandMeans: _, ...kept } = before; // of other files
  const bandMeans = profiler.bandMeans(scenes);
  const aboutFile = makeAboutFile(model);
  const chipIn = (scene: number) => scenes?.scenes.indexOf(scene) ?? scene;
  const about = (scene: number) => {
    const { file } = origins[chipIn(scene)]!;
    return aboutFile(basename(data[file]!), months[file]);
  };
  const ofBands = scenes?.of === 'files' ? profiler.ofScenes(profile, scenes) : {};
  const seasons =
    predictions && seasonsOf(predictions.ofScenes(scenes), ofBands, about, model, predictions.ofSegments(scenes));
  const after = {
    ...kept,
    ...made,
    bands: shortened(profile),
    ...(bandMeans && { bandMeans }),
    ...(seasons && { seasons: shortened(seasons) }),
  };
  await writeFile(path, inLines(after));
  const what = predictions === undefined ? '' : ', and of what the model predicts for them';
  const apart =
    bandMeans !== undefined || names.length < 2
      ? ''
      : `A band is not compared with what the others let expect of it: that takes ${leastScenes(names.length)} scenes or more with bands that vary. `;
  const said = `${bold(REFERENCE)} has a profile of ${names.length} bands of ${number(seen)} chips${what}. ${aboutScenes(model, profile, scenes)}${seasonsText(seasons)}${apart}A version never changes: if this one is published, give it a new version in item.json. Then: npx swath model check ${quoted(folder)}`;
  return { chips: seen, bands: names, said };
}

/** Returns the month in which a file's scene was acquired, as of a run; undefined if it does not say so. */
function monthOf(key: string, times?: readonly TimeTold[]): number | undefined {
  const found = acquiredInRow({ key }, times, { acquisitionTimePattern: '', now: () => new Date() });
  return monthAcquired({ scene: { key }, ...found });
}

/** Says how much a scene tells, of the band whose chips are most alike. */
function aboutScenes(
  { unit }: ModelPackage,
  profile: ReturnType<ReturnType<typeof makeProfiler>['profile']>,
  of: ScenesOfChips | undefined,
): string {
  if (unit === 'chip') return '';
  const found = Object.values(profile).flatMap(({ scenes }) => scenes ?? []);
  const least = found.toSorted((a, b) => a.exponent - b.exponent)[0];
  if (of === undefined || least === undefined)
    return 'These are too few scenes to measure how alike the chips of a scene are, so each will count as one chip: give five files or more. ';
  const what = of.of === 'files' ? 'files' : 'blocks of neighbouring chips, because they are fewer than five files';
  return `Its scenes are ${what}. In the band whose chips are most alike, ${number(Math.round(least.chips))} chips of a scene say as much as ${(least.chips ** least.exponent).toFixed(1)} independent ones. `;
}

function refusing<Result>(folder: string, make: () => Result): Result {
  const wrong = (cause: Error) => new WrongUse(`${folder}: ${cause.message}`, { cause });
  return attempt(make, insteadOf(InvalidModelPackage, wrong));
}

/** Rounds numbers to six digits, as runs do, but not the edges of bins: the bin of a value depends on their last digit. */
function shortened(numbers: object): object {
  return mapped({ ...numbers } as Record<string, unknown>, (value) => {
    if (typeof value === 'number') return Number(value.toPrecision(6));
    return typeof value !== 'object' || value === null || Array.isArray(value) ? value : shortened(value);
  });
}

function makePredictions(inference: Inference) {
  const { model } = inference;
  const task = model.task;
  let sum: Summed = task.summary.zero(model);
  const values: number[] = [];
  let counts: (readonly number[] | null)[] = []; // of each chip by itself
  const named = Object.entries(model.chipSegments ?? {}).flatMap(([by, { values }]) =>
    values.map((name) => ({ by, name, has: [] as boolean[] })),
  );
  const { take, flush } = makeChipBatches<void>(inference, async (batch, { length: chips }) => {
    const { values: found } = await inference.predict(batch, 0, chips);
    sum = task.summary.add(sum, task.summary.of(found, model));
    for (let chip = 0; chip < chips; chip += 1) {
      values.push(task.said.of(found, chip).value ?? Number.NaN);
      const own = task.summary.of(ofOne(found, chip), model);
      counts.push(chipsIn(task, own) === 0 ? null : task.counts(own));
    }
  });

  return {
    async take(chip: Chip): Promise<void> {
      const columns = columnsOfChip(chip, model);
      for (const { by, name, has } of named) has.push(segmentNames(columns, by, model)[0] === name);
      await take(chip);
    },
    /** @param isFirst whether the package has no bins yet, so that they are made of the values themselves */
    async reference(isFirst: boolean, of: ScenesOfChips | undefined): Promise<object> {
      await flush();
      if (chipsIn(task, sum) === 0) throw new WrongUse('The model has no finite output for any of the chips.');
      const bins = isFirst && model.classes.length === 0 ? binsOf(values) : null;
      const made = bins === null ? task.referenceOf(sum, model as ModelPackage) : { bins };
      if (bins !== null) counts = values.map((value) => inBin(value, bins.edges));
      if (of === undefined) return made;
      const clustering = clusteringOfPredictions(sumsOfScenes(counts, of.scenes), task);
      return { ...made, ...(clustering && { scenes: { of: of.of, ...shortened(clustering) } }) };
    },
    ofScenes: (of: ScenesOfChips | undefined) => (of?.of === 'files' ? sumsOfScenes(counts, of.scenes) : []),
    /** Returns the same of the chips in each segment of chips; where scenes are blocks as well, or each chip is one. */
    ofSegments(of: ScenesOfChips | undefined): SceneOfSegment[] {
      const scenes = of?.scenes ?? counts.map((_, chip) => (model.unit === 'chip' ? chip : -1));
      return named.flatMap(({ by, name, has }) => {
        const own = counts.map((one, chip) => (has[chip] ? one : null));
        return sumsOfScenes(own, scenes).map((scene) => ({ ...scene, by, name }));
      });
    },
  };
}

const BINS = 10;

function binsOf(values: readonly number[]) {
  const finite = values.filter(Number.isFinite);
  const low = finite.reduce((least, one) => Math.min(least, one));
  const high = finite.reduce((most, one) => Math.max(most, one));
  const width = (high - low) / BINS || 1;
  const edges = Array.from({ length: BINS + 1 }, (_, i) => low + i * width);
  const counts = edges.slice(1).map(() => 0);
  for (const one of finite) counts[Math.min(BINS - 1, Math.floor((one - low) / width))]! += 1;
  return { edges, counts };
}

/** A value as the shares of bins, of which one has it all; null for no value. */
function inBin(value: number, edges: readonly number[]): number[] | null {
  if (!Number.isFinite(value)) return null;
  const bin = binOf(value, edges);
  return Array.from({ length: edges.length + 1 }, (_, i) => (i === bin ? 1 : 0));
}

const ofOne = (values: Values, chip: number): Values => mapped(values, (column) => [column[chip]!]);
