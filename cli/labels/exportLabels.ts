import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { count } from '../../charts/format.ts';
import { inOrder } from '../../core/base/concurrency/inOrder.ts';
import { InvalidSceneFile, listed, ObjectNotFound, onError } from '../../core/base/errors.ts';
import { modelId } from '../../core/base/messages.ts';
import { formatsOf } from '../../core/doors/formatsOf.ts';
import { truthText } from '../../core/doors/truth/truthReader.ts';
import { doorOf } from '../../core/ledger/doorOf.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import { namesOf } from '../../core/package/problems.ts';
import { counted } from '../../core/releases/comparison/numbers.ts';
import { type ChosenChip, makeChooser } from '../../core/results/chooseChips.ts';
import { type PredictedChip, predictionFiles, readPredictionFile } from '../../core/results/predictions.ts';
import { type ChipAt, makeChipAt } from '../../core/scenes/chipAt.ts';
import { isOfRows, makeThumbnail } from '../../core/scenes/thumbnail.ts';
import { csvOf } from '../../core/tables/csv.ts';
import type { Cell } from '../../core/tables/table.ts';
import { makeFolder } from '../../local/stack/makeFolder.ts';
import { publishedRef } from '../models/modelDiff.ts';
import { predictedSince } from '../runs/area.ts';
import { commandFor, quoted, type Where, withService } from '../service/ledger.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { bold, pairs, print, printable, showProgress, WrongUse } from '../terminal/output.ts';

type Options = Where & { chips: number; model?: string; since: string; seed: number; to: string };

const TABLE = 'truth.csv';
const READ_AT_ONCE = 8;

/** `swath label export`: writes a folder with chips for a person to label, and a table for their truths. */
export async function exportLabels({ chips, model: asked, since, seed, to, ...where }: Options): Promise<void> {
  if (existsSync(to)) throw new WrongUse(`${to}: exists already. Name another folder with --to.`);
  const unfinished = `${to}.unfinished-${randomUUID()}`;
  const clear = () => rm(unfinished, { recursive: true, force: true });
  await withService(where, async (service) => {
    let doing = 'looking for chips';
    using endProgress = showProgress(() => doing);
    using interrupt = onInterrupt(async () => {
      await service.close();
      await clear();
    }, `interrupted: there is no ${to}. Run the same command again.`);
    try {
      const model = await service.models.load(
        asked === undefined ? await service.models.promoted() : await publishedRef(service, asked, where),
      );
      const runs = await Array.fromAsync(predictedSince(service, model, since));
      const shown = runs.filter(({ scene }) => doorOf(scene) !== 'http'); // which keeps no inputs to look at
      const unsure = model.classes.length === 0 ? 0 : Math.floor(chips / 2); // a predicted number does not say how sure the model is
      const chooser = makeChooser(model, { random: chips - unsure, unsure }, seed);
      let gone = 0;
      const noneOf = onError(ObjectNotFound, () => {
        gone += 1;
        return [];
      });
      for (const file of predictionFiles(shown.filter(({ told }) => told !== undefined)))
        chooser.recall(await readPredictionFile(service.readResult, file).catch(onError(ObjectNotFound, () => [])));
      for (const file of predictionFiles(shown))
        chooser.add(await readPredictionFile(service.readResult, file).catch(noneOf));
      const chosen = chooser.chosen();
      if (chosen.length === 0)
        throw new WrongUse(
          `${modelId(model)} has no chip since ${since} of unknown truth${gone > 0 ? `, but for ${unreadable(gone)}` : ''}: see --since, --model.`,
        );
      makeFolder(unfinished);
      const rowOf = makeRows(model, shown, makeChipAt(service.readRange, formatsOf), unfinished);
      const rows: Cell[][] = [];
      for await (const row of inOrder(chosen.entries(), READ_AT_ONCE, rowOf)) {
        rows.push(row);
        doing = `writing chips: ${rows.length} of ${chosen.length}`;
      }
      // No name of a column of truths, such as index, begins with a word and a space.
      const values = valuesShown(model).map((name) => `${model.text ? 'text' : 'band'} ${name}`);
      const names = [...COLUMNS, ...(isOfRows(model) ? values : [])];
      // Left out are the columns that no chip has, such as the places of chips without georeference.
      const isKept = (_: unknown, at: number) => names[at] === 'truth' || rows.some((row) => row[at] !== null);
      const columns = names.filter(isKept).map((name) => ({ name, type: 'STRING' as const }));
      await writeFile(join(unfinished, TABLE), csvOf({ columns, rows: [rows.map((row) => row.filter(isKept))] }));
      await rename(unfinished, to);
      endProgress();
      const random = chosen.filter(({ sample }) => sample !== 'least-certain').length;
      const [table, due] = [join(to, TABLE), chooser.due()];
      const told = { table, random, due, leastCertain: chosen.length - random, seed, gone };
      print(where.json, { model: modelId(model), ...told }, () => inWords(told, model, where));
    } catch (error) {
      if (interrupt.stopped.aborted) await interrupt.never();
      await clear();
      throw error;
    }
  });
}

const unreadable = (files: number) => `${counted(files, 'file')} of predictions that can no longer be read`;

const COLUMNS = ['picture', 'truth', 'longitude', 'latitude', 'scene', 'scene_version', 'chip_id', 'sample'];

/** The columns that a row's values are in, or its texts: the table has them in place of a picture. */
const valuesShown = ({ text, source }: ModelPackage): readonly string[] => text?.columns ?? namesOf(source.bands);

/** Makes the function that writes a chosen chip's picture and returns its row. The picture is null where the file is gone. */
function makeRows(model: ModelPackage, runs: readonly LedgerRow[], chipAt: ChipAt, folder: string) {
  const byRun = new Map(runs.map((row) => [row.run, row]));
  const pictureOf = makeThumbnail(model, 256);
  const gone = onError([ObjectNotFound, InvalidSceneFile], () => null);
  return async ([i, { chip, sample }]: [number, ChosenChip]): Promise<Cell[]> => {
    const { scene, size = 0 } = byRun.get(chip.run)!; // every done run has a size
    const seen = await chipAt({ ...scene, size }, chip, model).catch(gone);
    const picture = seen === null || isOfRows(model) ? null : `${String(i + 1).padStart(4, '0')}.png`;
    if (picture !== null) await writeFile(join(folder, picture), pictureOf(seen!));
    const shown = (_: string, i: number) => (model.text ? seen?.texts?.[i] : seen?.planes[i]?.[0]) ?? null;
    const values = isOfRows(model) ? valuesShown(model).map(shown) : [];
    const { key, versionId } = scene;
    return [picture, knownOf(chip, model), ...middleOf(chip), key, versionId, chip.id, sample, ...values];
  };
}

/** A truth that a person has given already, as `swath truth` takes it: it counts from then on. A mask is not kept. */
const knownOf = ({ uncounted }: PredictedChip, { task }: ModelPackage): string | null =>
  uncounted === undefined || task.truthLater?.isOfPixels ? null : truthText(uncounted, task);

function middleOf({ footprint }: PredictedChip): [longitude: number | null, latitude: number | null] {
  if (footprint === null) return [null, null];
  const [longitude, latitude] = [0, 1].map((axis) => {
    const of = footprint.map((corner) => corner[axis]!);
    return Number(((Math.min(...of) + Math.max(...of)) / 2).toFixed(6));
  }) as [number, number];
  return [longitude > 180 ? longitude - 360 : longitude, latitude]; // beyond 180 lies what crosses the antimeridian
}

type Told = Record<'random' | 'due' | 'leastCertain' | 'seed' | 'gone', number> & { table: string };

function inWords({ table, random, due, leastCertain, seed, gone }: Told, model: ModelPackage, where: Where): string {
  const names = listed(model.classes.map(({ name }) => name)) || 'a number';
  const allowed = model.task.truthLater?.isOfPixels ? `the path of a mask of ${names}` : names;
  const lines: [string, string][] = [
    ['random', `${count(random)}, drawn with the seed ${seed}: their truths tell the accuracy and the areas of all`],
    ['least certain', `${count(leastCertain)}: their truths are kept for training, and count nowhere`],
    ['truth', `the column to fill in: ${printable(allowed)}`],
  ];
  if (gone > 0) lines.push(['left out', unreadable(gone)]);
  const fewer =
    due === 0
      ? 'To do fewer, delete the last rows: the first ones are such a choice, too.'
      : `State the truth of at least the first ${count(due)} of the random ones, or chips that came since the last export count too little.`;
  const next = `${fewer} Then: ${commandFor(where, `truth ${quoted(table)} --model ${model.name}`)}`;
  return [`${bold(printable(table))}  chips of ${printable(modelId(model))}`, pairs(lines), printable(next)].join('\n');
}
