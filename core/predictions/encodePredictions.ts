import { parquetWriteBuffer } from 'hyparquet-writer';
import { carriedBy, coordinatesIn } from '../models/carry.ts';
import type { ModelPackage } from '../models/package.ts';
import type { Column, Values } from './column.ts';
import { GEOMETRY, geoMetadata } from './geometry.ts';
import { columnsOf } from './predictionColumns.ts';

/** Of the file as such; its columns say what they are. Readers go by the columns that there are. */
const FORMAT = '1';

/**
 * Writes predictions of a model, a row a chip. `wording` tells two writes of the same predictions apart, where an object
 * is written over only as long as it still is what was read, and must not come to be that again.
 */
export function encodePredictions(model: ModelPackage, predictions: Values, wording?: string): Uint8Array {
  return encode(model, predictions, columnsOf(model), { ...(wording && { write: wording }) });
}

/**
 * Writes what a shadow has predicted: as others are, without what is only for SQL, which looks at no shadows: minima and maxima of
 * columns, and columns that none of its chips has a value in. Readers do without those, as of files of former releases.
 */
export function encodeShadowPredictions(model: ModelPackage, predictions: Values): Uint8Array {
  const columns = columnsOf(model).filter(({ name, isLater }) => isLater !== true || hasValue(predictions[name]!));
  return encode(model, predictions, columns, {}, false);
}

function encode(
  model: ModelPackage,
  predictions: Values,
  columns: readonly Column[],
  more: Readonly<Record<string, string>>,
  statistics = true,
): Uint8Array {
  const geometryTypes =
    coordinatesIn(carriedBy(model)) === null ? ['Polygon' as const] : ['Polygon' as const, 'Point' as const];
  const about = { format: FORMAT, model: model.name, version: model.version, ...more };
  const hasGeometry = columns.some(({ name }) => name === GEOMETRY);
  return new Uint8Array(
    parquetWriteBuffer({
      rowGroupSize: Math.max(1, predictions['chip_id']!.length),
      statistics,
      kvMetadata: [
        ...(hasGeometry ? [{ key: 'geo', value: JSON.stringify(geoMetadata(geometryTypes)) }] : []),
        ...Object.entries(about).map(([key, value]) => ({ key: `swath:${key}`, value })),
      ],
      columnData: columns.map(({ name, type, isRequired = false, isDistinct = false }) => ({
        ...{ name, type, nullable: !isRequired, data: predictions[name] as number[] },
        ...(isDistinct && { encoding: 'PLAIN' }),
      })),
    }),
  );
}

function hasValue(values: Values[string]): boolean {
  for (let i = 0; i < values.length; i += 1) if (values[i] !== null) return true;
  return false;
}
