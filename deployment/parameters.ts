import * as z from 'zod';
import { MOST_SCENE_LIMITS } from '../core/limits.ts';
import { isSafeName, safeNameRule } from '../core/models/names.ts';

/** A parameter's value, and where it was given: `params.default.driftWindow`, or `--param driftWindow`. */
export type Given = { name: string; value: unknown; where: string };

/** A parameter that cannot be deployed: where it stands, what was found, what is allowed. */
export class InvalidParameter extends Error {
  override readonly name = 'InvalidParameter';
}

/** A number from YAML, or from the command line, where everything is text; never an empty one, which would pass as 0. */
const number = z.union([z.number(), z.string().trim().min(1).pipe(z.coerce.number<string>())]);
const wholeFrom = (least: number) => number.pipe(z.int().min(least));

/** The parameter inboxBucket as a bucket that is there already; undefined where the stage has its own inbox. */
export function existingInboxOf(inboxBucket: string): string | undefined {
  return inboxBucket === '' || inboxBucket === 'own' ? undefined : inboxBucket;
}

/** EventBridge's schedules: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html */
const schedule =
  /^(cron\([^\s?]+ [^\s?]+ (\? [^\s?]+ [^\s?]+|[^\s?]+ [^\s?]+ \?) [^\s?]+\)|rate\((1 (minute|hour|day)|([2-9]|[1-9]\d+) (minutes|hours|days))\))$/;

/** The functions whose time-out and memory may be set. */
const SIZED = ['preprocess', 'infer', 'drift', 'discover', 'settle', 'report', 'ledgerWidget', 'retry'];

/** Lambda's limits: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_TIMEOUT_SECONDS = 900;
const [MIN_MEMORY_MB, MAX_MEMORY_MB] = [128, 10_240];

/** An inline Map's iterations: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html */
const MAX_MAP_CONCURRENCY = 40;

/** A distributed Map's children: https://docs.aws.amazon.com/step-functions/latest/dg/limits-overview.html */
const MAX_DISTRIBUTED_CONCURRENCY = 10_000;

/** A batch's files are in infer's memory, beside the model; and two writes each have to end within its time-out. */
const MOST_FILES_PER_BATCH = 10_000;
const MOST_BYTES_PER_BATCH = 1024 ** 3;

/** For how long CloudWatch can keep log lines: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const RETENTIONS = [
  ...[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731],
  ...[1096, 1827, 2192, 2557, 2922, 3288, 3653],
];

type Parameter = { schema: z.ZodType; allowed: string };

const sizes = SIZED.flatMap((name): [string, Parameter][] => [
  [
    `${name}Timeout`,
    {
      schema: wholeFrom(1).pipe(z.int().max(MAX_TIMEOUT_SECONDS)),
      allowed: `a whole number of seconds from 1 to ${MAX_TIMEOUT_SECONDS}`,
    },
  ],
  [
    `${name}Memory`,
    {
      schema: wholeFrom(MIN_MEMORY_MB).pipe(z.int().max(MAX_MEMORY_MB)),
      allowed: `a whole number of MB from ${MIN_MEMORY_MB} to ${MAX_MEMORY_MB}`,
    },
  ],
]);

function upTo(most: number, what: string): Parameter {
  return { schema: wholeFrom(1).pipe(z.int().max(most)), allowed: `a whole number of ${what} from 1 to ${most}` };
}

/** Every parameter of serverless.yml. */
const PARAMETERS: Record<string, Parameter> = {
  modelName: { schema: z.string().refine(isSafeName), allowed: safeNameRule },
  chipsPerPart: { schema: wholeFrom(1), allowed: 'a whole number from 1 on' },
  maxFileBytes: upTo(MOST_SCENE_LIMITS.maxFileBytes, 'bytes'),
  maxRecordBytes: upTo(MOST_SCENE_LIMITS.maxRecordBytes, 'bytes'),
  maxChips: upTo(MOST_SCENE_LIMITS.maxChips, 'chips'),
  attemptLimit: { schema: wholeFrom(1), allowed: 'a whole number from 1 on' },
  leaseSeconds: { schema: number.pipe(z.number().min(1)), allowed: 'a number of seconds from 1 on' },
  sweepLookBackDays: { schema: number.pipe(z.number().min(0)), allowed: 'a number of days from 0 on' },
  driftThreshold: {
    schema: number.pipe(z.number().gt(0).lt(Math.sqrt(Math.LN2))),
    allowed: 'a number above 0 and below 0.8325, which is as far as two distributions can be apart',
  },
  driftMinimum: { schema: wholeFrom(1), allowed: 'a whole number from 1 on' },
  driftWindow: { schema: wholeFrom(1), allowed: 'a whole number from 1 on' },
  blankShareLimit: {
    schema: number.pipe(z.number().gt(0).max(1)),
    allowed: 'a share above 0 and up to 1, which switches the alarm off',
  },
  quietDaysLimit: { schema: wholeFrom(0), allowed: 'a whole number of days, or 0, which switches the alarm off' },
  inboxPrefix: {
    schema: z
      .string()
      .regex(/^(?!\/)[A-Za-z0-9._=/-]*$/)
      .regex(/^$|\/$/),
    allowed: 'nothing, or letters, digits and . _ - = / that begin with no slash and end with one, such as scenes/',
  },
  bulkPrefix: {
    schema: z.string().regex(/^(?!\/)[A-Za-z0-9._=/-]*\/$/),
    allowed: 'letters, digits and . _ - = / that begin with no slash and end with one, such as bulk/',
  },
  filesPerBatch: upTo(MOST_FILES_PER_BATCH, 'files'),
  bytesPerBatch: upTo(MOST_BYTES_PER_BATCH, 'bytes'),
  batchesAtOnce: {
    schema: wholeFrom(1).pipe(z.int().max(MAX_DISTRIBUTED_CONCURRENCY)),
    allowed: `a whole number from 1 to ${MAX_DISTRIBUTED_CONCURRENCY}, which is as many as Step Functions does at once`,
  },
  bulkToleratedShare: {
    schema: number.pipe(z.number().min(0).max(1)),
    allowed: 'a share from 0 to 1, which tolerates everything',
  },
  alarmEmail: {
    schema: z.union([z.email(), z.literal(['none', ''])]),
    allowed: 'one e-mail address, or "none" where nobody is to be told',
  },
  sweepSchedule: {
    schema: z.string().regex(schedule),
    allowed: 'a schedule such as cron(15 0 * * ? *) or rate(1 day)',
  },
  inboxBucket: {
    schema: z.string().regex(/^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?$/),
    allowed: 'the name of an existing bucket, or "own" for one of the stage\'s own',
  },
  throwAway: {
    schema: z.union([z.boolean(), z.literal(['true', 'false'])]),
    allowed: 'true, where all that is stored goes with the stack, or false',
  },
  logRetentionDays: {
    schema: wholeFrom(1).refine((days) => RETENTIONS.includes(days)),
    allowed: `one of ${RETENTIONS.join(', ')} days, as CloudWatch has it`,
  },
  preparedDays: { schema: wholeFrom(1), allowed: 'a whole number of days from 1 on' },
  oldVersionsDays: { schema: wholeFrom(1), allowed: 'a whole number of days from 1 on' },
  partsAtOnce: {
    schema: wholeFrom(1).pipe(z.int().max(MAX_MAP_CONCURRENCY)),
    allowed: `a whole number from 1 to ${MAX_MAP_CONCURRENCY}, which is as many as Step Functions does at once within one execution`,
  },
  preprocessAtOnce: { schema: wholeFrom(0), allowed: 'a whole number, or 0, which reserves nothing' },
  inferAtOnce: { schema: wholeFrom(0), allowed: 'a whole number, or 0, which reserves nothing' },
  ...Object.fromEntries(sizes),
};

/**
 * Checks what the service is parametrised with, before anything is made of it. What is packaged may leave alarmEmail
 * open; what is deployed may not: a deployment must not be silent by an oversight.
 *
 * @param given what is in force, each parameter once
 * @throws {InvalidParameter} with a sentence for each one that is wrong, unknown or missing
 */
export function checkParameters(given: Given[], { isDeployment }: { isDeployment: boolean }): void {
  const known = new Map(Object.entries(PARAMETERS));
  const problems = given.flatMap(({ name, value, where }) => {
    const parameter = known.get(name);
    if (parameter === undefined)
      return [`${where}: there is no such parameter, allowed are ${[...known.keys()].join(', ')}.`];
    return parameter.schema.safeParse(value).success
      ? []
      : [`${where}: found ${JSON.stringify(value)}, allowed is ${parameter.allowed}.`];
  });
  for (const name of known.keys()) {
    if (!given.some((one) => one.name === name))
      problems.push(`params.default.${name}: found nothing, it must be set.`);
  }
  const email = given.find(({ name }) => name === 'alarmEmail');
  if (isDeployment && email?.value === '') {
    problems.push(
      `${email.where}: found nothing, so nobody would be told of an alarm; set an e-mail address, such as by --param="alarmEmail=you@example.org", or "none" on purpose.`,
    );
  }
  const numberOf = (name: string) => Number(given.find((one) => one.name === name)?.value);
  const [minimum, window] = [numberOf('driftMinimum'), numberOf('driftWindow')];
  if (problems.length === 0 && minimum > window)
    problems.push(
      `driftMinimum: found ${minimum}, allowed is at most driftWindow (${window}): the window that the alarm is about would never have enough.`,
    );
  const textOf = (name: string) => String(given.find((one) => one.name === name)?.value);
  const [inbox, bulk] = [textOf('inboxPrefix'), textOf('bulkPrefix')];
  if (problems.length === 0 && inbox !== '' && (inbox.startsWith(bulk) || bulk.startsWith(inbox)))
    problems.push(
      `bulkPrefix: found ${JSON.stringify(bulk)}, allowed is none that begins with inboxPrefix (${JSON.stringify(inbox)}), nor that begins it: bulk files are told from scene files by their keys, from the bucket's root.`,
    );
  if (problems.length > 0) throw new InvalidParameter(problems.join('\n'));
}
