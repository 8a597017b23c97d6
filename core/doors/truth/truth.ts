import * as z from 'zod';
import { citedStart, InvalidMessage } from '../../base/errors.ts';
import * as limits from '../../base/limits.ts';
import { keyObstacle } from '../../base/messages.ts';
import { isSafeName, safeNameRule } from '../../base/names.ts';
import type { TruthSaid } from '../../package/task.ts';
import { checked, encodeMessage, inMessages, parseJson } from '../queueMessage.ts';

/** A late truth: which chip it is about, and its class or number. The same in files, over HTTP and in queues. */

const id = z
  .string()
  .min(1)
  .max(limits.MAX_MEMBER_NAME_LENGTH)
  .refine((text) => text.isWellFormed(), 'allowed is a text in which no surrogate comes without its other half');
const place = z.int().min(0, 'allowed is a whole number from 0 on');

export const truthSchema = z.strictObject({
  request: z
    .string()
    .refine(isSafeName, `allowed is ${safeNameRule}`)
    .optional()
    .describe('The request that the chip came with, as its answer names it.'),
  id: id.optional().describe("The input's own id."),
  scene: z
    .string()
    .max(limits.MAX_KEY_BYTES)
    .refine((key) => keyObstacle(key) === undefined, 'allowed is the key of an object of S3')
    .optional()
    .describe('Or the key of the scene file that the chip is in.'),
  sceneVersion: z
    .string()
    .min(1)
    .max(limits.MAX_VERSION_ID_LENGTH)
    .regex(/^[^#]*$/, 'allowed is a version without a hash sign')
    .optional()
    .describe('The version of that file; without it, the one that lies there now.'),
  index: place
    .optional()
    .describe("The chip's place in the scene file; of a request, the place of an input that has no id."),
  chip: z
    .string()
    .regex(/^[0-9a-f]{16}-\d{1,10}$/, 'allowed is an id as the predictions have it, such as 0f3c0f3c0f3c0f3c-17')
    .optional()
    .describe("In the place of the index: the chip's id, as the predictions have it."),
  truth: z
    .union([id, z.number(), z.array(id).max(limits.MAX_CLASSES).readonly()])
    .describe('The name or value of its class, or its number; of a model of several labels, a list of their names.'),
  sample: z
    .string()
    .regex(/^(random(-\d{1,10})?|least-certain)$/, 'allowed is random, random-SEED or least-certain')
    .optional()
    .describe('How the chip was chosen, such as random-1 with the seed 1. Least certain ones count in no accuracy.'),
});
export type TruthJson = z.infer<typeof truthSchema>;

export type NamedChip =
  | { readonly kind: 'request'; readonly request: string; readonly id: string | null; readonly index: number | null }
  | {
      readonly kind: 'scene';
      readonly key: string;
      readonly version: string | null;
      readonly index: number;
      /** The first digits of the file's content; null if not given. */
      readonly digits: string | null;
    };

export type Truth = {
  readonly chip: NamedChip;
  readonly says: TruthSaid;
  /** When it was stated (ISO): of two truths for one chip, the later one counts. */
  readonly at: string;
  readonly where: string;
  readonly sample?: TruthJson['sample'];
};

/** Parses one truth. Throws `InvalidMessage` with what was found and what is allowed. */
export function toTruth(json: unknown, at: string, where: string): Truth {
  const data = checked(truthSchema, json, where);
  return { chip: chipNamedBy(data, where), says: data.truth, at, where, ...(data.sample && { sample: data.sample }) };
}

/** A scene identifies the chip with certainty, so it takes precedence if both are named, as in predictions from SQL. */
function chipNamedBy({ request, id, scene, sceneVersion, index, chip }: TruthJson, where: string): NamedChip {
  const version = sceneVersion ?? null;
  if (scene !== undefined && chip !== undefined) {
    const [digits, place] = chip.split('-') as [string, string];
    if (request === undefined && index !== undefined && index !== Number(place))
      // an input's place is another one
      throw new InvalidMessage(
        `${where}: found the index ${index} beside the chip ${chip}, allowed is one and the same chip.`,
      );
    return { kind: 'scene', key: scene, version, index: Number(place), digits };
  }
  if (scene !== undefined && index !== undefined) return { kind: 'scene', key: scene, version, index, digits: null };
  if (request !== undefined && (id !== undefined || (index !== undefined && index < limits.MAX_REQUEST_INPUTS)))
    return { kind: 'request', request, id: id ?? null, index: id === undefined ? index! : null };
  throw new InvalidMessage(
    `${where}: found ${NAMES.filter((name) => ({ request, id, scene, index, chip })[name] !== undefined).join(', ') || 'nothing'} to name a chip by, allowed are a request and its input's id, or its place as index below ${limits.MAX_REQUEST_INPUTS}; or a scene and the chip's index or id (chip).`,
  );
}

const NAMES = ['request', 'id', 'scene', 'index', 'chip'] as const;

/** The error for two truths of a chip, of which neither is known to be later. */
export const contradiction = (one: Truth, other: Truth): InvalidMessage =>
  new InvalidMessage(
    `${one.where}: found ${citedStart(String(one.says), 40)} as the truth of ${chipInWords(one.chip)}, and ${other.where} says ${citedStart(String(other.says), 40)}; allowed is one truth for a chip.`,
  );

export function chipInWords(chip: NamedChip): string {
  if (chip.kind === 'scene') return `the chip ${chip.index} of ${citedStart(chip.key, 100)}`;
  return `the input ${chip.id === null ? `${chip.index}` : citedStart(chip.id, 60)} of the request ${chip.request}`;
}

/** Messages with truths, sent to where they are joined to predictions. */

const truthsSchema = z.strictObject({
  model: z.string().refine((one) => one.split('/').length < 3 && one.split('/').every(isSafeName), safeNameRule),
  /** When they were stated: of two truths for one chip, the later one counts. */
  at: z.iso.datetime(),
  truths: z.array(truthSchema).min(1).max(limits.MAX_REQUEST_INPUTS),
  /** Set when truths are resent because their chips were not known before: since when, and the last delay. */
  again: z.strictObject({ since: z.iso.datetime(), delaySeconds: z.int().min(1) }).optional(),
});
type TruthsMessage = z.infer<typeof truthsSchema>;

const messageSchema = z.strictObject({ truth: truthsSchema });

export const isTruthsMessage = (body: string): boolean => /^\s*\{\s*"truth"/.test(body);

export const encodeTruths = (truth: TruthsMessage): string => encodeMessage({ truth });

/** @throws {InvalidMessage} with what was found and what is allowed */
export function parseTruths(text: string): TruthsMessage & { readonly read: readonly Truth[] } {
  const refusal = 'Truths cannot be joined';
  const { truth } = checked(messageSchema, parseJson(text, refusal, 'truth'), refusal);
  return { ...truth, read: truth.truths.map((one, i) => toTruth(one, truth.at, `truths[${i}]`)) };
}

/** Splits truths into messages of up to `mostBytes` bytes, of which a truth takes a part. */
export function splitTruths(
  whole: Omit<TruthsMessage, 'truths'>,
  truths: readonly TruthJson[],
  mostBytes = limits.MAX_QUEUE_MESSAGE_BYTES,
): string[] {
  const encode = (some: readonly TruthJson[]) => encodeTruths({ ...whole, truths: [...some] });
  return inMessages(truths, encode, mostBytes).groups.map(encode);
}
