import type { OpenObject, ReadObject } from '../../base/objectStore.ts';
import { modelId } from '../../base/run.ts';
import type { Ledger } from '../../ledger/contract.ts';
import { doorOf } from '../../ledger/doorOf.ts';
import { rowsInState } from '../../ledger/ledgerQueries.ts';
import type { LedgerRow } from '../../ledger/ledgerRow.ts';
import type { ModelPackage } from '../../package/package.ts';
import { predictionFiles } from '../../results/predictionFiles.ts';
import { type PredictedChip, readPredictionFile } from '../../results/predictions.ts';
import { compareVersions, type Pair, type VersionComparison } from './compareVersions.ts';
import { compareMaps, haveMaps } from './mapPairs.ts';

/** The number of most different chips that are kept. */
const KEPT = 24;

export type ComparePorts = {
  ledger: Pick<Ledger, 'byState'>;
  readResult: ReadObject;
  /** Null if maps are not read: then each chip's most common class is compared. */
  openResult: OpenObject | null;
};

export type ComparedRuns = VersionComparison & {
  first: ModelPackage;
  second: ModelPackage;
  /** Files whose content both have classified, and files that only one has. */
  files: { both: number; firstOnly: number; secondOnly: number };
  /** The least milliseconds of processor time that the warm model took for a chip; null if no run had an execution of its own. */
  milliseconds: { first: number | null; second: number | null };
  /** The memory that each takes; null unless they ran on this machine, because the ledger does not store it. */
  memory: { first: PeakMemory; second: PeakMemory } | null;
};

/** The peak memory, above what the process used before, of loading a model and running one batch of `chips` chips. */
export type PeakMemory = { bytes: number; chips: number };

/** Which runs are compared: those done since a time and, optionally, only certain ones. */
export type Compared = {
  first: ModelPackage;
  second: ModelPackage;
  since: Date;
  isWanted?: (row: LedgerRow) => boolean;
};

/**
 * Compares two versions by their runs for the same content.
 *
 * @throws {ObjectNotFound} when their predictions no longer exist
 * @throws {RangeError} when the versions are `incomparable`
 */
export async function compareRuns(
  { ledger, readResult, openResult }: ComparePorts,
  { first, second, since, isWanted = () => true }: Compared,
): Promise<ComparedRuns> {
  const rows = new Map<string, LedgerRow[]>([first, second].map((model) => [modelId(model), []]));
  for (const ofShadows of [false, true]) // counted runs, and those in which a version was a shadow
    for await (const row of rowsInState(ledger, 'DONE', { since, ofShadows }))
      if (isWanted(row)) rows.get(modelId(row.model))?.push(row);
  const [ones, others] = [rows.get(modelId(first))!, rows.get(modelId(second))!];
  const paired = pairRuns(ones, others);
  const comparison = compareVersions(first, second, KEPT);
  const { addPixels } = comparison;
  const { withMaps, without } = byMaps(paired, addPixels !== undefined && openResult !== null);
  // What came by queue or over HTTP is no scene: each of its chips counts by itself.
  const scenes = new Set(paired.first.flatMap(({ run, scene }) => (doorOf(scene) === 'file' ? [run] : [])));
  const sceneOf = ({ first: { run } }: Pair) => (scenes.has(run) ? run : undefined);
  for await (const pair of pairedChips(readResult, without)) comparison.add(pair, sceneOf(pair));
  for (const both of withMaps) {
    const pairs: Pair[] = [];
    for await (const pair of pairedChips(readResult, { first: [both[0]], second: [both[1]] })) pairs.push(pair);
    const shares = await compareMaps({ openResult: openResult!, readResult }, both, [first, second], addPixels!, pairs);
    for (const [i, pair] of pairs.entries()) comparison.add(pair, sceneOf(pair), shares[i]);
  }
  const both = paired.first.length;
  return {
    ...comparison.end(),
    first,
    second,
    files: { both, firstOnly: ones.length - both, secondOnly: others.length - both },
    milliseconds: { first: perChip(paired.first), second: perChip(paired.second) },
    memory: null,
  };
}

/** Runs whose maps are compared are processed pair by pair, so that only one raster's chips are in memory. */
function byMaps({ first, second }: PairedRuns, isOfMaps: boolean) {
  const pairs = first.map((row, i) => [row, second[i]!] as const);
  const isMap = ([one, other]: (typeof pairs)[number]) => isOfMaps && haveMaps(one, other);
  const others = pairs.filter((pair) => !isMap(pair));
  const without = { first: others.map(([one]) => one), second: others.map(([, other]) => other) };
  return { withMaps: pairs.filter(isMap), without };
}

/** The least time of all runs: whatever else a machine does can only add to it. */
function perChip(rows: readonly LedgerRow[]): number | null {
  const times = rows.flatMap(({ milliseconds }) => milliseconds?.chip ?? []);
  return times.length === 0 ? null : Math.min(...times);
}

/** The runs of two versions for the same content, whatever the names of the files. */
type PairedRuns = { first: LedgerRow[]; second: LedgerRow[] };

/** Returns the done runs whose content both versions have classified; of several by one version, the latest. */
export function pairRuns(first: readonly LedgerRow[], second: readonly LedgerRow[]): PairedRuns {
  const [ones, others] = [byContent(first), byContent(second)];
  const both = [...ones.keys()].filter((digest) => others.has(digest));
  return { first: both.map((digest) => ones.get(digest)!), second: both.map((digest) => others.get(digest)!) };
}

function byContent(rows: readonly LedgerRow[]): Map<string, LedgerRow> {
  const found = new Map<string, LedgerRow>();
  for (const row of rows) {
    const { digest } = row;
    if (digest === undefined) continue;
    const other = found.get(digest);
    if (other === undefined || other.changed < row.changed) found.set(digest, row);
  }
  return found;
}

/**
 * Yields the chips of paired runs, one predictions file after the other. The second version's predictions are all in
 * memory, a few hundred bytes per chip; of the first, one file at a time.
 *
 * @throws {ObjectNotFound} when a file is no longer in the results bucket
 */
export async function* pairedChips(readResult: ReadObject, { first, second }: PairedRuns): AsyncGenerator<Pair> {
  const seconds = new Map<string, PredictedChip>();
  for await (const [name, chip] of chipsOf(readResult, second)) seconds.set(name, chip);
  for await (const [name, chip] of chipsOf(readResult, first)) {
    const other = seconds.get(name);
    if (other !== undefined) yield { first: chip, second: other };
  }
}

/** Yields each chip with its identity: its content and its index in it. */
async function* chipsOf(readResult: ReadObject, rows: readonly LedgerRow[]): AsyncGenerator<[string, PredictedChip]> {
  const digests = new Map(rows.map(({ run, digest }) => [run, digest!]));
  for (const file of predictionFiles(rows))
    for (const chip of await readPredictionFile(readResult, file))
      yield [`${digests.get(chip.run)} ${chip.index}`, chip];
}
