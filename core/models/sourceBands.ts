import { MAX_BANDS } from '../limits.ts';
import type { DataType } from './dataTypes.ts';
import type { ModelItem } from './item.ts';

type Properties = ModelItem['properties'];
type Input = Properties['mlm:input'][0];

/** A band of the scene files, as an item tells of it. */
export type ToldBand = { name: string; dataType: DataType; commonName: string | null };

/**
 * The bands of the scene files, in their order there: those that the item lists, or, where neither it nor its input names
 * any, as many as the input takes: `f0`, `f1`… of rows of numbers, `b0`, `b1`… of pictures.
 */
export function sourceBandsOf(properties: Properties, input: Input): readonly ToldBand[] {
  const { bands } = properties;
  if (bands !== undefined)
    return bands.map(({ name, data_type: dataType, 'eo:common_name': commonName }) => ({
      name,
      dataType,
      commonName: commonName ?? null,
    }));
  const { shape, dim_order: order } = input.input;
  const others = ['batch', 'height', 'width'];
  const count = shape[order.findIndex((name) => !others.includes(name))] ?? 0;
  const letter = order.length === 2 ? 'f' : 'b';
  return Array.from({ length: Math.min(Math.max(count, 0), MAX_BANDS) }, (_, i) => ({
    name: `${letter}${i}`,
    dataType: 'float32',
    commonName: null,
  }));
}
