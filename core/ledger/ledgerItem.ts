import * as z from 'zod';
import type { ModelRef, SceneRef } from '../messages.ts';
import { modelId, sceneId } from '../run.ts';
import { type DriftScores, type LedgerRow, ledgerRowSchema, type State } from './ledgerRow.ts';

/**
 * Between a row as the code knows it and an item as the table keeps it. In the table the scene and the model are keys,
 * `changed` carries the run behind the time (so that two rows of one millisecond page in a stable order), and no
 * attribute is undefined.
 */

type Item = Record<string, unknown>;

const itemSchema = z.looseObject({ model: z.string(), changed: z.string() });

/** Before the state of a shadow's run in the index by state, and before its scene in the table: who looks for runs that count finds none. */
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

/** What an earlier attempt may have left in the row; a new one begins without it. */
export const FOUND_BY_AN_ATTEMPT = [
  ...['size', 'digest', 'chips', 'blank', 'parts', 'preparedAt', 'classes', 'missing', 'mostCommonShare'],
  ...['missingShare', 'probabilitySum', 'meanProbability', 'drift', 'milliseconds', 'duplicateOf', 'heir', 'error'],
  ...['batch', 'countedDay', 'ending', 'prefix', 'raster', 'maps', 'refused', 'told', 'warned', 'bands'],
];

export const countedRunSchema = ledgerRowSchema
  .pick({ run: true, model: true, classes: true, missing: true, probabilitySum: true, chips: true, blank: true })
  .required();

/** What the numbers of a day are made of. */
export type CountedRun = z.infer<typeof countedRunSchema>;

export const endedRunSchema = countedRunSchema.extend({ changed: ledgerRowSchema.shape.changed });

/** The same, and when the run came to its end, which says what revision of its day counts it. */
export type EndedRun = z.infer<typeof endedRunSchema>;

export function toEnded(item: Item): EndedRun {
  const { model, changed } = itemSchema.parse(item);
  return endedRunSchema.parse({ ...item, model: toModel(model), changed: changed.split('#')[0] });
}

/**
 * The scores as the tables keep them: DynamoDB's numbers end at 1e-130, and a p-value may be smaller, so it is text.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
 */
export function storedDrift(drift: DriftScores | null) {
  if (drift === null) return null;
  return { ...drift, chiSquare: { ...drift.chiSquare, pValue: String(drift.chiSquare.pValue) } };
}

/**
 * In the place of the day that a run counts for: it has failed, and has attempts left. The index by day shows only rows that
 * have the attribute, so whoever looks for these finds them, whenever they failed, without a look at all that failed for good.
 */
export const TO_BE_TRIED = 'to be tried';

/** What a failed run's row says of that. */
export function toBeTried({ attempt, attemptLimit }: Pick<LedgerRow, 'attempt' | 'attemptLimit'>) {
  return { countedDay: attempt < attemptLimit ? TO_BE_TRIED : undefined };
}

/** The parts of an update that sets every attribute that has a value and removes the others. */
export function changes(attributes: Item) {
  const entries = Object.entries(attributes);
  const set = entries.filter(([, value]) => value !== undefined);
  const removed = entries.filter(([, value]) => value === undefined);
  const list = (word: string, parts: string[]) => (parts.length === 0 ? '' : `${word} ${parts.join(', ')}`);
  return {
    expression: [
      list(
        'SET',
        set.map(([name]) => `#${name} = :${name}`),
      ),
      list(
        'REMOVE',
        removed.map(([name]) => `#${name}`),
      ),
    ]
      .join(' ')
      .trim(),
    names: Object.fromEntries(entries.map(([name]) => [`#${name}`, name])),
    values: Object.fromEntries(set.map(([name, value]) => [`:${name}`, value])),
  };
}

export function keyOfRun(scene: SceneRef, model: ModelRef) {
  return { scene: sceneId(scene), model: modelId(model) };
}

/** Where a shadow's run of a scene is; the model is the shadow's version. */
export function keyOfShadow(scene: SceneRef, model: ModelRef) {
  return { scene: shadowsOfScene(scene), model: modelId(model) };
}

/** What the shadows' runs of a scene have for a scene. */
export function shadowsOfScene(scene: SceneRef): string {
  return SHADOW.scene + sceneId(scene);
}

/** Whether an item of the table, or of one of its indexes, is a shadow's run. */
export function isShadowItem({ scene }: Item): boolean {
  return String(scene).startsWith(SHADOW.scene);
}

/** How the table keeps the state of a run that is a shadow's. */
export function stateOfShadow(state: State): string {
  return SHADOW.state + state;
}

/** When a row came into its state, as the table keeps it. */
export function toChanged(now: Date | string, run: string): string {
  return `${new Date(now).toISOString()}#${run}`;
}

function toModel(id: string) {
  const slash = id.indexOf('/');
  return { name: id.slice(0, slash), version: id.slice(slash + 1) };
}
