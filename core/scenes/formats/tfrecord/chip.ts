import { cited } from '../../../cited.ts';
import { InvalidSceneFile } from '../../../errors.ts';
import { makeSourceReader } from '../../../models/bands.ts';
import { type Plane, planeOver } from '../../../models/dataTypes.ts';
import type { ModelPackage, SourceBand } from '../../../models/package.ts';
import type { Chip, Place } from '../../chip.ts';
import { type Feature, parseExample, type Span, type ValuePlaces } from './example.ts';
import { layoutOf } from './recordLayout.ts';
import type { TfRecord } from './tfrecord.ts';

/**
 * Makes the reader of a record as the package describes it: which features are bands, and which is the truth. Most
 * records of a file have the layout of the one before: in these, nothing but their values is looked for again.
 */
export function makeChipReader(model: ModelPackage): (record: TfRecord) => Chip {
  const readAny = makeFullReader(model);
  let readAlike: ReadAlike = () => undefined;
  return (record) => {
    const found = readAlike(record);
    if (found !== undefined) return found;
    const places: ValuePlaces = { all: [], ofFeature: new Map() };
    const chip = readAny(record, places);
    readAlike = likeRecord(record.bytes, model, places);
    return chip;
  };
}

/** Parses every record from its first byte to its last. */
export function makeFullReader(model: ModelPackage): (record: TfRecord, places?: ValuePlaces) => Chip {
  const { bands } = model.source;
  const readPlanes = makeSourceReader(model);
  return (record, places) => {
    const features = parseExample(record, places);
    const where = () => `${record.file}: record ${record.index} at byte ${record.offset}`;
    const bytes = bands.map((band) => bandBytes(band, features, where));
    return { place: placeOf(record), planes: readPlanes(bytes, where), truth: readTruth(model, features, where) };
  };
}

/** Reads a record that is laid out like one that has been read; undefined where another is, or its truth is none that is allowed. */
type ReadAlike = (record: TfRecord) => Chip | undefined;

function likeRecord(
  known: Uint8Array,
  { source, truth, classes }: ModelPackage,
  { all, ofFeature }: ValuePlaces,
): ReadAlike {
  const nothing: ReadAlike = () => undefined;
  const spans = source.bands.map(({ name }) => ofFeature.get(name) ?? []);
  const truths = (truth === null ? undefined : ofFeature.get(truth)) ?? [];
  // A list in several pieces is for the full reader: nobody writes an image's values, or a label, like that.
  if (truths.length > 1 || spans.some(({ length }) => length !== 1)) return nothing;
  const fits = layoutOf(known, { all, ofFeature });
  if (fits === null) return nothing;
  const bands = source.bands.map(({ dataType }, i) => ({ dataType, ...spans[i]![0]! }));
  const [truthAt] = truths;
  const values = new Set(classes.map(({ value }) => value));
  return (record) => {
    const { bytes } = record;
    if (!fits(bytes)) return undefined;
    const label = truthAt === undefined || truthAt.start === truthAt.end ? null : integerAt(bytes, truthAt);
    if (label !== null && !values.has(label)) return undefined;
    const planes: Plane[] = new Array(bands.length);
    for (let i = 0; i < bands.length; i++) {
      const { dataType, start, end } = bands[i]!;
      const values = new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);
      planes[i] = dataType === 'uint8' ? values : planeOver(dataType, values);
    }
    return { place: placeOf(record), planes, truth: label };
  };
}

/** The varint that takes this span, as a signed number of 64 bits. */
function integerAt(bytes: Uint8Array, { start, end }: Span): number {
  if (end - start === 1) return bytes[start]!;
  let value = 0n;
  for (let at = end - 1; at >= start; at--) value = (value << 7n) | BigInt(bytes[at]! & 0x7f);
  return Number(BigInt.asIntN(64, value));
}

function bandBytes({ name, dataType }: SourceBand, features: Map<string, Feature>, where: () => string): Uint8Array {
  const feature = features.get(name);
  if (feature === undefined)
    throw new InvalidSceneFile(`${where()}: band ${name} is missing; the record has ${namesOf(features)}`);
  if (feature.kind === 'none')
    throw new InvalidSceneFile(`${where()}: band ${name}: found no value, allowed is one value of bytes`);
  if (feature.kind === 'float' && dataType === 'float32')
    return new Uint8Array(feature.values.buffer, feature.values.byteOffset, feature.values.byteLength);
  const [value] = feature.values;
  if (feature.kind !== 'bytes' || feature.values.length !== 1 || !(value instanceof Uint8Array))
    throw new InvalidSceneFile(
      `${where()}: band ${name}: found ${feature.values.length} ${feature.kind} values, allowed is one value of bytes`,
    );
  return value;
}

/** A record may have any number of features, with names of any length. */
const NAMES_SHOWN = 20;
const NAME_LETTERS = 40;

function namesOf(features: Map<string, Feature>): string {
  const names = [...features.keys()].map((name) => JSON.stringify(name.slice(0, NAME_LETTERS)));
  if (names.length === 0) return 'no feature at all';
  const more = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : '';
  return cited(names.slice(0, NAMES_SHOWN).join(', ')) + more;
}

/** The class value of the feature that the package names as truth; null where the record has none. */
function readTruth(
  { truth: name, classes }: ModelPackage,
  features: Map<string, Feature>,
  where: () => string,
): number | null {
  const feature = name === null ? undefined : features.get(name);
  if (feature === undefined || feature.kind === 'none' || feature.values.length === 0) return null;
  const allowed = () => `allowed is one integer of ${classes.map(({ value }) => value).join(', ')}`;
  if (feature.kind !== 'int64' || feature.values.length !== 1)
    throw new InvalidSceneFile(
      `${where()}: ${name}: found ${feature.values.length} ${feature.kind} value${feature.values.length === 1 ? '' : 's'}, ${allowed()}`,
    );
  const truth = Number(feature.values[0]);
  if (!classes.some(({ value }) => value === truth))
    throw new InvalidSceneFile(`${where()}: ${name}: found ${feature.values[0]}, ${allowed()}`);
  return truth;
}

function placeOf({ index, offset, length }: TfRecord): Place {
  return { index, kind: 'bytes', offset, length };
}
