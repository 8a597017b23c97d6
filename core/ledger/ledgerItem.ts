import * as z from 'zod';
import { type ModelRef, modelId, type SceneRef, sceneId, sceneRefSchema } from '../base/messages.ts';
import { DAY_MILLISECONDS } from '../base/time/days.ts';
import { measuredShape } from '../measures/rowFields.ts';
import { doorOf } from './doorOf.ts';
import { type DriftScores, type LedgerRow, ledgerRowSchema } from './ledgerRow.ts';
import type { State } from './states.ts';
import type { Item } from './table.ts';

/**
 * Converts between a row as the code knows it and an item as the table stores it. In the table, the scene and the model
 * are keys, `changed` is the time followed by the run (so that rows of the same millisecond page in a stable order),
 * and no attribute is undefined.
 */

const itemSchema = z.looseObject({ scene: z.string(), model: z.string(), changed: z.string() });

/** Prefixes of a shadow run's state and scene, so that queries for runs do not find it. */
const SHADOW = { state: 'SHADOW ', scene: 'shadow#' };

export function toRow(item: Item | undefined): LedgerRow {
  const { bucket, key, versionId, model, changed, state, ...rest } = itemSchema.parse(item);
  const isShadow = String(state).startsWith(SHADOW.state);
  return ledgerRowSchema.parse({
    ...rest,
    ...(isShadow ? { state: String(state).slice(SHADOW.state.length), shadow: true } : { state }),
    scene: { bucket, key, versionId },
    model: toModel(model),
    changed: changed.split('#')[0],
  });
}

export const countedRunSchema = ledgerRowSchema
  .pick({ run: true, model: true, summary: true })
  .required()
  .extend({ ...measuredShape, scene: sceneRefSchema.optional() });

export type CountedRun = z.infer<typeof countedRunSchema>;

export const endedRunSchema = countedRunSchema.extend({ changed: ledgerRowSchema.shape.changed });

/** A counted run with the time it ended, which decides which revision of its day counts it. */
export type EndedRun = z.infer<typeof endedRunSchema>;

export function toEnded(item: Item): EndedRun {
  const { scene, model, changed } = itemSchema.parse(item);
  const own = { scene: toScene(scene), model: toModel(model), changed: changed.split('#')[0] };
  return endedRunSchema.parse({ ...item, ...own });
}

/**
 * Returns the scores as the tables store them. DynamoDB's numbers end at 1e-130 and a p-value may be smaller, so it is
 * stored as text. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
 */
export function storedDrift(drift: DriftScores | null) {
  if (drift === null) return null;
  return { ...drift, chiSquare: { ...drift.chiSquare, pValue: String(drift.chiSquare.pValue) } };
}

/**
 * Stands in place of the counted day in the row of a failed run that has attempts left. The index by day contains only
 * rows with that attribute, so these runs are found, whenever they failed, without reading all that failed for good.
 */
export const TO_BE_TRIED = 'to be tried';

/** Returns the attribute that marks a failed run as to be retried, if it has attempts left. */
export function toBeTried({ attempt, attemptLimit }: Pick<LedgerRow, 'attempt' | 'attemptLimit'>) {
  return { countedDay: attempt < attemptLimit ? TO_BE_TRIED : undefined };
}

/** Builds the expression of an update that sets every attribute that has a value and removes the others. */
export function changes(attributes: Item): string {
  const names = Object.keys(attributes);
  const set = names.filter((name) => attributes[name] !== undefined).map((name) => `#${name} = :${name}`);
  const removed = names.filter((name) => attributes[name] === undefined).map((name) => `#${name}`);
  const list = (word: string, parts: string[]) => (parts.length === 0 ? [] : [`${word} ${parts.join(', ')}`]);
  return [...list('SET', set), ...list('REMOVE', removed)].join(' ');
}

export const keyOfRun = (scene: SceneRef, model: ModelRef) => ({ scene: sceneId(scene), model: modelId(model) });

export const shadowsOfScene = (scene: SceneRef): string => SHADOW.scene + sceneId(scene);

export const isShadowItem = ({ scene }: Item): boolean => String(scene).startsWith(SHADOW.scene);

export const stateOfShadow = (state: State): string => SHADOW.state + state;

export const toChanged = (now: Date | string, run: string): string => `${new Date(now).toISOString()}#${run}`;

function toScene(id: string): SceneRef {
  const [slash, hash] = [id.indexOf('/'), id.lastIndexOf('#')];
  return { bucket: id.slice(0, slash), key: id.slice(slash + 1, hash), versionId: id.slice(hash + 1) };
}

function toModel(id: string) {
  const slash = id.indexOf('/');
  return { name: id.slice(0, slash), version: id.slice(slash + 1) };
}

/**
 * When rows of requests and of predictions answered over HTTP expire, with those of their contents and messages: at the
 * midnight at which the bucket deletes their objects, `requestDays` days after the end of the run's day. In seconds
 * since 1970, as DynamoDB requires; it deletes such rows some days late. Rows of files have no such attribute.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html
 */
export const expiry = (requestDays: number, scene: SceneRef, day: string | undefined): { expires?: number } =>
  day === undefined || doorOf(scene) === 'file' ? {} : expiryOfDay(requestDays, day);

export const expiryOfDay = (requestDays: number, day: string): { expires?: number } =>
  requestDays === Infinity ? {} : { expires: (Date.parse(day) + (requestDays + 1) * DAY_MILLISECONDS) / 1000 };

/** Returns whether a row has expired by the beginning of a day: what is claimed on that day is new to it. */
export const hasExpired = ({ expires }: { expires?: unknown }, day: string): boolean =>
  typeof expires === 'number' && expires <= Date.parse(day) / 1000;
