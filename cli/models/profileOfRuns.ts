import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { counted } from '../../charts/format.ts';
import type { Service } from '../../console/service.ts';
import { modelId } from '../../core/base/run.ts';
import { DAY_MILLISECONDS, dayOf } from '../../core/base/time/days.ts';
import { isDrifting, makeAboutFile } from '../../core/drift/segments.ts';
import type { Sums, Totals } from '../../core/drift/totals.ts';
import { addTotals, noTotals, predictionsIn, totalsOfRun, totalsOfSegments } from '../../core/drift/totals.ts';
import { readArtifact } from '../../core/inference/artifact.ts';
import { doorOf } from '../../core/ledger/doorOf.ts';
import { bandsOfRuns } from '../../core/measures/bands/bandsOfRuns.ts';
import { clusteringOfPredictions, LEAST_SCENES } from '../../core/measures/scenesOfChips.ts';
import { type SceneOfSegment, seasonsOf, seasonsText } from '../../core/measures/seasonsOfScenes.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import { number } from '../runs/report.ts';
import { quoted, type Where, withService } from '../service/ledger.ts';
import { timeOf, WrongUse } from '../terminal/failure.ts';
import { print, printable } from '../terminal/text.ts';
import { readPackage } from './publishModel.ts';
import { inLines } from './sampleOfModel.ts';

/** `swath model profile FOLDER --from-runs AGE`: writes a reference for predictions, made of the live version's quiet runs. */
export async function profileOfRuns(folder: string, since: string, where: Where): Promise<void> {
  const { said, ...about } = await withService(where, (service) => referenceOfRuns(service, folder, since));
  const text = `reference.json has the predictions of ${said} Give it a new version in item.json. Then: npx swath model check ${quoted(folder)}`;
  print(where.json, about, () => printable(text));
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
  const without = Object.entries(left).map(([why, count]) => `${number(count)} ${why}`);
  const found = `${counted(runs.length, 'quiet run')} on ${counted(days, 'day')}${without.length === 0 ? '' : ` (left out: ${without.join('; ')})`}`;
  const sizes = runs.map((run, scene) => ({ scene, size: predictionsIn(run), sums: model.task.counts(run) }));
  const scenes = model.unit === 'scene' ? clusteringOfPredictions(sizes, model.task) : undefined;
  if (runs.length < LEAST_SCENES)
    throw new WrongUse(
      `--from-runs: found ${found}, allowed are ${LEAST_SCENES} quiet runs or more. Wait for them, or go further back.`,
    );
  const sum = runs.reduce(addTotals, noTotals(model));
  const path = join(folder, 'reference.json');
  const { provisional: _, scenes: __, seasons: ___, ...kept } = JSON.parse(await readFile(path, 'utf8'));
  const sums = runs.flatMap(({ bands }) => (bands === undefined ? [] : [bands]));
  const ofBands = model.profile && model.unit === 'scene' ? bandsOfRuns(sums, model.profile) : undefined;
  if (ofBands !== undefined) delete kept.bandMeans; // of other scenes
  const aboutFile = makeAboutFile(model);
  const about = (scene: number) => aboutFile(files[scene]!.key, Number(Object.keys(runs[scene]!.months!)[0]));
  const ofScenes = sums.length === runs.length ? ofBands?.ofScenes : undefined;
  const seasons = seasonsOf(sizes, ofScenes ?? {}, about, model, segmentsOfRuns(files, model));
  const after = {
    ...kept,
    ...model.task.referenceOf(sum, model),
    ...(scenes && { scenes: { of: 'files', ...scenes } }),
    ...ofBands?.ofReference,
    ...(seasons && { seasons }),
  };
  await writeFile(path, inLines(after));
  const independentChips = scenes ? scenes.chips ** scenes.exponent : null;
  const worth = independentChips && ` A run says as much as ${independentChips.toFixed(1)} independent chips.`;
  const bands = ofBands ? 'The profile' : 'No profile';
  const stays = ofBands ? 'is theirs as well.' : 'is replaced: runs hold them by the bins of a profile, and by scenes.';
  const said = `${found}.${worth ?? ''} ${bands} of the bands ${stays} ${seasonsText(seasons)}`.trimEnd();
  return { runs: runs.length, days, left, predictions: predictionsIn(sum), independentChips, said };
}

/** Returns the predictions of each run's chips in the segments that the package tells chips apart by. */
function segmentsOfRuns(files: readonly { run: Sums }[], model: ModelPackage): SceneOfSegment[] {
  const found = Object.keys(model.chipSegments ?? {}).flatMap((by) =>
    files.flatMap(({ run }, scene) =>
      totalsOfSegments(run, by, model).map(([name, own]) => ({
        by,
        name,
        scene,
        size: predictionsIn(own),
        sums: model.task.counts(own),
      })),
    ),
  );
  return found.filter(({ size }) => size > 0);
}

/** Returns the runs of a model version since a day that show what is usual; and how many were left out, by the reason. */
async function quietRuns(service: Pick<Service, 'ledger' | 'metrics' | 'now'>, model: ModelPackage, since: string) {
  const { ledger, metrics, now } = service;
  const to = now();
  const from = new Date(dayOf(timeOf('--from-runs', since, to)));
  if (from > to) return { runs: [], files: [], days: 0, left: {} };
  const drifting = (await metrics.days(model, dayOf(from), dayOf(to))).filter(isDrifting).map(({ day }) => day);
  const left = new Map<string, number>();
  const leave = (why: string, runs = 1) => runs > 0 && left.set(why, (left.get(why) ?? 0) + runs);
  for (const state of ['FAILED', 'INVALID'] as const)
    leave(`${state} files of any model`, await ledger.countByState(state, { from, to }));
  const found: { key: string; day: string; run: Sums; totals: Totals }[] = [];
  for (let time = from.getTime(); time <= to.getTime(); time += DAY_MILLISECONDS)
    for await (const run of ledger.ofDay(dayOf(time))) {
      if (modelId(run.model) !== modelId(model)) continue;
      const totals = totalsOfRun(run);
      const why =
        (drifting.includes(dayOf(time)) && 'of days that drift') ||
        (doorOf(run.scene!) !== 'file' && 'of requests') ||
        (predictionsIn(totals) === 0 && 'without predictions, of blank or masked chips') ||
        (totals.bands?.some(({ violations }) => violations) && 'that break a rule of data quality');
      if (why) leave(why);
      else found.push({ key: run.scene!.key, day: dayOf(time), run, totals });
    }
  const usual = found.reduce((sum, { totals }) => sum + predictionsIn(totals), 0) / found.length;
  const kept = found.filter(({ totals }) => predictionsIn(totals) >= usual / 2);
  leave('with less than half the usual number of predictions', found.length - kept.length);
  const days = new Set(kept.map(({ day }) => day)).size;
  return { runs: kept.map(({ totals }) => totals), files: kept, days, left: Object.fromEntries(left) };
}
