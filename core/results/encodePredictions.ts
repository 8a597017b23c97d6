import { parquetWriteBuffer } from 'hyparquet-writer';
import { type Column, coordinatesIn, type Values } from '../package/carry.ts';
import type { ModelPackage } from '../package/package.ts';
import { GEOMETRY, geoMetadata } from './geometry.ts';
import { columnsOf } from './predictionColumns.ts';

const FORMAT = '1';

/** `wording` makes two writes of equal predictions differ: an object must not become again what a late writer read. */
export const encodePredictions = (model: ModelPackage, predictions: Values, wording?: string): Uint8Array =>
  encode(model, predictions, columnsOf(model), { ...(wording && { write: wording }) });

/** Leaves out what only SQL uses, which does not read shadows: statistics, and columns without values. */
export function encodeShadowPredictions(model: ModelPackage, predictions: Values): Uint8Array {
  const columns = columnsOf(model).filter(({ name, isOptional }) => !isOptional || hasValue(predictions[name]!));
  return encode(model, predictions, columns, {}, false);
}

function encode(
  model: ModelPackage,
  predictions: Values,
  columns: readonly Column[],
  more: Readonly<Record<string, string>>,
  statistics = true,
): Uint8Array {
  const hasPoints = coordinatesIn(model.carry ?? []) !== null;
  const geometryTypes = ['Polygon', 'MultiPolygon', ...(hasPoints ? (['Point'] as const) : [])] as const;
  const about = { format: FORMAT, model: model.name, version: model.version, ...more };
  const hasGeometry = columns.some(({ name }) => name === GEOMETRY);
  const rowGroupSize = Math.max(1, predictions['chip_id']!.length);
  const kvMetadata = [
    ...(hasGeometry ? [{ key: 'geo', value: JSON.stringify(geoMetadata(geometryTypes)) }] : []),
    ...Object.entries(about).map(([key, value]) => ({ key: `swath:${key}`, value })),
  ];
  const columnData = columns.map(({ name, type, isRequired = false, isDistinct = false }) => ({
    name,
    type,
    nullable: !isRequired,
    data: predictions[name] as number[],
    ...(isDistinct && { encoding: 'PLAIN' as const }),
  }));
  return new Uint8Array(parquetWriteBuffer({ rowGroupSize, statistics, kvMetadata, columnData }));
}

const hasValue = (values: Values[string]): boolean => Array.from(values).some((value) => value !== null);
