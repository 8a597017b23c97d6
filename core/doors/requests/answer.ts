import { requestKey } from '../../base/keys.ts';
import { MAX_QUEUE_MESSAGE_BYTES } from '../../base/limits.ts';
import type { LedgerRow } from '../../ledger/ledgerRow.ts';
import type { ModelPackage } from '../../package/package.ts';
import type { Answered } from '../../package/task.ts';
import type { Predictions } from '../../results/predictionColumns.ts';
import { predictionFiles, resultKeys } from '../../results/predictions.ts';
import type { Refusal } from '../../scenes/refusals.ts';
import { summaryIn } from '../../tasks/registry.ts';
import { encodeMessage } from '../queueMessage.ts';
import { idOf } from './input.ts';
import { type AboutInput, blankWarning, predictedAnswer, recordsOf } from './inputAnswer.ts';
import type { Request } from './request.ts';

export type Answer = {
  readonly id: string;
  readonly model: string;
  readonly version: string;
  /** One result per input, in order; null if they do not fit into a message. */
  readonly results: readonly Result[] | null;
  readonly inputs: number;
  readonly errors: number;
  /** The addresses of the predictions of the inline inputs, and of the request itself. */
  readonly files: readonly string[];
  readonly leftOut: string | null;
};

export type Result = AboutInput & { readonly index: number } & (Answered | ReturnType<typeof answerOf>);

export type Found = {
  /** The run of the inline inputs with its predictions, by index; null if there were none. */
  readonly inline: { readonly row: LedgerRow; readonly predictions: Predictions | null } | null;
  /** Inputs that could not be read, or did not name a scene file. */
  readonly refusals: readonly Refusal[];
  /** How inputs were converted before they were classified, by index. */
  readonly warnings: ReadonlyMap<number, readonly string[]>;
  readonly files: ReadonlyMap<number, LedgerRow>;
  readonly addressOf: AddressOf;
};

/** Returns the address of a result by its key: `s3://…` for a bucket, `file://…` for a local folder. */
export type AddressOf = (key: string) => string;

export function makeAnswer(request: Request, model: ModelPackage, found: Found): Answer {
  const { inline, refusals, warnings, files, addressOf } = found;
  const refused = new Map(refusals.map(({ index, message }) => [index, message]));
  const places = new Map(Array.from(inline?.predictions?.index ?? [], (index, chip) => [index, chip]));
  const results = request.inputs.map((input, index): Result => {
    const about = { index, id: idOf(input), warnings: warnings.get(index) ?? [] };
    const refusal = refused.get(index);
    if (refusal !== undefined) return { ...about, error: refusal };
    const file = files.get(index);
    if (file !== undefined) return { ...about, warnings: file.warnings ?? [], ...answerOf(file, model, addressOf) };
    const chip = places.get(index);
    const values = inline?.predictions;
    if (chip !== undefined && values) {
      const ids = ['feature_id', 'second_feature_id'].map((name) => values[name]?.[chip] as string | null | undefined);
      return { ...about, ...recordsOf(ids), ...predictedAnswer(values, chip, model) };
    }
    const row = inline?.row;
    if (row?.state !== 'DONE' && row?.state !== 'EMPTY')
      return { ...about, error: errorOf(row) ?? 'It was not classified.' };
    return { ...about, warnings: [...about.warnings, blankWarning(model)], error: null };
  });
  const keys = inline === null ? [] : predictionFiles([inline.row]).map(({ key }) => key);
  return {
    id: request.id,
    model: model.name,
    version: model.version,
    results,
    inputs: results.length,
    errors: results.filter(({ error }) => error !== null).length,
    files: [...keys, requestKey(request.id)].map(addressOf),
    leftOut: null,
  };
}

/** For a scene file: how its run ended, its number of chips, and where its results are. */
function answerOf(row: LedgerRow, model: ModelPackage, addressOf: AddressOf) {
  const { run, state, chips = null, blank = null, duplicateOf = null } = row;
  const keys = [...predictionFiles([row]).map(({ key }) => key), ...resultKeys(row)];
  const sum = state === 'DONE' ? summaryIn(row) : undefined;
  const counts = sum
    ? Object.fromEntries(model.task.reference(model).map(({ name }, i) => [name, sum.counts[i]!]))
    : null;
  return { run, state, duplicateOf, chips, blank, counts, results: keys.map(addressOf), error: errorOf(row) };
}

function errorOf(row: LedgerRow | undefined): string | null {
  if (row?.state !== 'INVALID' && row?.state !== 'FAILED') return null;
  return row.error?.message ?? `Its run ended as ${row.state}.`;
}

const WITHOUT_SHARES =
  'The numbers of each class are left out, as the answer would be too long for a message. They are in the files.';
const WITHOUT_RESULTS =
  'The results are left out, as they would be too long for a message. They are in the files, in which member is the id of an input and index its place.';

/** If it is too large, the numbers per class are left out first, then all results, which are in the files. */
export function encodeAnswer(answer: Answer, mostBytes = MAX_QUEUE_MESSAGE_BYTES): string {
  const whole = encodeMessage(answer);
  if (Buffer.byteLength(whole) <= mostBytes) return whole;
  const results = answer.results?.map(withoutShares) ?? null;
  const shorter = encodeMessage({ ...answer, results, leftOut: WITHOUT_SHARES });
  if (Buffer.byteLength(shorter) <= mostBytes) return shorter;
  return encodeMessage({ ...answer, results: null, leftOut: WITHOUT_RESULTS });
}

/** Numbers by class or bin are the only objects in a result. */
function withoutShares(result: Result): Result {
  const isShort = (value: unknown) => typeof value !== 'object' || value === null || Array.isArray(value);
  return Object.fromEntries(Object.entries(result).filter(([, value]) => isShort(value))) as Result;
}
