import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { count } from '../../charts/format.ts';
import { attempt, InvalidModelPackage, insteadOf } from '../../core/base/errors.ts';
import { MAX_PACKAGE_TEXT_BYTES } from '../../core/base/limits.ts';
import { isSafeName, safeNameRule } from '../../core/base/names.ts';
import { nullIfNotFound } from '../../core/base/objectStore.ts';
import { precise } from '../../core/base/text/numbers.ts';
import { chipOfSample, readSample } from '../../core/doors/requests/sample.ts';
import { readArtifact } from '../../core/inference/artifact.ts';
import { predictChip } from '../../core/inference/predict.ts';
import { polygonFiles } from '../../core/package/landCover.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import { modelFiles, type ReadPackageFile, readJson, SAMPLE_FILE } from '../../core/package/packageFile.ts';
import { readingOnce } from '../../core/releases/origins/packageSource.ts';
import { CARD } from '../../core/releases/publication.ts';
import { contentsOf } from '../../core/releases/publishPackage.ts';
import { conformalThreshold } from '../../core/statistics/calibration/conformal.ts';
import { crossValidate, FOLDS, goodnessAt } from '../../core/statistics/calibration/crossValidate.ts';
import { fitTemperature, LEAST_TEMPERATURE, MOST_TEMPERATURE } from '../../core/statistics/calibration/temperature.ts';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';
import { TASKS } from '../../core/tasks/registry.ts';
import { makeFolder } from '../../local/stack/makeFolder.ts';
import { openModel } from '../../local/stack/openModel.ts';
import { sfc32 } from '../../replay/sfc32.ts';
import { checkFile, checkNoFolder } from '../send/scene.ts';
import { commandFor, quoted, type Where, withService } from '../service/ledger.ts';
import { bold, print, printable, readNamed, refused, table, WrongUse } from '../terminal/output.ts';
import { type LabelledChips, labelledChips } from './labelledChips.ts';
import { publishedRef } from './modelDiff.ts';
import { checkPackageFolder, filesOf, readPackage, readPackageFolder } from './publishModel.ts';
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
  const { before, after, ...more } = fitted;
  const { chips: _, ...others } = labelled;
  const about = { name: model.name, version, folder, ...more, folds: FOLDS, before, heldOut: after, ...others };
  print(where.json, about, () => toldOf(`${model.name} ${version}`, folder, fitted, labelled, where));
}

/** Writes a version calibrated by chips. Throws `WrongUse` if they are too few, or no temperature fits. */
export async function calibrate(
  { model, files }: Parameters<typeof writeCalibrated>[0],
  data: readonly string[],
  truth: string | undefined,
  { coverage = 0.9, onlyFirst, ...to }: To & { coverage?: number | undefined; onlyFirst?: boolean },
) {
  const onnx = await readArtifact(files, model);
  await tryModel(model, onnx);
  const labelled = await labelledChips(model, onnx, data, truth, { onlyFirst });
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
    ...(unlabelled > 0 ? [`${count(unlabelled)} chips without known truth were skipped`] : []),
    ...(missing > 0 ? [`the model has no finite output for ${count(missing)}`] : []),
    ...(unknown > 0 ? [`${count(unknown)} truths are for chips that are in none of the files`] : []),
  ];
  const isOfPixels = temperature === null;
  const what = isOfPixels ? 'pixels' : 'chips';
  const made = isOfPixels ? 'prediction sets of pixels' : `a temperature of ${temperature}`;
  const measured = [
    table(['', 'before', 'held out'], numbers, 'lrr'),
    `Held out: ${FOLDS} parts of the chips, split by a fixed seed, each with the temperature fitted to the other four.`,
  ];
  return [
    `${bold(printable(name))} is written in ${printable(folder)}: ${made}, from ${count(chips)} ${what}, of which ${count(right)} are right. No class changes.`,
    ...(isOfPixels ? [] : measured),
    `Prediction sets: the classes with a probability of ${(1 - threshold).toFixed(4)} or more, which contain the true class for ${precise(100 * coverage)}\u00a0% of ${what} or more.`,
    ...(isOfPixels || after.likelihood < before.likelihood
      ? []
      : ['It is no better on held-out chips: the model was calibrated already, or there are too few chips.']),
    ...others.map((one) => `Note: ${one}.`),
    printable(`Then: ${commandFor(where, `model publish ${quoted(folder)}`)}`),
  ].join('\n');
}

/** With fewer, any improvement may be chance. */
const LEAST_CHIPS = 30;

type Fitted = ReturnType<typeof fit>;

/** The temperature that is best for chips, and the threshold of their sets. The probabilities of pixels stay as they are. */
function fit({ chips, unlabelled }: LabelledChips, coverage: number, { output }: ModelPackage) {
  if (chips.length < LEAST_CHIPS)
    throw new WrongUse(
      `--data: found ${chips.length} chips with known truth and ${count(unlabelled)} others, allowed are ${LEAST_CHIPS} or more. The truth comes from the files, if item.json names it (swath:truth), or from the table of --truth.`,
    );
  const before = goodnessAt(chips, output.temperature ?? 1);
  // Chips whose highest score, the first of equal ones, is that of the true class.
  const right = chips.filter(({ scores, truth }) => scores.indexOf(Math.max(...scores)) === truth).length;
  const about = { chips: chips.length, right, before, coverage };
  if (output.pixels !== null) {
    const ofTruths = chips.map(({ scores, truth }) => Math.exp(scores[truth]!));
    return { ...about, temperature: null, after: before, threshold: conformalThreshold(ofTruths, coverage) };
  }
  const temperature = fitTemperature(chips);
  // Measured on chips that the temperature was not fitted to.
  const held = crossValidate(chips, sfc32(1, 2, 3), coverage);
  if (temperature === null || held === null)
    throw new WrongUse(
      `--data: found no temperature from ${LEAST_TEMPERATURE} to ${MOST_TEMPERATURE} that makes the true classes most probable: ${count(about.right)} of ${count(chips.length)} chips are right. Give more files, with chips that the model gets wrong.`,
    );
  const { threshold, ...after } = held;
  return { ...about, temperature: Number(temperature.toPrecision(6)), after, threshold };
}

type To = { version: string; folder: string; abstain?: boolean | undefined };
type Json = { [field: string]: unknown };

export const CALIBRATION = '## Calibration';

/** Writes a checked copy of a package with the temperature, as another version; the new `folder` appears whole or not at all. */
async function writeCalibrated(
  { model, files }: { readonly model: ModelPackage; readonly files: ReadPackageFile },
  fitted: Fitted,
  { version, folder, abstain }: To,
): Promise<void> {
  makeFolder(dirname(folder));
  const unfinished = await mkdtemp(join(dirname(folder), `.${basename(folder)}-`));
  await using left = new AsyncDisposableStack();
  left.defer(() => rm(unfinished, { recursive: true, force: true })); // unless it has its name by then
  const write = async (file: string, content: string | Uint8Array) => {
    await mkdir(dirname(join(unfinished, file)), { recursive: true });
    await writeFile(join(unfinished, file), content);
  };
  const reference = (await readJson(files, 'reference.json')) as Json;
  for (const file of [...modelFiles(model), ...polygonFiles(model)]) await write(file, await files(file));
  const item = itemOf((await readJson(files, 'item.json')) as Json, model, fitted, version);
  if (abstain) item.properties['swath:abstain'] = true;
  await write('item.json', inLines(item));
  await write('reference.json', inLines({ ...reference, calibration: recordOf(fitted) }));
  const card = await files(CARD).catch(nullIfNotFound);
  if (card !== null)
    await write(CARD, withSection(new TextDecoder().decode(card), CALIBRATION, cardText(fitted, model.version)));
  const sample = await readSample(files, model);
  if (sample !== null) {
    const written = await readPackage(unfinished);
    const prediction = await predictChip(await openModel(written.model, written.onnx), sample.chip);
    await write(SAMPLE_FILE, inLines({ input: sample.input, prediction }));
  }
  await checkPackageFolder(unfinished);
  await rename(unfinished, folder);
}

function itemOf(item: Json, model: ModelPackage, { temperature }: Fitted, version: string) {
  const properties = item['properties'] as Json;
  const [output, ...rest] = properties['mlm:output'] as Json[];
  const steps = [...(model.output.activation === null ? [] : [model.output.activation]), `temperature(${temperature})`];
  const after = { format: 'swath', expression: steps.join(', ') };
  const { id } = item;
  const ending = `-${model.version}`;
  const named = typeof id === 'string' && id.endsWith(ending) ? `${id.slice(0, -ending.length)}-${version}` : id;
  const outputs = temperature === null ? [output, ...rest] : [{ ...output, post_processing_function: after }, ...rest];
  return { ...item, id: named, properties: { ...properties, version, 'mlm:output': outputs } as Json };
}

/** The entry in reference.json: estimates of accuracy take `chips` and `right`, prediction sets `threshold`; the rest is for people. */
const recordOf = ({ before, after, ...fitted }: Fitted): Json => ({
  ...fitted,
  meanProbability: rounded(after.probability),
  folds: FOLDS,
  expectedCalibrationError: { before: rounded(before.error), heldOut: rounded(after.error) },
  negativeLogLikelihood: { before: rounded(before.likelihood), heldOut: rounded(after.likelihood) },
});

const rounded = (value: number) => Number(value.toPrecision(6));

/** Appends a section to a model card, and removes those with the same heading; null only removes them. */
export function withSection(card: string, heading: string, text: string | null): string {
  const others = card.split(/^(?=## )/m).filter((part) => !part.startsWith(`${heading}\n`));
  return `${others.join('').trimEnd()}\n${text === null ? '' : `\n${heading}\n\n${text.trimEnd()}\n`}`;
}

function cardText(fitted: Fitted, from: string): string {
  const { temperature, chips, right, before, after, coverage, threshold } = fitted;
  const sets = `Prediction sets of a coverage of ${precise(100 * coverage)}\u00a0% hold the classes with a probability of ${(1 - threshold).toFixed(4)} or more.
`;
  return temperature === null
    ? `The prediction sets of pixels are from ${chips} labelled pixels of ${from}, of which the model is right for ${right}. ${sets}`
    : `The probabilities of ${from} are calibrated by a temperature of ${temperature}, fitted to ${chips} labelled chips, of which the model is right for ${right}. No class
changes. Expected calibration error (15 bins): ${before.error.toFixed(3)} before, ${after.error.toFixed(3)} on held-out chips (${FOLDS} folds). Negative log likelihood:
${before.likelihood.toFixed(3)} before, ${after.likelihood.toFixed(3)} on held-out chips. ${sets}`;
}

type SampleOptions = { write?: boolean; json?: boolean };

/** `swath model sample FOLDER INPUT`: makes a sample for the package: a chip with the model's prediction. */
export async function sampleOfModel(folder: string, file: string, { write, json }: SampleOptions): Promise<void> {
  const input = inputIn(file, await readNamed(file));
  const { model, onnx } = await readPackage(folder);
  const wrong = (cause: Error) => new WrongUse(cause.message.replace(/^sample\.json: input/, file), { cause });
  const chip = await chipOfSample(input, model).catch(insteadOf(InvalidModelPackage, wrong));
  await tryModel(model, onnx);
  const sample = { input, prediction: await predictChip(await openModel(model, onnx), chip) };
  const text = inLines(sample);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_PACKAGE_TEXT_BYTES)
    throw new WrongUse(
      `${file}: makes a ${SAMPLE_FILE} of ${bytes} bytes, allowed are at most ${MAX_PACKAGE_TEXT_BYTES}. Use an image that compresses better.`,
    );
  for (const warning of chip.warnings ?? []) console.error(`Note: ${printable(warning)}`);
  if (write) await writeFile(join(folder, SAMPLE_FILE), text);
  const next = printable(`npx swath model check ${quoted(folder)}`);
  const written = `${bold(SAMPLE_FILE)} is written in ${printable(folder)}. Then: ${next}`;
  print(json, sample, () => (write ? written : text.trimEnd()));
}

/** Formats JSON as the text of a file, with each list of numbers on one line. */
export const inLines = (json: unknown): string =>
  `${JSON.stringify(json, null, 2)}\n`.replace(/\[[\s\d.,eE+-]+\]/g, (list) =>
    list.replaceAll(/\s+/g, ' ').replace('[ ', '[').replace(' ]', ']'),
  );

function inputIn(file: string, bytes: Buffer): unknown {
  if (!/^\s*\{/.test(bytes.toString('latin1', 0, 100))) return { image: bytes.toString('base64') };
  const noJson = (cause: Error) =>
    new WrongUse(`${file}: found no JSON, though it begins like some: ${cause.message}`, { cause });
  return attempt(() => JSON.parse(bytes.toString('utf8')), insteadOf(SyntaxError, noJson));
}
