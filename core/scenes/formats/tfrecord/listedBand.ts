import { InvalidSceneFile } from '../../../errors.ts';
import { bytesPerValue, makePlane, type Plane } from '../../../models/dataTypes.ts';
import type { SourceBand } from '../../../models/package.ts';

/** The values of a feature that is a list of numbers, as Earth Engine exports a band. */
export type Listed = Float32Array | BigInt64Array;

/**
 * Converts a list of numbers to a band's values, row by row, without rounding. If the list's type may not fit the
 * package's, such as floats for uint8, each value is checked.
 *
 * @throws {InvalidSceneFile} for a list that is too short or too long, and for the first value that the package's type does
 *   not hold; the message begins with `where`
 */
export function listedBand({ name, dataType, bytesPerChip }: SourceBand, values: Listed, where: () => string): Plane {
  const count = bytesPerChip / bytesPerValue(dataType);
  const kind = values instanceof Float32Array ? 'float' : 'int64';
  if (values.length !== count)
    throw new InvalidSceneFile(
      `${where()}: band ${name}: found ${values.length} ${kind} values, allowed are ${count}, or one value of bytes`,
    );
  if (kind === 'float' && dataType === 'float32') return values as Float32Array;
  if (kind === 'float' && dataType === 'float64') return Float64Array.from(values as Float32Array);
  const plane = makePlane(dataType, count);
  for (let i = 0; i < count; i += 1) {
    const value = Number(values[i]!);
    plane[i] = value;
    if (plane[i] !== value || (kind === 'int64' && !Number.isSafeInteger(value)))
      throw new InvalidSceneFile(
        `${where()}: band ${name}: found ${values[i]} as its value ${i}, which does not fit ${dataType}`,
      );
  }
  return plane;
}
