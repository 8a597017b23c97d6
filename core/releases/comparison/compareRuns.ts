import { modelId } from '../../base/messages.ts';
import type { OpenObject, ReadObject } from '../../base/objectStore.ts';
import type { Ledger } from '../../ledger/contract.ts';
import { doorOf } from '../../ledger/doorOf.ts';
import { rowsInState } from '../../ledger/ledgerQueries.ts';
import type { LedgerRow } from '../../ledger/ledgerRow.ts';
import { isMasked } from '../../measures/blanks/mask.ts';
import type { ModelPackage } from '../../package/package.ts';
import { type PredictedChip, predictionFiles, readPredictionFile } from '../../results/predictions.ts';
import { compareVersions, LEFT_OUT, type Pair, type VersionComparison } from './compareVersions.ts';
import { compareMaps, haveMaps } from './mapPairs.ts';

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

export type Compared = { first: ModelPackage; second: ModelPackage; since: Date; isWanted?(row: LedgerRow): boolean };

/** Compares runs for the same content. Throws `ObjectNotFound` without predictions, RangeError if `incomparable`. */
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
  const { withMaps = [], without = [] } = Object.groupBy(paired, (both) =>
    addPixels !== undefined && openResult !== null && haveMaps(...both) ? 'withMaps' : 'without',
  );
  // What came by queue or over HTTP is no scene: each of its chips counts by itself.
  const ofFiles = paired.filter(([{ scene }]) => doorOf(scene) === 'file');
  const scenes = new Map(ofFiles.flatMap(([{ run }, other]) => [run, other.run].map((one) => [one, run])));
  const sceneOf = (pair: Pair) => scenes.get(pair.first.run);
  const masks = [first.mask, second.mask];
  for await (const pair of pairedChips(readResult, without, masks)) comparison.add(pair, sceneOf(pair));
  // One raster after the other, so that only one's chips are in memory.
  for (const both of withMaps) {
    const pairs = await Array.fromAsync(pairedChips(readResult, [both], masks));
    const ofMaps = await compareMaps({ openResult: openResult!, readResult }, both, [first, second], addPixels!, pairs);
    for (const [i, pair] of pairs.entries()) comparison.add(pair, sceneOf(pair), ofMaps[i]);
  }
  return {
    ...comparison.end(),
    first,
    second,
    files: { both: paired.length, firstOnly: ones.length - paired.length, secondOnly: others.length - paired.length },
    milliseconds: { first: perChip(paired.map(([one]) => one)), second: perChip(paired.map(([, other]) => other)) },
    memory: null,
  };
}

/** The least time of all runs: whatever else a machine does can only add to it. */
function perChip(rows: readonly LedgerRow[]): number | null {
  const times = rows.flatMap(({ milliseconds }) => milliseconds?.chip ?? []);
  return times.length === 0 ? null : Math.min(...times);
}

/** The runs of two versions for the same content, whatever the names of the files. */
type PairedRuns = readonly (readonly [first: LedgerRow, second: LedgerRow])[];

/** Returns the done runs whose content both versions have classified; of several by one version, the latest. */
export function pairRuns(first: readonly LedgerRow[], second: readonly LedgerRow[]): PairedRuns {
  const [ones, others] = [byContent(first), byContent(second)];
  return [...ones.values()].flatMap((row) => {
    const other = others.get(row.digest!);
    return other === undefined ? [] : [[row, other] as const];
  });
}

function byContent(rows: readonly LedgerRow[]): Map<string, LedgerRow> {
  const known = rows.filter(({ digest }) => digest !== undefined).reverse(); // the first of equals counts
  return new Map(known.sort((a, b) => a.changed.localeCompare(b.changed)).map((row) => [row.digest!, row]));
}

/**
 * Yields the chips of paired runs that one or both versions have not left out as blank or masked, one predictions file after
 * the other. The second version's predictions are all in memory, a few hundred bytes per chip; of the first, one file at a time.
 * @throws {ObjectNotFound} when a file is no longer in the results bucket
 */
export async function* pairedChips(read: ReadObject, pairs: PairedRuns, masks: ModelPackage['mask'][] = []) {
  const [first, second] = [pairs.map(([one]) => one), pairs.map(([, other]) => other)];
  const seconds = new Map<string, PredictedChip>();
  for await (const [name, chip] of chipsOf(read, second, masks[1])) seconds.set(name, chip);
  for await (const [name, chip] of chipsOf(read, first, masks[0])) {
    yield { first: chip, second: seconds.get(name) ?? { ...chip, ...LEFT_OUT } };
    seconds.delete(name);
  }
  for (const chip of seconds.values()) yield { first: { ...chip, ...LEFT_OUT }, second: chip };
}

/** Yields each chip with its identity: its content and where it lies in it. Versions may cut a scene into other chips. */
async function* chipsOf(read: ReadObject, rows: readonly LedgerRow[], mask: ModelPackage['mask']) {
  const digests = new Map(rows.map(({ run, digest }) => [run, digest!]));
  for (const file of predictionFiles(rows))
    for (const chip of await readPredictionFile(read, file))
      if (!isMasked(chip.masked, mask)) yield [`${digests.get(chip.run)} ${placeOf(chip)}`, chip] as const;
}

const placeOf = ({ index, window: at }: PredictedChip) => (at ? `${at.x} ${at.y} ${at.width} ${at.height}` : index);
