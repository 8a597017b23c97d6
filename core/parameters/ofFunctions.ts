import * as z from 'zod';
import { MOST_SCENE_LIMITS } from '../base/limits.ts';
import { isSafeName, safeNameRule } from '../base/names.ts';
import { number, type Parameter, text, upTo, whole } from './parameter.ts';

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
  modelName: {
    ...text(z.string().refine(isSafeName), safeNameRule),
    meaning:
      'The model whose promoted version classifies new files while no other model is live. Alarms and dashboard follow this model',
    isObserved: true,
  },
  chipsPerPart: {
    ...whole(1),
    meaning: 'The maximum number of chips in a prepared part, and so in one invocation of `infer`',
  },
  maxFileBytes: { ...upTo(MOST_SCENE_LIMITS.maxFileBytes, 'bytes'), meaning: 'A larger scene file is `INVALID`' },
  maxRecordBytes: {
    ...upTo(MOST_SCENE_LIMITS.maxRecordBytes, 'bytes'),
    meaning: 'A scene file with a larger record is `INVALID`',
  },
  maxChips: { ...upTo(MOST_SCENE_LIMITS.maxChips, 'chips'), meaning: 'A scene file with more chips is `INVALID`' },
  attemptLimit: { ...whole(1), meaning: 'Attempts of a run before it stays `FAILED`', isObserved: true },
  leaseSeconds: {
    ...number(z.number().min(1), 'a number of seconds from 1 on'),
    meaning: 'Lease of a claim: a worker that does not renew it for this many seconds loses the claim',
  },
  sweepLookBackDays: {
    ...number(z.number().min(0), 'a number of days from 0 on'),
    meaning:
      'How many days before the last sweep the next one starts to look for multipart uploads, whose time is that of their beginning. For other files it is one day',
  },
  driftThreshold: {
    ...number(z.number().gt(0).lt(FARTHEST), 'a number above 0 and below 0.8325, the largest possible distance'),
    meaning: 'Jensen–Shannon distance above which a window\'s verdict is "drift"',
    isObserved: true,
  },
  driftMinimum: {
    ...whole(1),
    meaning: 'With fewer predictions the verdict is "not enough data", even if the noise floor would allow a verdict',
    isObserved: true,
  },
  falseAlarmsPerYear: {
    ...number(z.number().min(0.1).max(36), 'a number from 0.1 to 36'),
    meaning:
      'How many alarms of drift and of a missed accuracy chance alone may cause in a year, together. Fewer take more scenes to be certain: docs/drift.md',
    isObserved: true,
  },
  driftWindow: {
    ...whole(1),
    meaning: 'The window of the drift alarm: the newest runs, as many as it takes to hold this many predictions',
    isObserved: true,
  },
  blankShareLimit: {
    ...number(z.number().gt(0).max(1), 'a share above 0 and up to 1; 1 switches the alarm off'),
    meaning: 'Share of blank chips above which an alarm goes off',
    isObserved: true,
  },
  accuracyLimit: {
    ...number(z.number().min(0).max(1), 'a share from 0 to 1; 0 switches the alarm off'),
    meaning: 'Share of right predictions, among those with known truth, below which an alarm goes off',
    isObserved: true,
  },
  inboxPrefix: {
    ...text(
      z
        .string()
        .regex(/^(?!\/)[A-Za-z0-9._=/-]*$/)
        .regex(/^$|\/$/),
      'nothing, or letters, digits and . _ - = / that do not start with a slash and end with one, such as scenes/',
    ),
    meaning: 'Only keys with this prefix are scene files, bulk files and markers, such as incoming/',
  },
  assetBuckets: {
    ...text(
      z.string().regex(/^(?:[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:,(?=.)|$))*$/),
      'nothing, or a comma-separated list of bucket names, such as my-archive,my-other-archive',
    ),
    meaning: 'Buckets, besides the inbox, whose objects a STAC Item may name as assets',
  },
  bulkPrefix: {
    ...text(
      z.string().regex(/^(?!\/)[A-Za-z0-9._=/-]*\/$/),
      'letters, digits and . _ - = / that do not start with a slash and end with one, such as bulk/',
    ),
    meaning:
      'Files whose keys have this prefix, after `inboxPrefix`, do not start a run: the sweep, or a `_DONE` marker in a folder, has them classified in batches',
  },
  filesPerBatch: {
    ...upTo(MOST_FILES_PER_BATCH, 'files'),
    meaning: 'The maximum number of bulk files in one invocation of `infer`',
  },
  bytesPerBatch: {
    ...upTo(MOST_BYTES_PER_BATCH, 'bytes'),
    meaning: 'The maximum bytes of bulk files in one invocation of `infer`, except for a single larger file',
  },
  replyQueues: {
    ...text(
      z.string().regex(/^(?:[\w-]{1,79}\*)?$|^(?:arn:[\w-]+:sqs:[\w-]+:\d{12}:[\w-]{1,80}(?:,(?=.)|$))+$/),
      'nothing, the beginning of names and a star, such as swath-answers*, or a comma-separated list of ARNs, such as arn:aws:sqs:us-east-1:123456789012:answers',
    ),
    meaning: "Queues of the stage's account and region to which a request's answer may be sent",
    isObserved: true,
  },
  requestDays: {
    ...whole(LEAST_REQUEST_DAYS, undefined, `a whole number of days from ${LEAST_REQUEST_DAYS} on`),
    meaning:
      'Stored requests, stored answers over HTTP and their rows in the ledger are deleted after this many days; their predictions and metrics stay. A request of the same id is a new one then. The minimum is above the 31 days that a sweep looks back for days to judge, and the 14 days that queues keep messages',
  },
  onlineSampling: {
    ...number(z.number().min(0).max(1), 'a share from 0 to 1; 0 counts none'),
    meaning: 'The share of HTTP requests whose predictions are counted with those of files',
    isObserved: true,
  },
} as const satisfies Record<string, Parameter>;

/** Returns the environment variable of a setting. */
export const variableOf = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

export function environmentOf(parameter: (name: string) => unknown): Record<string, string> {
  return Object.fromEntries(Object.keys(functionParameters).map((name) => [variableOf(name), String(parameter(name))]));
}
