import { type Area, wholeArea } from '../package/area.ts';
import { areaPixelsOf, emptyBands, makeBandSelector, planesOf } from '../package/bands.ts';
import { type Carried, type CarriedValue, type Column, carriedBy, MEMBER, RECORDS } from '../package/carry.ts';
import { type Chip, type ModelPackage, type Place, storedPlace, windowOf } from '../package/package.ts';
import { type Areas, encodePart, makePartArrays, RECTANGLE, type Windows } from './preparedPart.ts';
import { FOOTPRINT_NUMBERS } from './raster/footprint.ts';

export type PartBuilder = ReturnType<typeof makePartBuilder>;

/** Collects chips and computes the model's bands directly into the arrays of a part, which the next part uses again. */
export function makePartBuilder(model: ModelPackage, capacity: number) {
  const selectBands = makeBandSelector(model);
  const { type: truthType } = model.task.truth;
  const columns: readonly (Carried & Partial<Column>)[] = [...MEMBER, ...carriedBy(model)];
  const carried: (CarriedValue | undefined)[][] = [];
  /** One entry per chip, or empty: all chips of a part come with predictions, or none does. */
  const predicted: string[] = [];
  const truth: (number | null)[] = [];
  const arrays = makePartArrays(capacity, emptyBands(model, capacity), areaPixelsOf(model));

  const clear = () => {
    for (const list of [truth, carried, predicted]) list.length = 0;
  };

  return {
    model,
    capacity,
    chips: () => truth.length,
    isFull: () => truth.length === capacity,
    /** Returns whether the part can take the chip: all chips of a part come with predictions, or none does. */
    fits: (chip: Chip) => truth.length === 0 || predicted.length > 0 === (chip.predicted != null),
    add(chip: Chip): void {
      const at = truth.length;
      if (chip.predicted == null) selectBands(chip.planes, planesOf(arrays, at));
      else predicted.push(JSON.stringify(chip.predicted));
      const { index, offset, length } = storedPlace(chip.place);
      arrays.index[at] = index;
      arrays.offset[at] = BigInt(offset);
      arrays.length[at] = length;
      putWindow(arrays.window, at, chip.place);
      if (arrays.areas !== undefined) putArea(arrays.areas, at, chip.area ?? wholeArea(model.output.pixels!));
      truth.push(chip.truth);
      const { member, request, features = [], masked } = chip;
      const records = model.features ? RECORDS.map((_, i) => features[i]) : [];
      carried.push([member, request, ...records, ...(model.mask ? [masked] : []), ...(chip.carried ?? [])]);
    },
    /** Returns the part, of at least one chip, as a file, and empties the builder. */
    take(): Uint8Array {
      const kept = columns
        .map((one, i) => ({ ...one, values: carried.map((values) => values[i] ?? null) }))
        .filter(({ isOptional, values }) => !isOptional || values.some((value) => value !== null));
      const file = encodePart({
        ...arrays,
        chips: truth.length,
        truth,
        truthType,
        ...(kept.length > 0 && { carried: kept }),
        ...(predicted.length > 0 && { predicted, bands: [] }),
      });
      clear();
      return file;
    },
    clear,
  };
}

function putWindow(windows: Windows, at: number, place: Place): void {
  const window = windowOf(place);
  windows.width[at] = window?.width ?? 0; // reset, because the arrays have held another part's
  if (window === null) return;
  for (const name of RECTANGLE) windows[name][at] = window[name];
  const corners = windows.footprint.subarray(at * FOOTPRINT_NUMBERS, (at + 1) * FOOTPRINT_NUMBERS);
  windows.hectares[at] = window.hectares;
  if (window.footprint === null) corners.fill(NaN);
  else corners.set(window.footprint);
}

function putArea(areas: Areas, at: number, area: Area): void {
  for (const name of RECTANGLE) areas[name][at] = area[name];
  const { valid } = area;
  const perChip = areas.valid.length / areas.x.length;
  const kept = areas.valid.subarray(at * perChip, (at + 1) * perChip);
  if (valid === null) kept.fill(1);
  else kept.set(valid);
}

/**
 * Collects a file's chips into parts. The next part is filled while one is written, and only one is written at a time, so
 * at most two parts of a file are in memory.
 *
 * The caller must call `close`, whether or not it has called `finish`: it waits for a write in progress.
 */
export function makePartWriter(builder: PartBuilder, write: (part: Uint8Array) => Promise<void>) {
  let writing: Promise<void> = Promise.resolve();

  async function writePart(): Promise<void> {
    await writing;
    writing = write(builder.take());
    writing.catch(() => {}); // thrown where it is awaited
  }

  return {
    /** Adds a chip. If that fills its part, returns a promise that resolves when the next chip may be added. */
    add(chip: Chip): Promise<void> | undefined {
      builder.add(chip);
      return builder.isFull() ? writePart() : undefined;
    },
    async finish(): Promise<void> {
      if (builder.chips() > 0) await writePart();
      await writing;
    },
    close: () => writing.catch(() => {}),
  };
}
