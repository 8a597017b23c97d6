import {
  DataType as ArrowDataType,
  type DataType as ArrowType,
  Data,
  Field,
  FixedSizeList,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  Schema,
  Struct,
  tableFromIPC,
  Uint8,
  Uint16,
  Uint32,
  Utf8,
} from 'apache-arrow/Arrow';
import { packBools } from 'apache-arrow/util/bit';
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

/** The chips' windows of a raster, and their locations: eight numbers each, see `footprintOf`, NaN if not known. */
export type Windows = Rectangles & { footprint: Float64Array };

/**
 * For each chip, the area that is kept, in the chip's own pixels, and for each of these pixels, row by row, 1 if it holds
 * data or else 0, in as many bytes as a whole chip has pixels.
 */
export type Areas = Rectangles & { valid: Uint8Array };

const arrowTypes = {
  uint8: Uint8,
  int8: Int8,
  uint16: Uint16,
  int16: Int16,
  uint32: Uint32,
  int32: Int32,
  float32: Float32,
  float64: Float64,
} as const;

/**
 * Serialises a part, the first chips of arrays that may have room for more. Band columns have a prefix, because a band's name may equal that of
 * another column.
 */
export function encodePart(part: PreparedPart): Uint8Array {
  const { chips } = part;
  const integers = (data: Int32Array) => makeData({ type: new Int32(), length: chips, data: data.subarray(0, chips) });
  /** A column with the same number of values for each chip. */
  const lists = (type: ArrowType, values: Plane): Data => {
    const size = values.length / part.index.length;
    const data = values.subarray(0, chips * size);
    const child = makeData({ type, length: data.length, data } as Parameters<typeof makeData>[0]);
    const list = new FixedSizeList(size, new Field('value', type, false));
    return new Data<ArrowType>(list, 0, chips, 0, undefined, [child]);
  };
  const rectangles = (prefix: string, all: Rectangles) =>
    Object.fromEntries(RECTANGLE.map((name) => [prefix + name, integers(all[name])]));
  const carried = part.carried?.map(({ name, type, values }) => [CARRIED + name, nullableData(type, values)]) ?? [];
  const columns: Record<string, Data> = {
    index: integers(part.index),
    offset: makeData({ type: new Int64(), length: chips, data: part.offset.subarray(0, chips) }),
    length: integers(part.length),
    ...(part.window && rectangles(WINDOW_PREFIX, part.window)),
    ...(part.window && { [FOOTPRINT]: lists(new Float64(), part.window.footprint) }),
    ...(part.areas && rectangles(AREA_PREFIX, part.areas)),
    ...(part.areas && { [VALID]: lists(new Uint8(), part.areas.valid) }),
    truth: nullableData(part.truthType ?? 'INT32', part.truth),
    ...Object.fromEntries(carried),
    ...(part.predicted && { [PREDICTED]: nullableData('STRING', part.predicted) }),
  };
  for (const { name, dataType, values } of part.bands) columns[BAND + name] = lists(new arrowTypes[dataType](), values);
  const fields = Object.entries(columns).map(
    ([name, { type }]) => new Field<ArrowType>(name, type, name === 'truth' || name.startsWith(CARRIED)),
  );
  const struct = makeData({ type: new Struct(fields), length: chips, children: Object.values(columns) });
  const batch = new RecordBatch(new Schema(fields), struct as Data<Struct>);
  return RecordBatchFileWriter.writeAll([batch]).toUint8Array(true);
}

type Rectangles = Record<(typeof RECTANGLE)[number], Int32Array>;

function nullableData(type: Carried['type'] | TruthType, values: readonly CarriedValue[]): Data {
  const about = { length: values.length, nullBitmap: packBools(values.map((value) => value !== null)) };
  if (type === 'INT32') return makeData({ type: new Int32(), ...about, data: Int32Array.from(values, Number) });
  if (type === 'DOUBLE') return makeData({ type: new Float64(), ...about, data: Float64Array.from(values, Number) });
  const texts = values.map((value) => Buffer.from(String(value ?? '')));
  const valueOffsets = new Int32Array(values.length + 1);
  for (const [i, { length }] of texts.entries()) valueOffsets[i + 1] = valueOffsets[i]! + length;
  return makeData({ type: new Utf8(), ...about, valueOffsets, data: new Uint8Array(Buffer.concat(texts)) });
}

/**
 * Creates the arrays of a part with at most `chips` chips. For tasks that predict pixels, `areaPixels` is the number of pixels
 * per chip for which is kept whether they hold data; for others it is 0.
 */
export function makePartArrays(chips: number, bands: PreparedPart['bands'], areaPixels: number) {
  return {
    chips,
    index: new Int32Array(chips),
    offset: new BigInt64Array(chips),
    length: new Int32Array(chips),
    window: makeWindows(chips),
    ...(areaPixels > 0 && { areas: { ...makeRectangles(chips), valid: new Uint8Array(chips * areaPixels) } }),
    bands,
  };
}

export function makeWindows(chips: number): Windows {
  return { ...makeRectangles(chips), footprint: new Float64Array(chips * FOOTPRINT_NUMBERS) };
}

function makeRectangles(chips: number): Rectangles {
  const none = () => new Int32Array(chips);
  return { x: none(), y: none(), width: none(), height: none() };
}

/** Reads a part. Its arrays are views of `bytes`. */
export function decodePart(bytes: Uint8Array): PreparedPart {
  const { schema, batches } = tableFromIPC(bytes);
  const [batch] = batches;
  if (batch === undefined) throw new Error('a prepared part without a batch');
  const { numRows: chips } = batch;
  const column = (name: string) => batch.getChild(name)!.data[0]!;
  const carried = fieldsOf(schema, CARRIED).map(
    ({ name, type }): CarriedColumn => ({
      name: name.slice(CARRIED.length),
      type: ArrowDataType.isUtf8(type) ? 'STRING' : 'DOUBLE',
      values: [...batch.getChild(name)!],
    }),
  );
  const predicted = batch.getChild(PREDICTED);
  return {
    chips,
    // Arrow pads its buffers, so each array is cut to its contents.
    index: column('index').values.subarray(0, chips),
    offset: column('offset').values.subarray(0, chips),
    length: column('length').values.subarray(0, chips),
    ...windowsIn(batch, chips),
    truth: [...batch.getChild('truth')!],
    ...(carried.length > 0 && { carried }),
    ...(predicted && { predicted: [...predicted] }),
    bands: fieldsOf(schema, BAND).map(({ name, type }) => {
      const values = column(name).children[0]!.values.subarray(0, chips * type.listSize);
      return { name: name.slice(BAND.length), dataType: typeOf(values), values };
    }),
  };
}

const fieldsOf = ({ fields }: Schema, prefix: string) => fields.filter(({ name }) => name.startsWith(prefix));

function windowsIn(batch: RecordBatch, chips: number): { window?: Windows; areas?: Areas } {
  const [footprint, valid] = [FOOTPRINT, VALID].map((name) => {
    const data = batch.getChild(name)?.data[0];
    return data && data.children[0]!.values.subarray(0, chips * (data.type as FixedSizeList).listSize);
  });
  return {
    ...(footprint && { window: { ...rectanglesIn(WINDOW_PREFIX, batch, chips), footprint } }),
    ...(valid && { areas: { ...rectanglesIn(AREA_PREFIX, batch, chips), valid } }),
  };
}

function rectanglesIn(prefix: string, batch: RecordBatch, chips: number): Rectangles {
  const columns = RECTANGLE.map((name) => [name, batch.getChild(prefix + name)!.data[0]!.values.subarray(0, chips)]);
  return Object.fromEntries(columns) as Rectangles;
}

const WINDOW_PREFIX = 'window:';
const AREA_PREFIX = 'area:';
const [FOOTPRINT, VALID] = [`${WINDOW_PREFIX}footprint`, `${AREA_PREFIX}valid`];
const RECTANGLE = ['x', 'y', 'width', 'height'] as const;

const BAND = 'band:';
const CARRIED = 'carry:';
const PREDICTED = 'predicted';

const typeOf = (values: Plane): DataType => values.constructor.name.replace('Array', '').toLowerCase() as DataType;
