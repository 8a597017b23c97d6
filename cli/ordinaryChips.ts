import { makeBandSelector, preparedBands } from '../core/models/bands.ts';
import { bytesPerValue, type DataType, makePlane } from '../core/models/dataTypes.ts';
import type { ModelPackage } from '../core/models/package.ts';
import type { PreparedPart } from '../core/scenes/preparedPart.ts';
import { sfc32 } from '../replay/sfc32.ts';

/** Up to where values of images go, by the type of a band: reflectances of 16 bits are stored times 10,000. */
const USUAL: Record<DataType, number> = {
  uint8: 255,
  int8: 127,
  uint16: 10_000,
  int16: 10_000,
  uint32: 10_000,
  int32: 10_000,
  float32: 1,
  float64: 1,
};
/** Of that, a band's mean in a chip lies between these shares: neither nothing, by which a model may divide, nor overexposed. */
const [LEAST, MOST] = [0.2, 0.8];
/** And so far, at most, is a pixel from it: a field, and no noise, of which a ratio of bands may be anything. */
const TEXTURE = 0.02;

/**
 * So many chips as a part has them, to try a model with: fields of values that any image may have, the same each time,
 * with the model's bands selected and computed of them as they are of a file's.
 */
export function ordinaryChips(model: ModelPackage, chips: number): PreparedPart {
  const random = sfc32(1, 2, 3);
  const { bands, height, width } = model.source;
  const source = bands.map(({ dataType }) => makePlane(dataType, height * width));
  const prepared = preparedBands(model).map(({ name, dataType, bytesPerChip }) => {
    const size = bytesPerChip / bytesPerValue(dataType);
    return { name, dataType, size, values: makePlane(dataType, chips * size) };
  });
  const select = makeBandSelector(model);
  for (let chip = 0; chip < chips; chip += 1) {
    for (const [i, plane] of source.entries()) {
      const usual = USUAL[bands[i]!.dataType];
      const mean = LEAST + (MOST - LEAST) * random();
      for (let at = 0; at < plane.length; at += 1) plane[at] = usual * (mean + TEXTURE * (2 * random() - 1));
    }
    select(
      source,
      prepared.map(({ values, size }) => values.subarray(chip * size, (chip + 1) * size)),
    );
  }
  return {
    chips,
    index: new Int32Array(chips),
    offset: new BigInt64Array(chips),
    length: new Int32Array(chips),
    truth: Array<null>(chips).fill(null),
    bands: prepared.map(({ name, dataType, values }) => ({ name, dataType, values })),
  };
}
