import * as z from 'zod';
import { NoModelPromoted, NotPromotable } from '../base/errors.ts';
import { SERVING_KEY } from '../base/keys.ts';
import { MAX_KEY_BYTES, MAX_KEY_PATTERNS, MAX_SERVED_MODELS } from '../base/limits.ts';
import { isUnassigned, type ModelRef } from '../base/messages.ts';
import { isSafeName, safeNameRule } from '../base/names.ts';
import type { ListedScene } from '../base/objectStore.ts';
import { parseObject } from '../package/problems.ts';

/**
 * Which models classify new files, and which keys each of them takes. Entries name models, not versions: the live version
 * of a model is in its own `promoted.json`, so promotion and rollback change only that object.
 */

/** A key matches a pattern if they are equal, where each `*` stands for any text. */
const pattern = z.string().min(1).max(MAX_KEY_BYTES);
export const EVERY_KEY = ['*'];

const servedSchema = z.object({
  name: z.string().refine(isSafeName, safeNameRule),
  /** The keys it takes, in the bucket's own spelling. */
  accepts: z.array(pattern).min(1).max(MAX_KEY_PATTERNS).default(EVERY_KEY),
  /** A sweep ignores files that the bucket dates before this; null for a model that was there from the beginning. */
  since: z.iso.datetime().nullable().default(null),
});
const servingSchema = z.object({
  models: z
    .array(servedSchema)
    .min(1)
    .max(MAX_SERVED_MODELS)
    .refine((models) => new Set(models.map(({ name }) => name)).size === models.length, 'a model is named once'),
});

/** A served model: its promoted version classifies each new file whose key it takes. */
export type Served = z.output<typeof servedSchema>;
export type LiveModel = Omit<Served, 'name'> & { model: ModelRef };
/** A served model without a usable version, and why. */
export type WaitingModel = Pick<Served, 'accepts'> & { error: Error };
/** What is live, in the order of `serving.json`, and the other served models. */
export type Serving = { live: LiveModel[]; waiting: WaitingModel[] };

export const servedAlone = (name: string): Served[] => [{ name, accepts: EVERY_KEY, since: null }];

export function parseServing(bytes: Uint8Array): Served[] {
  const allowed = `{"models": [{"name": "<a model>", "accepts": ["<keys, with * for any text>"]}]} of 1 to ${MAX_SERVED_MODELS} models, each named once`;
  return parseObject(servingSchema, SERVING_KEY, bytes, allowed).models;
}

/** Encodes `serving.json`; throws `NotPromotable` for too many models or an invalid pattern. */
export function encodeServing(models: readonly Served[]): Uint8Array {
  const { success, data, error } = servingSchema.safeParse({ models });
  if (!success)
    throw new NotPromotable(
      `${SERVING_KEY} cannot say that: ${error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}. Allowed are ${MAX_SERVED_MODELS} models, each with at most ${MAX_KEY_PATTERNS} patterns of keys.`,
    );
  return new TextEncoder().encode(`${JSON.stringify(data, null, 2)}\n`);
}

/** Adds a model, or changes the keys of one that is there; that one keeps its place and its date. */
export function withServed(models: readonly Served[], name: string, accepts: string[] | undefined, at: Date): Served[] {
  if (models.some((one) => one.name === name))
    return models.map((one) => (one.name === name && accepts !== undefined ? { ...one, accepts } : one));
  return [...models, { name, accepts: accepts ?? EVERY_KEY, since: at.toISOString() }];
}

export const withKeys = (models: readonly Served[], name: string, pattern: string): Served[] =>
  models.map((one) =>
    one.name === name && !one.accepts.includes(pattern) ? { ...one, accepts: [...one.accepts, pattern] } : one,
  );

/** Puts a model in place of the first, which a laptop's alarms and console follow, for every key; the others stay. */
export function withFirst(models: readonly Served[], name: string, at: Date): Served[] {
  const [first, ...others] = models;
  if (first?.name === name) return [...models];
  const since = first === undefined ? null : at.toISOString();
  return [{ name, accepts: EVERY_KEY, since }, ...others.filter((one) => one.name !== name)];
}

/** Removes a model; throws `NotPromotable` if it is not served, or is the last one. */
export function withoutServed(models: readonly Served[], name: string): Served[] {
  const others = models.filter((one) => one.name !== name);
  const names = models.map((one) => one.name).join(', ') || 'none';
  if (others.length === models.length) throw new NotPromotable(`${name} is not live here. Live are: ${names}.`);
  if (others.length === 0)
    throw new NotPromotable(`${name} is the only model that is live here: without it, nothing would be classified.`);
  return others;
}

export const takes = ({ accepts }: Pick<Served, 'accepts'>, key: string): boolean =>
  accepts.some((one) => matches(one, key));

export const takersOf = ({ live }: Serving, key: string): LiveModel[] => live.filter((one) => takes(one, key));

/**
 * Returns the live models that should classify a listed file but have no run of it, by any of their versions, because a
 * promotion does not start old files again. A file that waits because no model was live is left to whoever starts it.
 * @param isFull whether to include files that are older than a model's being served
 */
export function lackingOf(
  serving: Serving,
  { key, lastModified, isNew }: Pick<ListedScene, 'key' | 'lastModified' | 'isNew'>,
  rows: readonly { model: ModelRef }[],
  isFull: boolean,
): ModelRef[] {
  if (rows.some(({ model }) => isUnassigned(model))) return [];
  const isMeant = isFull || isNew === true || lastModified === undefined;
  const isOfTime = ({ since }: LiveModel) => since === null || Date.parse(lastModified!) >= Date.parse(since);
  const hasRun = ({ model }: LiveModel) => rows.some((row) => row.model.name === model.name);
  return takersOf(serving, key)
    .filter((one) => (isMeant || isOfTime(one)) && !hasRun(one))
    .map(({ model }) => model);
}

/**
 * Returns the live models that take a key: the first, whose run is the file's own execution, and the others.
 * @throws {NoModelPromoted} when there is none; or the error of the model that would take it
 */
export function assertTaken(serving: Serving, key: string): [first: ModelRef, ...others: ModelRef[]] {
  const [first, ...others] = takersOf(serving, key).map(({ model }) => model);
  if (first !== undefined) return [first, ...others];
  const awaited = serving.waiting.find((one) => takes(one, key));
  if (awaited !== undefined) throw awaited.error;
  const taken = serving.live.map(({ model, accepts }) => `${model.name} takes ${accepts.join(', ')}`).join('; ');
  throw new NoModelPromoted(`No live model takes ${key}: ${taken}.`);
}

/** Matches in linear time: each piece between two `*` is taken at its first occurrence. */
function matches(wanted: string, text: string): boolean {
  const [start = '', ...rest] = wanted.split('*');
  const end = rest.pop();
  if (end === undefined) return text === start;
  if (!text.startsWith(start)) return false;
  let at = start.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return text.length - end.length >= at && text.endsWith(end);
}
