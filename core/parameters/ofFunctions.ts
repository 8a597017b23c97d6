import * as z from 'zod';
import { companionEnding, isCanary } from '../base/keys.ts';
import { MOST_SCENE_LIMITS } from '../base/limits.ts';
import { isSafeName } from '../base/names.ts';
import { isTimePattern } from '../base/time/timeInKey.ts';
import { MOST_DAYS, matching, number, observed, type Parameter, text, upTo } from './parameter.ts';

/** A batch's files are in infer's memory together with the model, and each takes two writes within its time-out. */
const MOST_FILES_PER_BATCH = 10_000;
const MOST_BYTES_PER_BATCH = 1024 ** 3;

/** With fewer, rows could expire before their day is judged, or before a queue delivers their messages again. */
const LEAST_REQUEST_DAYS = 35;

/** Each run that ends reads the rows of its window's runs. */
const LARGEST_WINDOW = 1_000_000;

/** A Jensen–Shannon distance is at most the square root of ln 2. */
const FARTHEST = Math.sqrt(Math.LN2);

/** A folder in which files are scene files by their names. */
const folder = (pattern: RegExp) =>
  text(z.string().refine((name) => pattern.test(name) && companionEnding(name) === undefined && !isCanary(name)));

/**
 * The parameters that functions read from their environment, where `chipsPerPart` is `CHIPS_PER_PART`. Every bundle
 * contains these lines; parameters that no function reads are in ofDeployment.ts.
 */
export const functionParameters = {
  modelName: observed(text(z.string().refine(isSafeName))),
  chipsPerPart: upTo(MOST_SCENE_LIMITS.maxChips, 'chips'),
  maxFileBytes: upTo(MOST_SCENE_LIMITS.maxFileBytes, 'bytes'),
  maxRecordBytes: upTo(MOST_SCENE_LIMITS.maxRecordBytes, 'bytes'),
  maxChips: upTo(MOST_SCENE_LIMITS.maxChips, 'chips'),
  attemptLimit: observed(upTo(100, 'attempts')),
  leaseSeconds: number(z.number().min(1).max(86_400)),
  sweepLookBackDays: number(z.number().min(0).max(MOST_DAYS)),
  driftThreshold: observed(number(z.number().gt(0).lt(FARTHEST))),
  driftMinimum: observed(upTo(LARGEST_WINDOW, 'predictions')),
  falseAlarmsPerYear: observed(number(z.number().min(0.1).max(36))),
  driftWindow: observed(upTo(LARGEST_WINDOW, 'predictions')),
  blankShareLimit: observed(number(z.number().gt(0).max(1))),
  accuracyLimit: observed(number(z.number().min(0).max(1))),
  inboxPrefix: folder(/^$|^(?!\/)[A-Za-z0-9._=/-]*\/$/),
  assetBuckets: observed(matching(/^(?:[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:,(?=.)|$))*$/)),
  assetHosts: observed(matching(/^(?:(?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?(?:,(?=.)|$))*$/)),
  bulkPrefix: folder(/^(?!\/|feeds\/)[A-Za-z0-9._=/-]*\/$/),
  acquisitionTimePattern: text(z.string().refine((pattern) => pattern === '' || isTimePattern(pattern))),
  filesPerBatch: upTo(MOST_FILES_PER_BATCH, 'files'),
  bytesPerBatch: upTo(MOST_BYTES_PER_BATCH, 'bytes'),
  replyQueues: observed(matching(/^(?:[\w-]{1,79}\*)?$|^(?:arn:[\w-]+:sqs:[\w-]+:\d{12}:[\w-]{1,80}(?:,(?=.)|$))+$/)),
  featureSource: observed(
    matching(/^$|^sagemaker$|^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/(?:[A-Za-z0-9._=-]+\/)*$/),
  ),
  requestDays: upTo(MOST_DAYS, 'days', LEAST_REQUEST_DAYS),
  onlineSampling: observed(number(z.number().min(0).max(1))),
} as const satisfies Record<string, Parameter>;

export const variableOf = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

export const environmentOf = (parameter: (name: string) => unknown): Record<string, string> =>
  Object.fromEntries(Object.keys(functionParameters).map((name) => [variableOf(name), String(parameter(name))]));
