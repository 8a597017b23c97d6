import { makeKept } from '../../base/concurrency/keepPromise.ts';
import { InvalidSceneFile } from '../../base/errors.ts';
import type { SceneLimits } from '../../base/limits.ts';
import type { ReadObject } from '../../base/objectStore.ts';
import type { LedgerRow } from '../../ledger/ledgerRow.ts';
import { joined } from '../../package/carry.ts';
import type { ModelPackage } from '../../package/package.ts';
import { readPredictions } from '../../results/decodePredictions.ts';
import { byName, columnsOf, nameOf, type Predictions } from '../../results/predictionColumns.ts';
import { predictionFiles } from '../../results/predictions.ts';
import { inOneChunk, rangesIn } from '../../scenes/rangesIn.ts';
import type { Refusal } from '../../scenes/refusals.ts';
import type { Found } from './answer.ts';
import { request as requests } from './format.ts';

type KeptRequest = { readonly key: string; readonly bytes: Uint8Array };

export type ReadPredictions = (key: string, model: ModelPackage) => Promise<ReadonlyMap<string, Predictions>>;

/** Reads each file once, because the predictions of many requests are in one. Drop the reader to release them. */
export function makeReadPredictions(readResult: ReadObject): ReadPredictions {
  const keep = makeKept<ReadonlyMap<string, Predictions>>(Number.POSITIVE_INFINITY);
  return (key, model) => keep(key, async () => byName(await readPredictions(readResult, key, columnsOf(model))));
}

type Said = Pick<Found, 'refusals' | 'warnings'>;

const NOTHING_SAID: Said = { refusals: [], warnings: new Map() };

/** Reads what a run has stored, so that its request can be answered again. Throws `ObjectNotFound` when it is gone. */
export async function readFound(
  { readPredictions, sceneLimits }: { readPredictions: ReadPredictions; sceneLimits: SceneLimits },
  object: KeptRequest,
  model: ModelPackage,
  row: LedgerRow | null,
): Promise<Pick<Found, 'inline'> & Said> {
  if (row === null) return { inline: null, ...NOTHING_SAID };
  const predictions = await predictionsOf(readPredictions, row, model);
  // The row only has the first refusals, shortened, and the number of warnings; nothing if the run did not get that far.
  const isRead = row.state === 'DONE' || row.state === 'EMPTY';
  const isSaid = !isRead || row.refused !== undefined || row.warned !== undefined;
  const said = isSaid ? await readAgain(object, model, sceneLimits) : NOTHING_SAID;
  return { inline: { row, predictions }, ...said };
}

/** Returns the predictions of a run's chips, in file order; null if there are none. */
export async function predictionsOf(readPredictions: ReadPredictions, row: LedgerRow, model: ModelPackage) {
  const parts: Predictions[] = [];
  for (const { key } of predictionFiles([row])) {
    const own = await readPredictions(key, model); // a batch's file also holds those of others
    parts.push(...[own.get(nameOf({ run: row.run, digest: row.digest ?? '' })) ?? []].flat());
  }
  return parts.length === 0 ? null : (joined(columnsOf(model), parts) as Predictions);
}

async function readAgain({ key, bytes }: KeptRequest, model: ModelPackage, limits: SceneLimits): Promise<Said> {
  const chunks = inOneChunk(bytes);
  const refusals: Refusal[] = [];
  const warnings = new Map<number, readonly string[]>();
  const refuse = (refusal: Refusal) => void refusals.push(refusal);
  try {
    const scene = { key, size: bytes.length, chunks, range: rangesIn(bytes), refuse };
    for await (const chips of requests.makeReader(model, limits)(scene))
      for (const { place, warnings: said } of chips) if (said !== undefined) warnings.set(place.index, said);
  } catch (error) {
    if (!(error instanceof InvalidSceneFile)) throw error; // the run's own error says the same about all inputs
  }
  return { refusals, warnings };
}
