import * as z from 'zod';
import { parseBandMeans, parseProfile } from '../package/bandProfile.ts';
import { parseChance } from '../package/chance.ts';
import { interpretItem } from '../package/interpret.ts';
import { parseItem } from '../package/item.ts';
import { readCovers } from '../package/landCover.ts';
import type { ModelPackage } from '../package/package.ts';
import { type ReadPackageFile, readJson } from '../package/packageFile.ts';
import { checked, counted, openObject, parseAs } from '../package/problems.ts';
import { parseSeasons } from '../package/seasons.ts';
import { readText } from '../package/text/readText.ts';
import { isProvisional, provisionalReference } from '../package/todo.ts';
import type { HeldOut } from '../statistics/calibration/estimateAccuracy.ts';
import { TASKS } from './registry.ts';

/**
 * Reads a model package, whose task is one of the registry's, and checks that it can run, as far as that shows without the
 * ONNX model: the official schemas accept many packages that cannot.
 * @throws {InvalidModelPackage} with a file's problems: where they are, what was found, what is allowed
 */
export async function readModelPackage(readFile: ReadPackageFile): Promise<ModelPackage> {
  const item = readJson(readFile, 'item.json');
  const reference = readJson(readFile, 'reference.json'); // concurrently
  reference.catch(() => {}); // the item's problems are reported first
  const { text, ...model } = interpretItem(parseItem(await item), TASKS);
  const found = await reference;
  const json = isProvisional(found) ? { ...Object(found), ...provisionalReference(model) } : found;
  const profile = parseProfile(json, model.source.bands);
  const bandMeans = parseBandMeans(json, profile);
  const seasons = parseSeasons(json, (of) => model.task.parseReference(of, model), profile);
  const heldOut = parseHeldOut(json, model.task.sets !== 'pixels');
  const hasSets = heldOut?.threshold !== undefined && model.task.sets === 'chips';
  checked('item.json', (check) => check(!model.abstains || hasSets, 'properties.swath:abstain', true, ABSTAIN));
  return {
    ...model,
    ...(text && { text: await readText(readFile, text) }),
    ...(await readCovers(readFile, model)),
    reference: model.task.parseReference(json, model),
    ...(isProvisional(found) && { isProvisional: true }),
    ...parseChance(json, model),
    ...(profile && { profile }),
    ...(bandMeans && { bandMeans }),
    ...(seasons && { seasons }),
    ...(heldOut && { heldOut }),
  };
}

/** Of what no class is given. */
const ABSTAIN =
  'false, or a classifier with prediction sets: first "swath model calibrate", which writes calibration.threshold into reference.json, then this';
const SHARE = 'a number from 0 to 1';
const calibration = openObject('an object with "chips" and "right"', {
  chips: counted.min(1, 'a whole number, 1 or more'),
  right: counted,
  meanProbability: z.number('a number').optional(),
  threshold: z.number(SHARE).min(0, SHARE).max(1, SHARE).optional(),
});
const schema = openObject('an object', { calibration: calibration.optional() });

/**
 * Reads from `reference.json` how many predictions for held-out data were right: the part `calibration`, written by `swath
 * model calibrate`. Accuracy without truth is estimated from the probabilities, so their mean must be about the share that is
 * right. The threshold is that of prediction sets. The other fields are for people.
 * @param isEstimated whether accuracy is: that of pixels is not
 * @returns undefined if the package does not say
 * @throws {InvalidModelPackage} with a list of all problems
 */
export function parseHeldOut(json: unknown, isEstimated = true): HeldOut | undefined {
  const { calibration } = parseAs(schema, 'reference.json', json);
  if (calibration === undefined) return undefined;
  const { chips, right, threshold, meanProbability = right / chips } = calibration;
  return checked('reference.json', (check) => {
    check(right <= chips, 'calibration.right', right, `no more than there are chips, ${chips}`);
    const isNear = Math.abs(meanProbability - right / chips) <= MOST_APART;
    const rule = `at most ${MOST_APART} away from the share that is right, ${right} of ${chips} chips; "swath model calibrate" measures both`;
    check(isNear || !isEstimated, 'calibration.meanProbability', meanProbability, rule);
    return { chips, right, ...(threshold !== undefined && { threshold }) };
  });
}

/** The most that the mean probability of a calibrated model is away from the share of right predictions. */
const MOST_APART = 0.1;
