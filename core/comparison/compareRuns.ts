import { doorOf } from '../doorOf.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { LedgerRow } from '../ledger/ledgerRow.ts';
import { rowsInState } from '../ledger/rowsInState.ts';
import type { ModelPackage } from '../models/package.ts';
import type { OpenObject, ReadObject } from '../objectStore.ts';
import { modelId } from '../run.ts';
import { compareVersions, type Pair, type VersionComparison } from './compareVersions.ts';
import { compareMaps, haveMaps } from './mapPairs.ts';
import { type PairedRuns, pairedChips, pairRuns } from './pairedRuns.ts';

/** So many of the chips that differ most are kept. */
const KEPT = 24;

export type ComparePorts = {
  ledger: Pick<Ledger, 'byState'>;
  readResult: ReadObject;
  /** Null where no maps are read: then the most common class of each chip is compared. */
  openResult: OpenObject | null;
};

/** What is told of two versions, beside how their predictions differ. */
export type ComparedRuns = VersionComparison & {
  first: ModelPackage;
  second: ModelPackage;
  /** Files whose content both have classified, and those of which just one of them has. */
  files: { both: number; firstOnly: number; secondOnly: number };
  /** Milliseconds that inferring a chip took, reading and writing included; null where no run has an execution of its own. */
  milliseconds: { first: number | null; second: number | null };
  /** The memory that each takes; null where they did not run on this machine: the ledger keeps none. */
  memory: { first: PeakMemory; second: PeakMemory } | null;
};

/** The bytes that a process holds at most above what it held before, while it loads a model and infers one batch of so many chips. */
export type PeakMemory = { bytes: number; chips: number };

/** Which runs are compared: those that are done since then, and, where it is said, are wanted. */
export type Compared = {
  first: ModelPackage;
  second: ModelPackage;
  since: Date;
  isWanted?: (row: LedgerRow) => boolean;
};

/**
 * Compares two versions by the runs of the same bytes that both have.
 *
 * @throws ObjectNotFound where their predictions are not there any more; RangeError where the versions are `incomparable`
 */
export async function compareRuns(
  { ledger, readResult, openResult }: ComparePorts,
  { first, second, since, isWanted = () => true }: Compared,
): Promise<ComparedRuns> {
  const rows = new Map<string, LedgerRow[]>([first, second].map((model) => [modelId(model), []]));
  for (const ofShadows of [false, true]) // those that count, and those in which a version was a shadow
    for await (const row of rowsInState(ledger, 'DONE', { since, ofShadows }))
      if (isWanted(row)) rows.get(modelId(row.model))?.push(row);
  const [ones, others] = [rows.get(modelId(first))!, rows.get(modelId(second))!];
  const paired = pairRuns(ones, others);
  const comparison = compareVersions(first, second, KEPT);
  const { addPixels } = comparison;
  const { withMaps, without } = byMaps(paired, addPixels !== undefined && openResult !== null);
  for await (const pair of pairedChips(readResult, without)) comparison.add(pair);
  for (const both of withMaps) {
    const pairs: Pair[] = [];
    for await (const pair of pairedChips(readResult, { first: [both[0]], second: [both[1]] })) pairs.push(pair);
    const shares = await compareMaps({ openResult: openResult!, readResult }, both, [first, second], addPixels!, pairs);
    for (const [i, pair] of pairs.entries()) comparison.add(pair, shares[i]);
  }
  const both = paired.first.length;
  return {
    ...comparison.end(),
    ...{ first, second },
    files: { both, firstOnly: ones.length - both, secondOnly: others.length - both },
    milliseconds: { first: perChip(paired.first), second: perChip(paired.second) },
    memory: null,
  };
}

/** Runs whose maps are compared go pair by pair, so that the chips of one raster are held at a time. */
function byMaps({ first, second }: PairedRuns, isOfMaps: boolean) {
  const pairs = first.map((row, i) => [row, second[i]!] as const);
  const isMap = ([one, other]: (typeof pairs)[number]) => isOfMaps && haveMaps(one, other);
  const others = pairs.filter((pair) => !isMap(pair));
  const without = { first: others.map(([one]) => one), second: others.map(([, other]) => other) };
  return { withMaps: pairs.filter(isMap), without };
}

function perChip(rows: readonly LedgerRow[]): number | null {
  let [milliseconds, chips] = [0, 0];
  for (const row of rows) {
    if (row.milliseconds?.infer === undefined || row.batch !== undefined || doorOf(row.scene) === 'http') continue;
    milliseconds += row.milliseconds.infer;
    chips += (row.chips ?? 0) - (row.blank ?? 0);
  }
  return chips === 0 ? null : milliseconds / chips;
}
