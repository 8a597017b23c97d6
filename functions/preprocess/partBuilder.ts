import { MAX_PART_BYTES, MAX_PAYLOAD_BYTES } from '../shared/limits.ts';
import { makeBandSelector, preparedBands } from '../shared/model/bands.ts';
import { bytesPerValue, makePlane, type Plane } from '../shared/model/dataTypes.ts';
import type { ModelPackage } from '../shared/model/package.ts';
import { encodePart } from '../shared/preparedPart.ts';
import type { Chip } from './chip.ts';
import type { TfRecord } from './tfrecord.ts';

/** How many chips of this model a part may hold, where `wanted` is the most. */
export function chipsPerPart(model: ModelPackage, wanted: number): number {
  const bytes = preparedBands(model).reduce((sum, { bytesPerChip }) => sum + bytesPerChip, 0);
  return Math.max(1, Math.min(wanted, Math.floor(MAX_PART_BYTES / bytes)));
}

/** The share of a message that is for the parts' results; the rest of it takes little. */
const RESULTS_SHARE = 0.9;
/** A part's result (`PartResult`) as JSON, but for its counts. */
const PART_RESULT_BYTES = 110;

/** How many parts a file may have, so that their results together pass from infer to drift. */
export function maxParts(classes: number, capacity: number): number {
  return Math.floor(
    (MAX_PAYLOAD_BYTES * RESULTS_SHARE) / (PART_RESULT_BYTES + classes * (String(capacity).length + 1)),
  );
}

/** Collects chips, computing the model's bands straight into the part's arrays, which serve one part after the other. */
export function makePartBuilder(model: ModelPackage, capacity: number) {
  const selectBands = makeBandSelector(model);
  const index = new Int32Array(capacity);
  const offset = new BigInt64Array(capacity);
  const length = new Int32Array(capacity);
  const truth: (number | null)[] = [];
  const bands = preparedBands(model).map(({ name, dataType, bytesPerChip }) => {
    const size = bytesPerChip / bytesPerValue(dataType);
    const values = makePlane(dataType, capacity * size);
    const planes = Array.from({ length: capacity }, (_, chip) => values.subarray(chip * size, (chip + 1) * size));
    return { name, dataType, size, values, planes };
  });
  const out: Plane[] = [];

  return {
    chips: () => truth.length,
    isFull: () => truth.length === capacity,
    add(record: TfRecord, chip: Chip): void {
      const place = truth.length;
      for (const [i, { planes }] of bands.entries()) out[i] = planes[place]!;
      selectBands(chip.planes, out);
      index[place] = record.index;
      offset[place] = BigInt(record.offset);
      length[place] = record.length;
      truth.push(chip.truth);
    },
    /** The part as a file; the builder is empty afterwards. */
    take(): Uint8Array {
      const chips = truth.length;
      const bytes = encodePart({
        chips,
        index: index.subarray(0, chips),
        offset: offset.subarray(0, chips),
        length: length.subarray(0, chips),
        truth,
        bands: bands.map(({ name, dataType, size, values }) => ({
          name,
          dataType,
          values: values.subarray(0, chips * size),
        })),
      });
      truth.length = 0;
      return bytes;
    },
  };
}
