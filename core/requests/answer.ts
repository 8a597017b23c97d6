import { jsonLine } from '../jsonLine.ts';
import { requestKey } from '../keys.ts';
import type { LedgerRow } from '../ledger/ledgerRow.ts';
import { MAX_QUEUE_MESSAGE_BYTES } from '../limits.ts';
import { resultKeys } from '../maps/resultKeys.ts';
import type { ModelPackage } from '../models/package.ts';
import type { Predictions } from '../predictions/predictionColumns.ts';
import { predictionFiles } from '../predictions/predictionFiles.ts';
import type { Refusal } from '../scenes/refusals.ts';
import { taskOf } from '../tasks/registry.ts';
import { summaryIn } from '../tasks/stored.ts';
import type { Answered } from '../tasks/task.ts';
import { idOf } from './input.ts';
import { blankWarning, predictedAnswer } from './inputAnswer.ts';
import type { Request } from './request.ts';

/** What has become of a request: docs/requests.md. */
export type Answer = {
  readonly id: string;
  readonly model: string;
  readonly version: string;
  /** One for each input, in their order; null where so much does not fit into a message. */
  readonly results: readonly Result[] | null;
  /** How many inputs there are, and how many of them have an error. */
  readonly inputs: number;
  readonly errors: number;
  /** Where the predictions of the inputs lie that came with the request, and the request itself: their addresses. */
  readonly files: readonly string[];
  /** Why something is left out; null where nothing is. */
  readonly leftOut: string | null;
};

type About = { readonly index: number; readonly id: string | null; readonly warnings: readonly string[] };
export type Result = About & { readonly error: string | null } & (Answered | FileAnswered);

/** Of a scene file: what its run came to, how many chips it has, and where its results lie. */
type FileAnswered = {
  readonly run: string;
  readonly state: LedgerRow['state'];
  readonly duplicateOf: string | null;
  readonly chips: number | null;
  readonly blank: number | null;
  readonly counts: { readonly [name: string]: number } | null;
  readonly results: readonly string[];
};

/** What is known of a request's inputs, when all of them have come to their end. */
export type Found = {
  /** The run of those that came with it, with what it has predicted, by their places; null where none did. */
  readonly inline: { readonly row: LedgerRow; readonly predictions: Predictions | null } | null;
  /** Inputs that could not be read, or named no scene file. */
  readonly refusals: readonly Refusal[];
  /** What was done to inputs so that they could be classified, by their places. */
  readonly warnings: ReadonlyMap<number, readonly string[]>;
  /** The runs of the scene files that it names, by their places. */
  readonly files: ReadonlyMap<number, LedgerRow>;
  /** Where somebody opens an object of the results bucket. */
  readonly addressOf: AddressOf;
};

/** The address of a result by its key: `s3://…` where there is a bucket, `file://…` where that is a folder of this machine. */
export type AddressOf = (key: string) => string;

/** Says for each input of a request what is predicted for it, or why nothing is. */
export function makeAnswer(request: Request, model: ModelPackage, found: Found): Answer {
  const { inline, refusals, warnings, files, addressOf } = found;
  const refused = new Map(refusals.map(({ index, message }) => [index, message]));
  const places = new Map(Array.from(inline?.predictions?.index ?? [], (index, chip) => [index, chip]));
  const results = request.inputs.map((input, index): Result => {
    const about = { index, id: idOf(input), warnings: warnings.get(index) ?? [] };
    const refusal = refused.get(index);
    if (refusal !== undefined) return { ...about, error: refusal };
    const file = files.get(index);
    if (file !== undefined) return { ...about, ...answerOf(file, model, addressOf) };
    const chip = places.get(index);
    const values = inline?.predictions;
    if (chip !== undefined && values) return { ...about, ...predictedAnswer(values, chip, model) };
    const { error, blank } = withoutPrediction(inline?.row, model);
    return { ...about, warnings: [...about.warnings, ...blank], error };
  });
  const keys = inline === null ? [] : predictionFiles([inline.row]).map(({ key }) => key);
  return {
    ...{ id: request.id, model: model.name, version: model.version, results },
    inputs: results.length,
    errors: results.filter(({ error }) => error !== null).length,
    files: [...keys, requestKey(request.id)].map(addressOf),
    leftOut: null,
  };
}

/** Of an input that was not refused: its run has failed, or it is blank. */
function withoutPrediction(row: LedgerRow | undefined, model: ModelPackage) {
  if (row?.state !== 'DONE' && row?.state !== 'EMPTY')
    return { error: errorOf(row) ?? 'It was not classified.', blank: [] };
  return { error: null, blank: [blankWarning(model)] };
}

function answerOf(row: LedgerRow, model: ModelPackage, addressOf: AddressOf): FileAnswered & { error: string | null } {
  const { run, state, chips = null, blank = null, duplicateOf = null } = row;
  const keys = [...predictionFiles([row]).map(({ key }) => key), ...resultKeys(row)];
  const sum = state === 'DONE' ? summaryIn(row) : undefined;
  const task = taskOf(model);
  const counts = sum && task.counts(sum);
  return {
    ...{ run, state, duplicateOf, chips, blank },
    counts: counts ? Object.fromEntries(task.reference(model).map(({ name }, i) => [name, counts[i]!])) : null,
    results: keys.map(addressOf),
    error: errorOf(row),
  };
}

function errorOf(row: LedgerRow | undefined): string | null {
  if (row?.state !== 'INVALID' && row?.state !== 'FAILED') return null;
  return row.error?.message ?? `Its run ended as ${row.state}.`;
}

const WITHOUT_SHARES =
  'The numbers of each class are left out, as the answer would be too long for a message. They are in the files.';
const WITHOUT_RESULTS =
  'The results are left out, as they would be too long for a message. They are in the files, in which member is the id of an input and index its place.';

/**
 * An answer as a message, of no more bytes than a queue takes: where it has more, first the numbers of each class are left out,
 * and then all results, which the files have.
 */
export function encodeAnswer(answer: Answer, mostBytes = MAX_QUEUE_MESSAGE_BYTES): string {
  const whole = encoded(answer);
  if (Buffer.byteLength(whole) <= mostBytes) return whole;
  const results = answer.results?.map(withoutShares) ?? null;
  const shorter = encoded({ ...answer, results, leftOut: WITHOUT_SHARES });
  if (Buffer.byteLength(shorter) <= mostBytes) return shorter;
  return encoded({ ...answer, results: null, leftOut: WITHOUT_RESULTS });
}

/** Numbers by the names of classes or of bins are the only objects in a result. */
function withoutShares(result: Result): Result {
  const few = Object.entries(result).filter(
    ([, value]) => typeof value !== 'object' || value === null || Array.isArray(value),
  );
  return Object.fromEntries(few) as Result;
}

/** JSON has no place for these two as they are, where SQS has none either. */
function encoded(answer: Answer): string {
  return jsonLine(answer).replace(/[\ufffe\uffff]/g, (one) => `\\u${one.charCodeAt(0).toString(16)}`);
}
