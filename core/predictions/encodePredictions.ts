import { parquetWriteBuffer } from 'hyparquet-writer';
import { carriedBy, coordinatesIn } from '../models/carry.ts';
import type { ModelPackage } from '../models/package.ts';
import type { Values } from './column.ts';
import { geoMetadata } from './geometry.ts';
import { columnsOf } from './predictionColumns.ts';

/** Of the file as such; its columns say what they are. Readers go by the columns that there are. */
const FORMAT = '1';

/**
 * Writes predictions of a model, a row a chip. `wording` tells two writes of the same predictions apart, where an object
 * is written over only as long as it still is what was read, and must not come to be that again.
 */
export function encodePredictions(model: ModelPackage, predictions: Values, wording?: string): Uint8Array {
  const columns = columnsOf(model);
  const geometryTypes =
    coordinatesIn(carriedBy(model)) === null ? ['Polygon' as const] : ['Polygon' as const, 'Point' as const];
  const about = { format: FORMAT, model: model.name, version: model.version, ...(wording && { write: wording }) };
  return new Uint8Array(
    parquetWriteBuffer({
      rowGroupSize: Math.max(1, predictions['chip_id']!.length),
      kvMetadata: [
        { key: 'geo', value: JSON.stringify(geoMetadata(geometryTypes)) },
        ...Object.entries(about).map(([key, value]) => ({ key: `swath:${key}`, value })),
      ],
      columnData: columns.map(({ name, type, isRequired = false, isDistinct = false }) => ({
        ...{ name, type, nullable: !isRequired, data: predictions[name] as number[] },
        ...(isDistinct && { encoding: 'PLAIN' }),
      })),
    }),
  );
}
