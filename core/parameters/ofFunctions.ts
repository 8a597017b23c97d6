import * as z from 'zod';
import { companionEnding, isCanary } from '../base/keys.ts';
import { MOST_SCENE_LIMITS } from '../base/limits.ts';
import { isSafeName } from '../base/names.ts';
import { isTimePattern } from '../base/time/timeInKey.ts';
import { matching, number, observed, type Parameter, text, upTo, whole } from './parameter.ts';

/** A batch's files are in infer's memory together with the model, and each takes two writes within its time-out. */
const MOST_FILES_PER_BATCH = 10_000;
const MOST_BYTES_PER_BATCH = 1024 ** 3;

/** With fewer, rows could expire before their day is judged, or before a queue delivers their messages again. */
const LEAST_REQUEST_DAYS = 35;

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
  chipsPerPart: whole(1),
  maxFileBytes: upTo(MOST_SCENE_LIMITS.maxFileBytes, 'bytes'),
  maxRecordBytes: upTo(MOST_SCENE_LIMITS.maxRecordBytes, 'bytes'),
  maxChips: upTo(MOST_SCENE_LIMITS.maxChips, 'chips'),
  attemptLimit: observed(whole(1)),
  leaseSeconds: number(z.number().min(1)),
  sweepLookBackDays: number(z.number().min(0)),
  driftThreshold: observed(number(z.number().gt(0).lt(FARTHEST))),
  driftMinimum: observed(whole(1)),
  falseAlarmsPerYear: observed(number(z.number().min(0.1).max(36))),
  driftWindow: observed(whole(1)),
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
  requestDays: whole(LEAST_REQUEST_DAYS, undefined, `a whole number of days from ${LEAST_REQUEST_DAYS} on`),
  onlineSampling: observed(number(z.number().min(0).max(1))),
} as const satisfies Record<string, Parameter>;

export const variableOf = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

export const environmentOf = (parameter: (name: string) => unknown): Record<string, string> =>
  Object.fromEntries(Object.keys(functionParameters).map((name) => [variableOf(name), String(parameter(name))]));
