import * as z from 'zod';
import { MOST_SCENE_LIMITS } from '../base/limits.ts';
import { isSafeName, safeNameRule } from '../base/names.ts';
import { isTimePattern } from '../base/time/timeInKey.ts';
import { number, observed, type Parameter, text, upTo, whole } from './parameter.ts';

/** A batch's files are in infer's memory together with the model, and each takes two writes within its time-out. */
const MOST_FILES_PER_BATCH = 10_000;
const MOST_BYTES_PER_BATCH = 1024 ** 3;

/** With fewer, rows could expire before their day is judged, or before a queue delivers their messages again. */
const LEAST_REQUEST_DAYS = 35;

/** A Jensen–Shannon distance is at most the square root of ln 2. */
const FARTHEST = Math.sqrt(Math.LN2);

/**
 * The parameters that functions read from their environment, where `chipsPerPart` is `CHIPS_PER_PART`. Every bundle
 * contains these lines; parameters that no function reads are in ofDeployment.ts.
 */
export const functionParameters = {
  modelName: observed(text(z.string().refine(isSafeName), safeNameRule)),
  chipsPerPart: whole(1),
  maxFileBytes: upTo(MOST_SCENE_LIMITS.maxFileBytes, 'bytes'),
  maxRecordBytes: upTo(MOST_SCENE_LIMITS.maxRecordBytes, 'bytes'),
  maxChips: upTo(MOST_SCENE_LIMITS.maxChips, 'chips'),
  attemptLimit: observed(whole(1)),
  leaseSeconds: number(z.number().min(1), 'a number of seconds from 1 on'),
  sweepLookBackDays: number(z.number().min(0), 'a number of days from 0 on'),
  driftThreshold: observed(
    number(z.number().gt(0).lt(FARTHEST), 'a number above 0 and below 0.8325, the largest possible distance'),
  ),
  driftMinimum: observed(whole(1)),
  falseAlarmsPerYear: observed(number(z.number().min(0.1).max(36), 'a number from 0.1 to 36')),
  driftWindow: observed(whole(1)),
  blankShareLimit: observed(number(z.number().gt(0).max(1), 'a share above 0 and up to 1; 1 switches the alarm off')),
  accuracyLimit: observed(number(z.number().min(0).max(1), 'a share from 0 to 1; 0 switches the alarm off')),
  inboxPrefix: text(
    z
      .string()
      .regex(/^(?!\/)[A-Za-z0-9._=/-]*$/)
      .regex(/^$|\/$/),
    'nothing, or letters, digits and . _ - = / that do not start with a slash and end with one, such as scenes/',
  ),
  assetBuckets: text(
    z.string().regex(/^(?:[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:,(?=.)|$))*$/),
    'nothing, or a comma-separated list of bucket names, such as my-archive,my-other-archive',
  ),
  bulkPrefix: text(
    z.string().regex(/^(?!\/)[A-Za-z0-9._=/-]*\/$/),
    'letters, digits and . _ - = / that do not start with a slash and end with one, such as bulk/',
  ),
  acquisitionTimePattern: text(
    z.string().refine((pattern) => pattern === '' || isTimePattern(pattern)),
    'nothing, or a pattern in the notation of strftime with %Y, %m and %d (or %j), if it has them also %H, %M and %S, letters, digits and . _ - = / :, and ? for any character, such as S2?_MSIL2A_%Y%m%dT%H%M%S',
  ),
  filesPerBatch: upTo(MOST_FILES_PER_BATCH, 'files'),
  bytesPerBatch: upTo(MOST_BYTES_PER_BATCH, 'bytes'),
  replyQueues: observed(
    text(
      z.string().regex(/^(?:[\w-]{1,79}\*)?$|^(?:arn:[\w-]+:sqs:[\w-]+:\d{12}:[\w-]{1,80}(?:,(?=.)|$))+$/),
      'nothing, the beginning of names and a star, such as swath-answers*, or a comma-separated list of ARNs, such as arn:aws:sqs:us-east-1:123456789012:answers',
    ),
  ),
  requestDays: whole(LEAST_REQUEST_DAYS, undefined, `a whole number of days from ${LEAST_REQUEST_DAYS} on`),
  onlineSampling: observed(number(z.number().min(0).max(1), 'a share from 0 to 1; 0 counts none')),
} as const satisfies Record<string, Parameter>;

/** Returns the environment variable of a setting. */
export const variableOf = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

export function environmentOf(parameter: (name: string) => unknown): Record<string, string> {
  return Object.fromEntries(Object.keys(functionParameters).map((name) => [variableOf(name), String(parameter(name))]));
}
