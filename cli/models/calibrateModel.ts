import { existsSync } from 'node:fs';
import { isSafeName, safeNameRule } from '../../core/base/names.ts';
import { precise } from '../../core/base/text/precise.ts';
import { readArtifact } from '../../core/inference/artifact.ts';
import type { ReadPackageFile } from '../../core/package/packageFile.ts';
import { readingOnce } from '../../core/releases/origins/packageSource.ts';
import { CARD } from '../../core/releases/publication.ts';
import { contentsOf } from '../../core/releases/publishPackage.ts';
import { FOLDS } from '../../core/statistics/calibration/crossValidate.ts';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';
import { TASKS } from '../../core/tasks/registry.ts';
import { number } from '../runs/report.ts';
import { checkFile, checkNoFolder } from '../send/scene.ts';
import { commandFor, quoted, type Where, withService } from '../service/ledger.ts';
import { refused, WrongUse } from '../terminal/failure.ts';
import { bold, printable, table } from '../terminal/text.ts';
import { type Fitted, fit, writeCalibrated } from './calibratedPackage.ts';
import { type LabelledChips, labelledChips } from './labelledChips.ts';
import { publishedRef } from './modelDiff.ts';
import { filesOf, readPackageFolder } from './publishModel.ts';
import { tryModel } from './tryModel.ts';

type Options = Where & {
  data: string[];
  truth?: string;
  coverage: number;
  abstain?: boolean;
  as?: string;
  to?: string;
};

/** `swath model calibrate PACKAGE --data FILE…`: writes a version whose probabilities are scaled by a fitted temperature. */
export async function calibrateModel(asked: string, { data, truth, coverage, abstain, as, to, ...where }: Options) {
  for (const file of data) checkFile(file);
  if (truth !== undefined) checkNoFolder(truth, 'a table');
  const files = await packageFiles(asked, where);
  const model = await readModelPackage(files);
  const able = TASKS.filter(({ sets }) => sets).map(({ name }) => name);
  if (model.task.sets === undefined)
    throw new WrongUse(`${asked}: found a model of ${model.task.name}, allowed is one of ${able.join(', ')}.`);
  const version = as ?? `${model.version.replace(/-calibrated$/, '')}-calibrated`;
  if (!isSafeName(version)) throw refused('--as', version, `is ${safeNameRule}`);
  if (version === model.version)
    throw new WrongUse(`--as: found ${version}, which is the version to calibrate. Name another one.`);
  const folder = to ?? `${model.name}-${version}`;
  if (existsSync(folder)) throw new WrongUse(`${folder}: exists already. Name another folder with --to.`);
  const { labelled, fitted } = await calibrate({ model, files }, data, truth, { version, folder, abstain, coverage });
  if (where.json === true) {
    const { before, after, ...more } = fitted;
    const { chips: _, ...others } = labelled;
    const about = { name: model.name, version, folder };
    console.log(JSON.stringify({ ...about, ...more, folds: FOLDS, before, heldOut: after, ...others }));
  } else console.log(toldOf(`${model.name} ${version}`, folder, fitted, labelled, where));
}

/** Writes a version calibrated by chips. Throws `WrongUse` if they are too few, or no temperature fits. */
export async function calibrate(
  { model, files }: Parameters<typeof writeCalibrated>[0],
  data: readonly string[],
  truth: string | undefined,
  { coverage = 0.9, ...to }: Parameters<typeof writeCalibrated>[2] & { coverage?: number },
) {
  const onnx = await readArtifact(files, model);
  await tryModel(model, onnx);
  const labelled = await labelledChips(model, onnx, data, truth);
  const fitted = fit(labelled, coverage, model);
  await writeCalibrated({ model, files }, fitted, to);
  return { labelled, fitted };
}

async function packageFiles(asked: string, where: Where): Promise<ReadPackageFile> {
  if (existsSync(asked)) {
    await readPackageFolder(asked); // names the package in its errors
    return filesOf(asked);
  }
  return withService(where, async (service) => {
    const { models } = service;
    const ref = await publishedRef(service, asked, where);
    const model = await models.load(ref);
    const read = readingOnce(models.fileOf(ref));
    // Close the service before the model runs, which takes a while.
    await Promise.allSettled([contentsOf(read, model), read(CARD)]);
    return read;
  });
}

function toldOf(name: string, folder: string, fitted: Fitted, labelled: LabelledChips, where: Where): string {
  const { temperature, chips, right, before, after, coverage, threshold } = fitted;
  const numbers = [
    ['calibration error', before.error.toFixed(4), after.error.toFixed(4)],
    ['negative log likelihood', before.likelihood.toFixed(4), after.likelihood.toFixed(4)],
  ];
  const { unlabelled, missing, unknown } = labelled;
  const others = [
    ...(unlabelled > 0 ? [`${number(unlabelled)} chips without known truth were skipped`] : []),
    ...(missing > 0 ? [`the model has no finite output for ${number(missing)}`] : []),
    ...(unknown > 0 ? [`${number(unknown)} truths are for chips that are in none of the files`] : []),
  ];
  const isOfPixels = temperature === null;
  const what = isOfPixels ? 'pixels' : 'chips';
  const made = isOfPixels ? 'prediction sets of pixels' : `a temperature of ${temperature}`;
  const measured = [
    table(['', 'before', 'held out'], numbers, 'lrr'),
    `Held out: ${FOLDS} parts of the chips, split by a fixed seed, each with the temperature fitted to the other four.`,
  ];
  return [
    `${bold(printable(name))} is written in ${printable(folder)}: ${made}, from ${number(chips)} ${what}, of which ${number(right)} are right. No class changes.`,
    ...(isOfPixels ? [] : measured),
    `Prediction sets: the classes with a probability of ${(1 - threshold).toFixed(4)} or more, which contain the true class for ${precise(100 * coverage)}\u00a0% of ${what} or more.`,
    ...(isOfPixels || after.likelihood < before.likelihood
      ? []
      : ['It is no better on held-out chips: the model was calibrated already, or there are too few chips.']),
    ...others.map((one) => `Note: ${one}.`),
    printable(`Then: ${commandFor(where, `model publish ${quoted(folder)}`)}`),
  ].join('\n');
}
