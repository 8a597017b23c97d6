import * as arrow from '@uwdata/flechette';
import type { DataType, Plane } from '../arrays/dataTypes.ts';
import type { Carried, CarriedValue } from '../package/carry.ts';
import type { Truth } from '../package/task.ts';
import { FOOTPRINT_NUMBERS } from './raster/footprint.ts';

type TruthType = Truth['type'];

/**
 * A part of a run's prepared chips, stored as an Arrow IPC file: for each chip its place in the scene file and its truth,
 * and one column per band with the chip's values row by row. Arrow needs one copy to write and none to read; see
 * docs/decisions/0001-prepared-parts-are-arrow.md.
 */
export type PreparedPart = {
  chips: number;
  /** The chip's index in the scene file; blank chips are counted. */
  index: Int32Array;
  /** The chip's byte range in the scene file; both 0 if it is not a byte range. */
  offset: BigInt64Array;
  length: Int32Array;
  /** The chip's window of a raster; a width of 0 if it has none. Absent if no chip has one. */
  window?: Windows;
  /** For pixel models: which pixels the chip contributes to the map of its scene, and which of those hold data. */
  areas?: Areas;
  /** The truth that the file states; null if none. */
  truth: (number | null)[];
  /** The type of the truth; integers by default. */
  truthType?: TruthType;
  /** What predictions get of each chip beside what the model says, such as its name in an archive; absent if nothing. */
  carried?: CarriedColumn[];
  /** The predictions that the chips come with, as JSON; absent if a model is to be run on them. */
  predicted?: string[];
  /** For each band of the model, the values of chip 0, of chip 1, …; empty if the chips come with their predictions. */
  bands: { name: string; dataType: DataType; values: Plane }[];
};

export type CarriedColumn = Carried & { values: CarriedValue[] };

/** The chips' windows of a raster, their locations: eight numbers each, see `footprintOf`, and their land; NaN if not known. */
export type Windows = Rectangles & { footprint: Float64Array; hectares: Float64Array };

/**
 * For each chip, the area that is kept, in the chip's own pixels, and for each of these pixels, row by row, 1 if it holds
 * data or else 0, in as many bytes as a whole chip has pixels.
 */
export type Areas = Rectangles & { valid: Uint8Array };

const arrowTypes: Record<DataType, () => arrow.DataType> = {
  uint8: arrow.uint8,
  int8: arrow.int8,
  uint16: arrow.uint16,
  int16: arrow.int16,
  uint32: arrow.uint32,
  int32: arrow.int32,
  float32: arrow.float32,
  float64: arrow.float64,
};

/** Serialises a part: the first chips of arrays with room for more. Bands' columns have a prefix, as a band may be called like another column. */
export function encodePart(part: PreparedPart): Uint8Array {
  const { chips } = part;
  const plain = (type: arrow.DataType, values: Plane | BigInt64Array) =>
    batch({ type, length: chips, values: values.subarray(0, chips) });
  /** A column with the same number of values for each chip. */
  const lists = (type: arrow.DataType, values: Plane) => {
    const size = values.length / part.index.length;
    const child = batch({ type, length: chips * size, values: values.subarray(0, chips * size) });
    return batch({
      type: arrow.fixedSizeList(arrow.field('value', type, false), size),
      length: chips,
      children: [child],
    });
  };
  const rectangles = (prefix: string, all: Rectangles) =>
    Object.fromEntries(RECTANGLE.map((name) => [prefix + name, plain(arrow.int32(), all[name])]));
  const carried = part.carried?.map(({ name, type, values }) => [CARRIED + name, nullable(type, values)]) ?? [];
  const columns: Record<string, arrow.Batch<unknown>> = {
    index: plain(arrow.int32(), part.index),
    offset: plain(arrow.int64(), part.offset),
    length: plain(arrow.int32(), part.length),
    ...(part.window && rectangles(WINDOW_PREFIX, part.window)),
    ...(part.window && { [FOOTPRINT]: lists(arrow.float64(), part.window.footprint) }),
    ...(part.window && { [HECTARES]: plain(arrow.float64(), part.window.hectares) }),
    ...(part.areas && rectangles(AREA_PREFIX, part.areas)),
    ...(part.areas && { [VALID]: lists(arrow.uint8(), part.areas.valid) }),
    truth: nullable(part.truthType ?? 'INT32', part.truth),
    ...Object.fromEntries(carried),
    ...(part.predicted && { [PREDICTED]: nullable('STRING', part.predicted) }),
  };
  for (const { name, dataType, values } of part.bands) columns[BAND + name] = lists(arrowTypes[dataType](), values);
  const fields = Object.entries(columns).map(([name, { type }]) =>
    arrow.field(name, type, name === 'truth' || name.startsWith(CARRIED)),
  );
  const stored = Object.values(columns).map((column) => new arrow.Column([column]));
  return arrow.tableToIPC(new arrow.Table({ version: arrow.Version.V5, fields, metadata: null }, stored), {
    format: 'file',
  })!;
}

type Rectangles = Record<(typeof RECTANGLE)[number], Int32Array>;
type BatchOptions = ConstructorParameters<typeof arrow.Batch>[0];

/** Without nulls, unless the options say so. */
const batch = (options: Omit<BatchOptions, 'nullCount'> & { nullCount?: number }): arrow.Batch<unknown> =>
  new arrow.Batch({ nullCount: 0, validity: new Uint8Array(), ...options });

function nullable(type: Carried['type'] | TruthType, values: readonly CarriedValue[]): arrow.Batch<unknown> {
  const { length } = values;
  const validity = new Uint8Array(Math.ceil(length / 8));
  for (const [i, value] of values.entries()) if (value !== null) validity[i >> 3]! |= 1 << (i & 7);
  const about = { length, nullCount: values.filter((value) => value === null).length, validity };
  if (type === 'INT32') return batch({ type: arrow.int32(), ...about, values: Int32Array.from(values, Number) });
  if (type === 'DOUBLE') return batch({ type: arrow.float64(), ...about, values: Float64Array.from(values, Number) });
  const texts = values.map((value) => Buffer.from(String(value ?? '')));
  const offsets = new Int32Array(length + 1);
  for (const [i, text] of texts.entries()) offsets[i + 1] = offsets[i]! + text.length;
  return batch({ type: arrow.utf8(), ...about, offsets, values: Buffer.concat(texts) });
}

/**
 * Creates the arrays of a part with at most `chips` chips. For tasks that predict pixels, `areaPixels` is the number of pixels
 * per chip for which is kept whether they hold data; for others it is 0.
 */
export const makePartArrays = (chips: number, bands: PreparedPart['bands'], areaPixels: number) => ({
  chips,
  index: new Int32Array(chips),
  offset: new BigInt64Array(chips),
  length: new Int32Array(chips),
  window: makeWindows(chips),
  ...(areaPixels > 0 && { areas: { ...makeRectangles(chips), valid: new Uint8Array(chips * areaPixels) } }),
  bands,
});

export function makeWindows(chips: number): Windows {
  return {
    ...makeRectangles(chips),
    footprint: new Float64Array(chips * FOOTPRINT_NUMBERS),
    hectares: new Float64Array(chips),
  };
}

function makeRectangles(chips: number): Rectangles {
  const none = () => new Int32Array(chips);
  return { x: none(), y: none(), width: none(), height: none() };
}

/** Reads a part. Its arrays are views of `bytes`, or of a copy where their numbers would not be aligned in memory. */
export function decodePart(bytes: Uint8Array): PreparedPart {
  const table = arrow.tableFromIPC(bytes.byteOffset % 8 === 0 ? bytes : bytes.slice());
  const column = (name: string) => table.getChild(name)?.data[0];
  /** A column's numbers, of fixed-size lists those of all its chips. */
  const numbers = (name: string) => {
    const found = column(name);
    return (found?.children?.[0] ?? found)?.values as Plane | undefined;
  };
  const rectangles = (prefix: string) =>
    Object.fromEntries(RECTANGLE.map((name) => [name, numbers(prefix + name)])) as Rectangles;
  const withPrefix = (prefix: string) => table.names.map(String).filter((name) => name.startsWith(prefix));
  const carried = withPrefix(CARRIED).map<CarriedColumn>((name) => ({
    name: name.slice(CARRIED.length),
    type: column(name)!.type.typeId === arrow.Type.Utf8 ? 'STRING' : 'DOUBLE',
    values: [...table.getChild(name)],
  }));
  const predicted = table.getChild(PREDICTED);
  const footprint = numbers(FOOTPRINT) as Float64Array | undefined;
  const hectares = numbers(HECTARES) as Float64Array;
  const valid = numbers(VALID) as Uint8Array | undefined;
  return {
    chips: table.numRows,
    index: numbers('index') as Int32Array,
    offset: column('offset')!.values as BigInt64Array,
    length: numbers('length') as Int32Array,
    ...(footprint && { window: { ...rectangles(WINDOW_PREFIX), footprint, hectares } }),
    ...(valid && { areas: { ...rectangles(AREA_PREFIX), valid } }),
    truth: [...table.getChild('truth')],
    ...(carried.length > 0 && { carried }),
    ...(predicted && { predicted: [...predicted] }),
    bands: withPrefix(BAND).map((name) => {
      const values = numbers(name)!;
      return { name: name.slice(BAND.length), dataType: typeOf(values), values };
    }),
  };
}

const WINDOW_PREFIX = 'window:';
const AREA_PREFIX = 'area:';
const [FOOTPRINT, HECTARES, VALID] = [`${WINDOW_PREFIX}footprint`, `${WINDOW_PREFIX}hectares`, `${AREA_PREFIX}valid`];
export const RECTANGLE = ['x', 'y', 'width', 'height'] as const;

const BAND = 'band:';
const CARRIED = 'carry:';
const PREDICTED = 'predicted';

const typeOf = (values: Plane): DataType => values.constructor.name.replace('Array', '').toLowerCase() as DataType;
