import { answeredKey } from '../../core/base/keys.ts';
import { shadowColumn } from '../../core/doors/answered/answered.ts';
import type { SceneFile } from './files.ts';
import { digestOf } from './inbox.ts';
import { CLASSES, classOf, MODEL, PROBABILITY, SHADOW } from './model.ts';
import type { SentRequest } from './requests.ts';

/** Predictions that were given over HTTP, as messages of the simulated world: each is to be counted once, however often it comes. */

export type SentAnswered = {
  body: string;
  /** Its request and part, as the ledger has them. */
  id: string;
  /** Its inputs, as the values of their chips; 0 is blank. */
  values: readonly number[];
  /** Whether the shadow of its model was there when it was answered. */
  isShadowed: boolean;
  /** Why it can never be counted, where that is so. */
  reason: RegExp | null;
};

const NAMES = ['cows-0', 'cows-1', 'cows-2', 'cows-3plus'];
const columns = ['label', 'class', 'probability', ...NAMES.map((_, value) => `p_${value}`)];

function rowOf(value: number): (string | number | null)[] | null {
  if (value === 0) return null;
  const label = classOf(value);
  if (label === null) return columns.map(() => null);
  const rest = (1 - PROBABILITY) / (CLASSES - 1);
  return [label, NAMES[label]!, PROBABILITY, ...NAMES.map((_, at) => (at === label ? PROBABILITY : rest))];
}

type More = { part?: number; model?: { name: string; version: string }; isShadowed?: boolean };

export function answeredOf(
  request: string,
  values: readonly number[],
  { part = 0, model = MODEL, isShadowed = false }: More = {},
): SentAnswered {
  const inputs = values.map((value, i) => {
    const place = part * 100 + i;
    const row = rowOf(value);
    const both = row && isShadowed ? [...row, ...row] : row;
    return { place, id: `${place}`, digest: digestOf(new Uint8Array([value])), values: both };
  });
  const names = isShadowed ? [...columns, ...columns.map((name) => shadowColumn(SHADOW.version, name))] : columns;
  const answered = { request, part, model, at: '2026-03-01T00:00:00.000Z', door: 'http', columns: names, inputs };
  return { body: JSON.stringify({ answered }), id: `${request}/${part}`, values, isShadowed, reason: null };
}

/** Of a model that nobody has published. */
export const ofNobody: SentAnswered = {
  ...answeredOf('of-nobody', [5], { model: { name: 'nobody', version: '1.0.0' } }),
  reason: /the package of nobody 1.0.0 is not there/,
};

/** With a class that the model has not. */
export const ofNoClass: SentAnswered = {
  ...answeredOf('of-no-class', [5]),
  body: answeredOf('of-no-class', [5]).body.replace('"values":[1,', '"values":[9,'),
  reason: /cannot give/,
};

/** The same message, written by a stranger: as a file of the inbox, and as a request. */
const forgedBody = answeredOf('forged', [5]).body;
const forgedBytes = new TextEncoder().encode(`${forgedBody}\n`);
export const forgedFile: SceneFile = { bytes: forgedBytes, digest: digestOf(forgedBytes), numbers: null };
/** The key that the service would give it. */
export const forgedKey = answeredKey(forgedFile.digest);
export const forgedRequest: SentRequest = { body: forgedBody, asks: null, reason: /answered/ };

export function isAnsweredBody(body: string): boolean {
  return body.startsWith('{"answered"');
}
