import { InvalidSceneFile } from '../errors.ts';
import type { LedgerRow } from '../ledger/ledgerRow.ts';
import type { SceneLimits } from '../limits.ts';
import type { ModelPackage } from '../models/package.ts';
import type { ReadObject } from '../objectStore.ts';
import { joined } from '../predictions/column.ts';
import { byName, namesOf } from '../predictions/contents.ts';
import { decodePredictions } from '../predictions/decodePredictions.ts';
import { columnsOf, type Predictions } from '../predictions/predictionColumns.ts';
import { predictionFiles } from '../predictions/predictions.ts';
import { request as requests } from '../scenes/formats/request/format.ts';
import { rangesIn } from '../scenes/rangesIn.ts';
import type { Refusal } from '../scenes/refusals.ts';
import type { Found } from './answer.ts';
import type { SplitRequest } from './splitRequest.ts';

type Ports = {
  readResult: ReadObject;
  sceneLimits: SceneLimits;
  /** The results bucket. */
  bucket: string;
};

/** The runs of a request, each at its end; `inline` is null where nothing came with it. */
type Rows = { readonly inline: LedgerRow | null; readonly files: Found['files'] };

/**
 * Finds what a request's answer is made of, in what its runs have left: so it can be given at any time, by anybody, and again.
 *
 * @throws ObjectNotFound where the predictions are not in the results bucket any more
 */
export async function readFound(
  { readResult, sceneLimits, bucket }: Ports,
  { object, refusals: misnamed }: Pick<SplitRequest, 'object' | 'refusals'>,
  model: ModelPackage,
  { inline: row, files }: Rows,
): Promise<Found> {
  if (row === null) return { inline: null, refusals: misnamed, files, bucket };
  const predictions = await predictionsOf(readResult, row, model);
  // The row keeps the first of them in short, or says that all were refused; the request has them all.
  const hasRefused = row.refused !== undefined || row.state === 'INVALID';
  const unread = hasRefused ? await refusalsIn(object, model, sceneLimits) : [];
  return { inline: { row, predictions }, refusals: [...misnamed, ...unread], files, bucket };
}

async function predictionsOf(readResult: ReadObject, row: LedgerRow, model: ModelPackage): Promise<Predictions | null> {
  const columns = columnsOf(model);
  const names = namesOf({ run: row.run, digest: row.digest ?? '' });
  const parts: Predictions[] = [];
  for (const { key } of predictionFiles([row])) {
    const own = byName(await decodePredictions(await readResult(key), columns)); // a batch's file has others' beside them
    parts.push(...names.flatMap((name) => own.get(name) ?? []));
  }
  return parts.length === 0 ? null : (joined(columns, parts) as Predictions);
}

async function refusalsIn(
  { key, bytes }: SplitRequest['object'],
  model: ModelPackage,
  limits: SceneLimits,
): Promise<readonly Refusal[]> {
  const chunks = (async function* () {
    yield bytes;
  })();
  const refusals: Refusal[] = [];
  const refuse = (refusal: Refusal) => void refusals.push(refusal);
  try {
    const scene = { key, size: bytes.length, chunks, range: rangesIn(bytes), refuse };
    for await (const _chips of requests.makeReader(model, limits)(scene));
  } catch (error) {
    if (!(error instanceof InvalidSceneFile)) throw error; // the run's own error says the same of all inputs
  }
  return refusals;
}
