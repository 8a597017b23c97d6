import type { Plane } from '../arrays/dataTypes.ts';
import { type Area, wholeArea } from '../package/area.ts';
import { areaPixelsOf, emptyBands, makeBandSelector, planesOf } from '../package/bands.ts';
import { type Carried, type CarriedValue, carriedBy, MEMBER } from '../package/carry.ts';
import { type Chip, type Place, storedPlace, windowOf } from '../package/chip.ts';
import type { Column } from '../package/column.ts';
import type { ModelPackage } from '../package/package.ts';
import { type Areas, encodePart, makePartArrays, makePartFile, type PartFile, type Windows } from './preparedPart.ts';
import { FOOTPRINT_NUMBERS } from './raster/footprint.ts';

/**
 * Returns for how many chips a part needs buffers, judged by the file's size and its first chip. Small files get small
 * arrays in few sizes, which the next small file can reuse. If chips are not byte ranges, even a small file may hold many.
 */
export function capacityFor(model: ModelPackage, fileBytes: number, { place, member }: Chip, capacity: number): number {
  if (place.kind !== 'bytes' || member !== undefined) return capacity; // images in an archive differ in size
  const bandBytes = model.source.bands.reduce((sum, band) => sum + band.bytesPerChip, 0);
  const bytesPerChip = Math.min(place.length, bandBytes); // a record may hold more, an array of a smaller type less
  const mostChips = Math.ceil(fileBytes / bytesPerChip);
  return Math.min(capacity, Math.max(LEAST_CAPACITY, 2 ** Math.ceil(Math.log2(Math.max(1, mostChips)))));
}

const LEAST_CAPACITY = 16;

export type PartBuilder = ReturnType<typeof makePartBuilder>;

/**
 * Collects chips and computes the model's bands directly into the file of a full part. The file's memory is reused for the
 * next part: what `take` returns is valid until the next chip is added. A part that will hardly be full, and so is encoded when
 * it is taken, needs no file before: in a new process, to make one takes 10 ms.
 */
export function makePartBuilder(model: ModelPackage, capacity: number, hasRoom = false) {
  const selectBands = makeBandSelector(model);
  const { type: truthType } = model.task.truth;
  const columns: readonly (Carried & Partial<Column>)[] = [...MEMBER, ...carriedBy(model)];
  const carried: (CarriedValue | undefined)[][] = [];
  /** One entry per chip, or empty: all chips of a part come with predictions, or none does. */
  const predicted: string[] = [];
  const truth: (number | null)[] = [];
  let file: FileToFill | undefined;
  let isLikeFile = true;

  /**
   * Returns the file to fill, for chips with or without a truth. Most scene files have a truth for all their chips or for
   * none.
   */
  function fileFor(hasTruth: boolean): FileToFill {
    if (file !== undefined && (file.truth !== null) === hasTruth) return file;
    file = undefined; // dropped first, so that only one is in memory at a time
    const make = hasRoom ? makePartArrays : makePartFile;
    const made = make(capacity, emptyBands(model, capacity), hasTruth, truthType, areaPixelsOf(model));
    file = { ...made, planes: Array.from({ length: capacity }, (_, chip) => planesOf(made, chip)) };
    return file;
  }

  const clear = () => {
    for (const list of [truth, carried, predicted]) list.length = 0;
    isLikeFile = true;
  };

  return {
    model,
    capacity,
    hasRoom,
    chips: () => truth.length,
    isFull: () => truth.length === capacity,
    /** Returns whether the part can take the chip: all chips of a part come with predictions, or none does. */
    fits: (chip: Chip) => truth.length === 0 || predicted.length > 0 === (chip.predicted != null),
    add(chip: Chip): void {
      const at = truth.length;
      const hasTruth = chip.truth !== null;
      const into = at === 0 ? fileFor(hasTruth) : file!;
      if ((into.truth !== null) !== hasTruth) isLikeFile = false;
      if (chip.predicted == null) selectBands(chip.planes, into.planes[at]!);
      else predicted.push(JSON.stringify(chip.predicted));
      const { index, offset, length } = storedPlace(chip.place);
      into.index[at] = index;
      into.offset[at] = BigInt(offset);
      into.length[at] = length;
      putWindow(into.window, at, chip.place);
      if (into.areas !== undefined) putArea(into.areas, at, chip.area ?? wholeArea(model.output.pixels!));
      if (into.truth !== null) into.truth[at] = chip.truth ?? 0;
      truth.push(chip.truth);
      const { member, request, masked, carried: features = [] } = chip;
      carried.push([member, request, ...(model.mask ? [masked] : []), ...features]);
    },
    /** Returns the part, of at least one chip, as a file, and empties the builder. */
    take(): Uint8Array {
      const chips = truth.length;
      const filled = file!;
      const kept = columns
        .map((one, i) => ({ ...one, values: carried.map((values) => values[i] ?? null) }))
        .filter(({ isOptional, values }) => !isOptional || values.some((value) => value !== null));
      const taken =
        filled.bytes !== null && chips === capacity && isLikeFile && kept.length + predicted.length === 0
          ? filled.bytes
          : encodePart({
              ...filled,
              chips,
              truth,
              truthType,
              ...(kept.length > 0 && { carried: kept }),
              ...(predicted.length > 0 && { predicted: [...predicted], bands: [] }),
            });
      clear();
      return taken;
    },
    clear,
  };
}

type FileToFill = PartFile & { planes: Plane[][] };

function putWindow(windows: Windows, at: number, place: Place): void {
  const window = windowOf(place);
  windows.width[at] = window?.width ?? 0; // reset, because the arrays have held another part's
  if (window === null) return;
  windows.x[at] = window.x;
  windows.y[at] = window.y;
  windows.height[at] = window.height;
  const corners = windows.footprint.subarray(at * FOOTPRINT_NUMBERS, (at + 1) * FOOTPRINT_NUMBERS);
  if (window.footprint === null) corners.fill(NaN);
  else corners.set(window.footprint);
}

function putArea(areas: Areas, at: number, area: Area): void {
  for (const name of ['x', 'y', 'width', 'height'] as const) areas[name][at] = area[name];
  const { valid } = area;
  const perChip = areas.valid.length / areas.x.length;
  const kept = areas.valid.subarray(at * perChip, (at + 1) * perChip);
  if (valid === null) kept.fill(1);
  else kept.set(valid);
}
