import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { count, counted } from '../../charts/format.ts';
import type { Service } from '../../console/service.ts';
import { attempt, InvalidModelPackage, insteadOf } from '../../core/base/errors.ts';
import { mapped } from '../../core/base/mapped.ts';
import { modelId } from '../../core/base/messages.ts';
import { monthAcquired, type TimeTold } from '../../core/base/time/acquired.ts';
import { DAY_MILLISECONDS, dayOf } from '../../core/base/time/days.ts';
import { isDrifting, makeAboutFile } from '../../core/drift/segments.ts';
import { addTotals, noTotals, predictionsIn, totalsOfRun, totalsOfSegments } from '../../core/drift/totals.ts';
import { readArtifact } from '../../core/inference/artifact.ts';
import { type Inference, makeChipBatches } from '../../core/inference/predict.ts';
import { acquiredInRow } from '../../core/ledger/acquiredInRow.ts';
import { doorOf } from '../../core/ledger/doorOf.ts';
import { bandsOfRuns } from '../../core/measures/bands/bandsOfRuns.ts';
import { bandsToProfile, MOST_CHIPS, makeProfiler } from '../../core/measures/bands/makeProfile.ts';
import { isLeftOut } from '../../core/measures/blanks/blanks.ts';
import * as clusters from '../../core/measures/scenesOfChips.ts';
import { type SceneOfSegment, seasonsOf, seasonsText } from '../../core/measures/seasonsOfScenes.ts';
import { type Chip, type ModelPackage, windowOf } from '../../core/package/package.ts';
import type { Summed } from '../../core/package/task.ts';
import { isProvisional } from '../../core/package/todo.ts';
import { columnsOfChip, segmentNames } from '../../core/results/chipSegments.ts';
import type { SceneStream } from '../../core/scenes/formats/format.ts';
import { binOf } from '../../core/statistics/histogram.ts';
import { leastScenes } from '../../core/statistics/jointMeans.ts';
import { chipsIn } from '../../core/tasks/registry.ts';
import { openModel } from '../../local/stack/openModel.ts';
import { checkFile } from '../send/scene.ts';
import { withService } from '../service/ledger.ts';
import { quoted, type Where } from '../service/where.ts';
import { bold, print, printable, showProgress, timeOf, WrongUse } from '../terminal/output.ts';
import { inLines } from './calibrateModel.ts';
import { chipsOf } from './classifyExample.ts';
import { readPackage } from './publishModel.ts';
import { tryModel } from './tryModel.ts';

/** `onlyFirst`: of more chips than are allowed, those that come first, rather than none. */
type Chosen = { bands?: string[] | undefined; onlyBands?: boolean | undefined; onlyFirst?: boolean };
type Options = Where & Chosen & { data?: string[]; fromRuns?: string };

const REFERENCE = 'reference.json';

/** `swath model profile FOLDER --data FILE…`: writes a profile of a package's data and predictions into its reference.json; with `--from-runs AGE`, of the live version's quiet runs. */
export async function profileModel(folder: string, asked: Options): Promise<void> {
  const { data, fromRuns, bands, onlyBands, ...where } = asked;
  if (fromRuns !== undefined) {
    const { said, ...about } = await withService(where, (service) => referenceOfRuns(service, folder, fromRuns));
    const text = `reference.json has the predictions of ${said} Give it a new version in item.json. Then: npx swath model check ${quoted(folder)}`;
    return print(where.json, about, () => printable(text));
  }
  if (data === undefined) throw new WrongUse('Give the files of --data, or --from-runs.');
  for (const file of data) checkFile(file);
  const { said, ...about } = await writeProfile(folder, data, { bands, onlyBands });
  console.log(where.json === true ? JSON.stringify(about) : printable(said));
}

/** Writes a profile of files, and of what the model predicts for them, into a package's reference.json. */
export async function writeProfile(folder: string, data: readonly string[], chosen: Chosen = {}) {
  const { bands, onlyBands, onlyFirst } = chosen;
  const { model, onnx } = await readPackage(folder);
  const names = refusing(folder, () => bandsToProfile(model, bands));
  if (onlyBands !== true) await tryModel(model, onnx);
  const predictions = onlyBands === true ? undefined : makePredictions(await openModel(model, onnx));
  const profiler = makeProfiler(model, names);
  const months: (number | undefined)[] = [];
  const origins: clusters.Origin[] = []; // numbered across files, because the number selects the pixels that are sampled
  let current = '';
  {
    using _line = showProgress(() => `${current}: ${count(profiler.chips())} chips so far`);
    for (const [file, path] of data.entries()) {
      current = basename(path);
      const tell: SceneStream['tell'] = (_raster, times) => (months[file] = monthOf(current, times));
      for await (const chip of chipsOf({ ...model, profile: model.profile ?? [] }, path, tell)) {
        if (isLeftOut(chip, model)) continue;
        if (onlyFirst && origins.length === MOST_CHIPS) break;
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
  const scenes = model.unit === 'scene' ? clusters.scenesOfChips(origins) : undefined;
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
  const about = (scene: number) => {
    const { file } = origins[scenes?.scenes.indexOf(scene) ?? scene]!;
    return aboutFile(basename(data[file]!), months[file]);
  };
  const ofBands = scenes?.of === 'files' ? profiler.ofScenes(profile, scenes) : {};
  const firstChips = new Map(origins.map(({ file }, chip) => [file, chip] as const).reverse());
  const byFile = { of: 'files', scenes: origins.map(({ file }) => firstChips.get(file)!) } as const; // numbered as chips are
  const counts = predictions?.ofScenes(model.unit === 'chip' ? byFile : scenes);
  const seasons = counts && seasonsOf(counts, ofBands, about, model, predictions!.ofSegments(scenes));
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
  const said = `${bold(REFERENCE)} has a profile of ${names.length} bands of ${count(seen)} chips${what}. ${aboutScenes()}${seasonsText(seasons)}${apart}A version never changes: if this one is published, give it a new version in item.json. Then: npx swath model check ${quoted(folder)}`;
  return { chips: seen, bands: names, said };

  /** Says how much a scene tells, of the band whose chips are most alike. */
  function aboutScenes(): string {
    if (model.unit === 'chip') return '';
    const found = Object.values(profile).flatMap((band) => band.scenes ?? []);
    const least = found.toSorted((a, b) => a.exponent - b.exponent)[0];
    if (scenes === undefined || least === undefined)
      return 'These are too few scenes to measure how alike the chips of a scene are, so each will count as one chip: give five files or more. ';
    const what =
      scenes.of === 'files' ? 'files' : 'blocks of neighbouring chips, because they are fewer than five files';
    return `Its scenes are ${what}. In the band whose chips are most alike, ${count(Math.round(least.chips))} chips of a scene say as much as ${(least.chips ** least.exponent).toFixed(1)} independent ones. `;
  }
}

/** Returns the month in which a file's scene was acquired, as of a run; undefined if it does not say so. */
function monthOf(key: string, times?: readonly TimeTold[]): number | undefined {
  const found = acquiredInRow({ key }, times, { acquisitionTimePattern: '', now: () => new Date() });
  return monthAcquired({ scene: { key }, ...found });
}

function refusing<Result>(folder: string, make: () => Result): Result {
  const wrong = (cause: Error) => new WrongUse(`${folder}: ${cause.message}`, { cause });
  return attempt(make, insteadOf(InvalidModelPackage, wrong));
}

/** Rounds numbers to six digits, as runs do, but not the edges of bins: the bin of a value depends on their last digit. */
const shortened = (numbers: object): object =>
  mapped({ ...numbers } as Record<string, unknown>, (value) => {
    if (typeof value === 'number') return Number(value.toPrecision(6));
    return typeof value !== 'object' || value === null || Array.isArray(value) ? value : shortened(value);
  });

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
      const ofChip = mapped(found, (column) => [column[chip]!]);
      const own = task.summary.of(ofChip, model);
      counts.push(chipsIn(task, own) === 0 ? null : own.counts);
    }
  });

  return {
    async take(chip: Chip): Promise<void> {
      const columns = columnsOfChip(chip, model);
      for (const { by, name, has } of named) has.push(segmentNames(columns, by, model)[0] === name);
      await take(chip);
    },
    /** @param isFirst whether the package has no bins yet, so that they are made of the values themselves */
    async reference(isFirst: boolean, of: clusters.ScenesOfChips | undefined): Promise<object> {
      await flush();
      if (chipsIn(task, sum) === 0) throw new WrongUse('The model has no finite output for any of the chips.');
      const bins = isFirst && model.classes.length === 0 ? binsOf(values) : null;
      const made = bins === null ? task.referenceOf(sum, model as ModelPackage) : { bins };
      if (bins !== null) counts = values.map((value) => inBin(value, bins.edges));
      if (of === undefined) return made;
      const sums = clusters.sumsOfScenes(counts, of.scenes);
      const clustering = clusters.clusteringOfPredictions(sums, model as ModelPackage, made);
      return { ...made, ...(clustering && { scenes: { of: of.of, ...shortened(clustering) } }) };
    },
    ofScenes: (of: clusters.ScenesOfChips | undefined) =>
      of?.of === 'files' ? clusters.sumsOfScenes(counts, of.scenes) : [],
    /** Returns the same of the chips in each segment of chips; where scenes are blocks as well, or each chip is one. */
    ofSegments(of: clusters.ScenesOfChips | undefined): SceneOfSegment[] {
      const scenes = of?.scenes ?? counts.map((_, chip) => (model.unit === 'chip' ? chip : -1));
      return named.flatMap(({ by, name, has }) => {
        const own = counts.map((one, chip) => (has[chip] ? one : null));
        return clusters.sumsOfScenes(own, scenes).map((scene) => ({ ...scene, by, name }));
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

/** Replaces what predictions are measured against; each run is a scene, of which that shows how alike its chips are. */
export async function referenceOfRuns(
  service: Pick<Service, 'ledger' | 'metrics' | 'models' | 'now'>,
  folder: string,
  since: string,
) {
  const { model: own, onnx } = await readPackage(folder);
  const live = (await service.models.serving()).live.find(({ model }) => model.name === own.name)?.model;
  if (live === undefined)
    throw new WrongUse(`${folder}: found no live version of ${own.name}, whose runs could be taken.`);
  const model = await service.models.load(live);
  if (!Buffer.from(onnx).equals(await readArtifact(service.models.fileOf(live), model)))
    throw new WrongUse(`${folder}: found another model file than ${live.version}'s, whose runs say nothing of it.`);
  const { runs, days, left, files } = await quietRuns(service, model, since);
  const without = Object.entries(left).map(([why, runs]) => `${count(runs)} ${why}`);
  const found = `${counted(runs.length, 'quiet run')} on ${counted(days, 'day')}${without.length === 0 ? '' : ` (left out: ${without.join('; ')})`}`;
  const sizes = runs.map((run, scene) => ({ scene, size: predictionsIn(run), sums: run.counts }));
  if (runs.length < clusters.LEAST_SCENES)
    throw new WrongUse(
      `--from-runs: found ${found}, allowed are ${clusters.LEAST_SCENES} quiet runs or more. Wait for them, or go further back.`,
    );
  const sum = runs.reduce(addTotals, noTotals(model));
  const reference = model.task.referenceOf(sum, model);
  const scenes = model.unit === 'scene' ? clusters.clusteringOfPredictions(sizes, model, reference) : undefined;
  const path = join(folder, 'reference.json');
  const { provisional: _, scenes: __, seasons: ___, ...kept } = JSON.parse(await readFile(path, 'utf8'));
  const sums = runs.flatMap(({ bands }) => (bands === undefined ? [] : [bands]));
  const ofBands = model.profile && model.unit === 'scene' ? bandsOfRuns(sums, model.profile) : undefined;
  if (ofBands !== undefined) delete kept.bandMeans; // of other scenes
  const aboutFile = makeAboutFile(model);
  const about = (scene: number) => aboutFile(files[scene]!.key, Number(Object.keys(runs[scene]!.months!)[0]));
  const ofScenes = sums.length === runs.length ? ofBands?.ofScenes : undefined;
  const seasons = seasonsOf(sizes, ofScenes ?? {}, about, model, segmentsOfRuns());
  const after = {
    ...kept,
    ...reference,
    ...(scenes && { scenes: { of: 'files', ...shortened(scenes) } }),
    ...ofBands?.ofReference,
    ...(seasons && { seasons: shortened(seasons) }),
  };
  await writeFile(path, inLines(after));
  const independentChips = scenes ? scenes.chips ** scenes.exponent : null;
  const worth = independentChips && ` A run says as much as ${independentChips.toFixed(1)} independent chips.`;
  const bands = ofBands ? 'The profile' : 'No profile';
  const stays = ofBands ? 'is theirs as well.' : 'is replaced: runs hold them by the bins of a profile, and by scenes.';
  const said = `${found}.${worth ?? ''} ${bands} of the bands ${stays} ${seasonsText(seasons)}`.trimEnd();
  return { runs: runs.length, days, left, predictions: predictionsIn(sum), independentChips, said };

  function segmentsOfRuns(): SceneOfSegment[] {
    return Object.keys(model.chipSegments ?? {}).flatMap((by) =>
      files.flatMap(({ run }, scene) =>
        totalsOfSegments(run, by, model).flatMap(([name, own]) => {
          const size = predictionsIn(own);
          return size > 0 ? [{ by, name, scene, size, sums: own.counts }] : [];
        }),
      ),
    );
  }
}

/** Returns the runs of a model version since a day that show what is usual; and how many were left out, by the reason. */
async function quietRuns(service: Pick<Service, 'ledger' | 'metrics' | 'now'>, model: ModelPackage, since: string) {
  const { ledger, metrics, now } = service;
  const to = now();
  const from = new Date(dayOf(timeOf('--from-runs', since, to)));
  if (from > to) return { runs: [], files: [], days: 0, left: {} };
  const judged = new Map((await metrics.days(model, dayOf(from), dayOf(to))).map((row) => [row.day, isDrifting(row)]));
  const left = new Map<string, number>();
  const leave = (why: string, runs = 1) => runs > 0 && left.set(why, (left.get(why) ?? 0) + runs);
  for (const state of ['FAILED', 'INVALID'] as const)
    leave(`${state} files of any model`, await ledger.countByState(state, { from, to }));
  const found = [];
  for (let time = from.getTime(); time <= to.getTime(); time += DAY_MILLISECONDS)
    for await (const run of ledger.ofDay(dayOf(time))) {
      if (modelId(run.model) !== modelId(model)) continue;
      const totals = totalsOfRun(run);
      const why =
        (!judged.has(dayOf(time)) && 'of days not judged yet') ||
        (judged.get(dayOf(time)) && 'of days that drift') ||
        (doorOf(run.scene!) !== 'file' && 'of requests') ||
        (predictionsIn(totals) === 0 && 'without predictions, of blank or masked chips') ||
        (totals.bands?.some(({ violations }) => violations) && 'that break a rule of data quality');
      if (why) leave(why);
      else found.push({ key: run.scene!.key, day: dayOf(time), run, totals });
    }
  const sizes = found.map(({ totals }) => predictionsIn(totals)).sort((a, b) => a - b);
  const usual = sizes[Math.floor(sizes.length / 2)]!; // the median: of a mean, one large scene would leave out all others
  const kept = found.filter(({ totals }) => predictionsIn(totals) >= usual / 2);
  leave('with less than half the usual number of predictions', found.length - kept.length);
  const days = new Set(kept.map(({ day }) => day)).size;
  return { runs: kept.map(({ totals }) => totals), files: kept, days, left: Object.fromEntries(left) };
}
