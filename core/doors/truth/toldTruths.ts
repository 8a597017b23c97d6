import { isAhead } from '../../base/time/clocks.ts';
import type { Column } from '../../package/carry.ts';
import type { TruthValue } from '../../package/task.ts';
import { decodePredictions } from '../../results/decodePredictions.ts';
import type { PackedPiece } from '../../results/maps/pieces.ts';
import { parquetFile } from '../../tables/parquet.ts';
import { truthTable } from '../../tables/truthTable.ts';

/** A late truth of a chip; the last one counts. */
export type Told = {
  readonly index: number;
  readonly truth: TruthValue;
  /** When it was stated (ISO). */
  readonly at: string;
  /** Whether its chip was chosen as one of the least certain: then it counts in no accuracy. */
  readonly isChosen: boolean;
  /** The seed with which its chip was drawn at random, if it was. */
  readonly seed?: number | null;
  /** Of a mask that was just read: the classes of the chip's own pixels. */
  readonly mask?: PackedPiece | undefined;
};

/** A late truth as far as it counts. */
export const counted = (told?: Told) => (told?.isChosen ? undefined : told?.truth);

/** The late truths of a run's chips, by index in the scene file. */
export type ToldTruths = ReadonlyMap<number, Told>;

/** Chips to which no truth was sent before, a different one, and those whose truth was known already or superseded by a later one. */
export type TruthCounts = { joined: number; corrected: number; known: number };

/** Merges truths that come `now` into known ones: of a chip's the later counts, then the larger, whatever their order or repetition. */
export function merged(before: ToldTruths, told: readonly Told[], now: Date) {
  const truths = new Map(before);
  const counts: TruthCounts = { joined: 0, corrected: 0, known: 0 };
  let isChanged = false;
  for (const one of told) {
    const known = truths.get(one.index);
    const isNews = known === undefined || isLater(one, known, now);
    const last = known === undefined ? one : laterOf(one, known, now);
    counts[known === undefined ? 'joined' : isNews && known.truth !== one.truth ? 'corrected' : 'known'] += 1;
    truths.set(one.index, last);
    isChanged ||= isNews || last.isChosen !== known.isChosen || last.seed !== known.seed;
  }
  return { truths, isChanged, counts };
}

/** Whether a truth that comes `now` counts rather than an old one. A time from a clock that was ahead does not keep it from that. */
export const isLater = <One extends Pick<Told, 'at' | 'truth'>>(one: One, old: One, now: Date): boolean =>
  one.at === old.at ? one.truth > old.truth : one.at > old.at || (isAhead(old.at, now) && !isAhead(one.at, now));

/** A chip that was once drawn at random counts from then on. */
export function laterOf<One extends Told>(one: One, old: One, now: Date): One {
  const seed = Math.max(one.seed ?? -1, old.seed ?? -1);
  const isChosen = one.isChosen && old.isChosen;
  return { ...(isLater(one, old, now) ? one : old), isChosen, seed: seed < 0 ? null : seed };
}

/** The columns of truths, of which each task uses one. New ones are appended. */
const TRUTHS = ['truth', 'true_value', 'true_labels', 'true_pixels'];
const REQUIRED = truthTable.columns.filter(({ name }) => ['index', 'told', 'sample', ...TRUTHS].includes(name));
const READ = [...(REQUIRED as Column[]), { name: 'seed', type: 'DOUBLE', isOptional: true } as const];

export async function decodeTold(bytes: Uint8Array): Promise<ToldTruths> {
  const columns = await decodePredictions(bytes, READ);
  return new Map(
    Array.from(columns.index, (index, row) => {
      const truth = TRUTHS.map((name) => columns[name]![row]).find((one) => one !== null) as TruthValue;
      const at = (columns['told']![row] as Date).toISOString();
      const seed = columns['seed']![row] as number | null;
      return [index, { index, truth, at, isChosen: columns['sample']![row] !== null, seed }];
    }),
  );
}

/** A chip's identifiers as in the predictions, for readers of the table. */
export type ToldChip = { readonly id: string; readonly member: string | null; readonly request: string | null };

/** Encodes a file of the table `truth`: a row per chip, in the scene file's order, so equal truths give equal bytes. */
export async function encodeTold(
  of: { run: string; scene: string; column: string },
  truths: ToldTruths,
  chipOf: (index: number) => ToldChip | undefined,
): Promise<Uint8Array> {
  const rows = [...truths.values()]
    .toSorted((a, b) => a.index - b.index)
    .map(({ index, truth, at, isChosen, seed = null }) => {
      const { id, member, request } = chipOf(index)!;
      const said = TRUTHS.map((column) => (column === of.column ? truth : null));
      const more = [...said.slice(2), isChosen ? 'least-certain' : null, seed];
      return [id, index, ...said.slice(0, 2), new Date(at), member, request, of.scene, of.run, ...more];
    });
  return parquetFile(truthTable.columns, rows);
}
