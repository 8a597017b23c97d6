import * as z from 'zod';
import { citedStart, InvalidSceneFile } from '../../base/errors.ts';
import { MAX_FEATURE_ID_LENGTH, MAX_MEMBER_NAME_LENGTH, MAX_VERSION_ID_LENGTH } from '../../base/limits.ts';
import { keyObstacle } from '../../base/messages.ts';

/** An input of a request, by queue or HTTP: a chip sent inline, or by its features' ids, or a scene file of the inbox. */

const idRule = `a text of 1 to ${MAX_MEMBER_NAME_LENGTH} characters, or none`;
const unicodeRule = 'a text in which no surrogate comes without its other half, and no NUL';
const isUnicode = (text: string) => text.isWellFormed() && !text.includes('\0');
const text = (most: number, rule: string) => z.string(rule).min(1, rule).max(most, rule).refine(isUnicode, unicodeRule);
const placeRule = 'a text that is no place such as inputs[3], which is the name of an input without an id, or none';
const isNoPlace = (id: string) => !/^inputs\[\d+\]$/.test(id);
const id = text(MAX_MEMBER_NAME_LENGTH, idRule).refine(isNoPlace, placeRule).nullish();

const base64 = (what: string) => z.string(`${what} as base64`);
const versionRule = `a text of 1 to ${MAX_VERSION_ID_LENGTH} characters without a hash sign, or none`;

const PAIR = 'a list of two texts';
const recordId = text(MAX_FEATURE_ID_LENGTH, `an id of 1 to ${MAX_FEATURE_ID_LENGTH} characters`);
const value = z.union([z.string(), z.number(), z.null()]);

/** What a lookup adds to an input that names records: their values in one row, or why there is none. */
const lookedUp = z.object({
  found: z.object({ values: z.record(z.string(), value), records: z.array(z.array(z.string().nullable())) }).optional(),
  refused: z.string().optional(),
});
export type LookedUp = z.infer<typeof lookedUp>;

/** The kinds of input by their distinctive member. Each schema's message says what is allowed in its place. */
const KINDS = {
  image: z.strictObject({ id, image: base64('a file of an image') }),
  bands: z.strictObject({
    id,
    bands: z.record(z.string(), base64('the little-endian values of the band'), 'an object of bands by their names'),
  }),
  values: z.strictObject({ id, values: z.array(z.unknown(), 'a list of numbers, or of lists of them') }),
  text: z.strictObject({ id, text: z.string('a text') }),
  texts: z.strictObject({ id, texts: z.array(z.string('a text'), PAIR).length(2, PAIR) }),
  features: z.strictObject({ id, features: z.strictObject({ id: recordId }, 'an object with an id') }),
  pair: z.strictObject({ id, pair: z.array(recordId, 'a list of two ids').length(2, 'a list of two ids') }),
  s3: z.strictObject({
    id,
    s3: z.string('a text such as s3://bucket/key'),
    versionId: text(MAX_VERSION_ID_LENGTH, versionRule)
      .regex(/^[^#]*$/, versionRule)
      .nullish(), // no URL can say another one
  }),
} as const;
/** For requests that are answered at once, an image may also be given by its address. */
const ONLINE_KINDS = { ...KINDS, url: z.strictObject({ id, url: z.string('an address with https') }) } as const;

type Found<Kinds extends Record<string, z.ZodType>> = z.infer<Kinds[keyof Kinds]>;

/** The schema of an input, for documentation. `parseInput` gives better error messages. */
export const onlineInputSchema = z.union(Object.values(ONLINE_KINDS));

export type Input = ReturnType<typeof toInput>;
export type FileInput = Extract<Input, { kind: 's3' }>;
export type InlineInput = Exclude<Input, FileInput>;
export type UrlInput = { readonly id: string | null; readonly kind: 'url'; readonly url: string };

export const inputName = (index: number): string => `inputs[${index}]`;

/** @throws {InvalidSceneFile} with what was found and what is allowed; the message begins with `where` */
export const parseInput = (input: unknown, where: string): Input =>
  toInput(parse(KINDS, input, where), where, () => lookedUp.safeParse(input).data ?? {});

export function parseOnlineInput(input: unknown, where: string): Input | UrlInput {
  const found = parse(ONLINE_KINDS, input, where);
  const own = () => (ownFinds.has(Object(input)) ? (input as LookedUp) : {});
  return 'url' in found ? { id: found.id ?? null, kind: 'url', url: found.url } : toInput(found, where, own);
}

function parse<Kinds extends Record<string, z.ZodType>>(schemas: Kinds, input: unknown, where: string): Found<Kinds> {
  const kinds = Object.keys(schemas);
  const members = typeof input === 'object' && input !== null && !Array.isArray(input) ? Object.keys(input) : null;
  if (members === null)
    throw new InvalidSceneFile(`${where}: found ${shown(input)}, allowed is an object with one of ${kinds.join(', ')}`);
  const [kind, ...more] = kinds.filter((one) => members.includes(one));
  if (kind === undefined || more.length > 0)
    throw new InvalidSceneFile(
      `${where}: found ${members.length === 0 ? 'nothing' : `the members ${citedStart(members.join(', '), 100)}`}, allowed is exactly one of ${kinds.join(', ')}`,
    );
  const parsed = schemas[kind]!.safeParse(withoutFound(input) ?? input);
  if (!parsed.success) throw new InvalidSceneFile(offence(parsed.error.issues[0]!, input, where, kind));
  return parsed.data as Found<Kinds>;
}

/** What this process has looked up: over HTTP, nobody else's word is taken for it. */
const ownFinds = new WeakSet<object>();

export function lookedUpHere<Input extends object>(input: Input): Input {
  ownFinds.add(input);
  return input;
}

/** Returns an input that names records as it was sent, without what a lookup adds; null for all others. */
export function withoutFound(input: unknown): object | null {
  if (typeof input !== 'object' || input === null || !('features' in input || 'pair' in input)) return null;
  const { found, refused, ...asked } = input as Record<string, unknown>;
  return asked;
}

/** Returns the id of an input that cannot be read, if at least the id can. */
export const idOf = (input: unknown): string | null => id.safeParse(Object(input).id).data ?? null;

/** An image is in base64, or the bytes of its file. A scene file without a version is the current one. */
function toInput(found: Found<typeof KINDS>, where: string, ofLookUp: () => LookedUp) {
  const id = found.id ?? null;
  if ('image' in found) return { id, kind: 'image', image: found.image as string | Uint8Array } as const;
  if ('bands' in found) return { id, kind: 'bands', bands: found.bands } as const;
  if ('values' in found) return { id, kind: 'values', values: found.values } as const;
  if ('text' in found) return { id, kind: 'texts', texts: [found.text] } as const;
  if ('texts' in found) return { id, kind: 'texts', texts: found.texts } as const;
  if ('features' in found || 'pair' in found) {
    return { ...ofLookUp(), id, kind: 'features', ids: 'pair' in found ? found.pair : [found.features.id] } as const;
  }
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/s.exec(found.s3) ?? [];
  if (bucket === undefined || key === undefined)
    throw new InvalidSceneFile(`${where}.s3: found ${citedStart(found.s3, 80)}, allowed is s3://bucket/key`);
  const obstacle = keyObstacle(key);
  if (obstacle !== undefined) throw new InvalidSceneFile(`${where}.s3: found ${citedStart(found.s3, 80)}: ${obstacle}`);
  return { id, kind: 's3', bucket, key, versionId: found.versionId ?? null } as const;
}

function offence(issue: z.core.$ZodIssue, input: unknown, where: string, kind: string): string {
  if (issue.code === 'unrecognized_keys')
    return `${where}: found the members ${citedStart(issue.keys.join(', '), 100)} beside ${kind}, allowed ${kind === 's3' ? 'are id and versionId' : 'is id'}`;
  const [member, ...inner] = issue.path.map(String);
  const names = inner.map((name) => ` ${citedStart(name, 40)}`).join(''); // the sender's own names, such as a band's
  const at = `${member === undefined ? '' : `.${member}`}${names}`;
  const found = issue.path.reduce<unknown>((value, part) => Object(value)[part], input);
  return `${where}${at}: found ${shown(found)}, allowed is ${issue.message}`;
}

/** Says what is wrong with a member of a body or message; `members` says which are allowed. */
export function memberOffence(issue: z.core.$ZodIssue, json: unknown, members: string): string {
  if (issue.code === 'unrecognized_keys')
    return `found the members ${citedStart(issue.keys.join(', '), 100)}, allowed ${members}`;
  const [member] = issue.path;
  const found = member === undefined ? json : Object(json)[member];
  return `${member === undefined ? '' : `${String(member)}: `}found ${shown(found)}, allowed is ${issue.message}`;
}

/** Shows a value in short; it may be nested too deep to be serialised. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  if (value === undefined) return 'nothing';
  return typeof value === 'string' ? citedStart(value, 40) : String(value);
}
