import { bytesPerValue, type Plane } from '../../../arrays/dataTypes.ts';
import { cited, InvalidSceneFile, listed } from '../../../base/errors.ts';
import { makeSourceReader, storedIn } from '../../../package/bands.ts';
import type { Carried, CarriedValue } from '../../../package/carry.ts';
import type { SourceBand } from '../../../package/facts.ts';
import type { Chip, ModelPackage, Place } from '../../../package/package.ts';
import { carriedText } from '../../carriedText.ts';
import { narrowed } from '../../lossless.ts';
import { type Feature, parseExample } from './example.ts';
import type { TfRecord } from './tfrecord.ts';

/** Makes the reader of a record as the package describes it: which features are bands, and which is the truth. */
export function makeChipReader(model: ModelPackage): (record: TfRecord) => Chip {
  const readPlanes = makeSourceReader(model);
  const { bands } = storedIn(model.source);
  const readTruth = makeTruthReader(model);
  const { carry = [] } = model;
  return (record) => {
    const features = parseExample(record);
    const where = () => `${record.file}: record ${record.index} at byte ${record.offset}`;
    const bytes = bands.map((band) => bandBytes(band, features, where));
    const chip = { place: placeOf(record), planes: readPlanes(bytes, where), truth: readTruth(features, where) };
    if (carry.length === 0) return chip;
    return { ...chip, carried: carry.map((one) => carriedValue(one, features.get(one.name), where)) };
  };
}

function bandBytes(band: SourceBand, features: Map<string, Feature>, where: () => string): Uint8Array {
  const { name } = band;
  const feature = features.get(name);
  if (feature === undefined)
    throw new InvalidSceneFile(`${where()}: band ${name} is missing; the record has ${namesOf(features)}`);
  if (feature.kind === 'none')
    throw new InvalidSceneFile(
      `${where()}: band ${name}: found no value, allowed is one value of bytes, or a list of its values`,
    );
  if (feature.kind !== 'bytes') {
    const { buffer, byteOffset, byteLength } = listedBand(band, feature.values, where);
    return new Uint8Array(buffer, byteOffset, byteLength);
  }
  const [value, ...more] = feature.values;
  if (value === undefined || more.length > 0)
    throw new InvalidSceneFile(
      `${where()}: band ${name}: found ${feature.values.length} bytes values, allowed is one value of bytes`,
    );
  return value;
}

/** The values of a feature that is a list of numbers, as Earth Engine exports a band. */
type Listed = Float32Array | BigInt64Array;

/**
 * Converts a list of numbers to a band's values, row by row, without rounding. If the list's type may not fit the
 * package's, such as floats for uint8, each value is checked.
 * @throws {InvalidSceneFile} for a list that is too short or too long, and for the first value that the package's type does
 *   not hold; the message begins with `where`
 */
function listedBand({ name, dataType, bytesPerChip }: SourceBand, values: Listed, where: () => string): Plane {
  const count = bytesPerChip / bytesPerValue(dataType);
  const kind = values instanceof Float32Array ? 'float' : 'int64';
  if (values.length !== count)
    throw new InvalidSceneFile(
      `${where()}: band ${name}: found ${values.length} ${kind} values, allowed are ${count}, or one value of bytes`,
    );
  if (kind === 'float' && dataType === 'float32') return values as Float32Array;
  if (kind === 'float' && dataType === 'float64') return Float64Array.from(values as Float32Array);
  return narrowed(values, dataType, (i) => `${where()}: band ${name}: found ${values[i]} as its value ${i}`);
}

/** A feature may have a name of any length. */
const NAME_LETTERS = 40;

function namesOf(features: Map<string, Feature>): string {
  const names = [...features.keys()].map((name) => JSON.stringify(name.slice(0, NAME_LETTERS)));
  return names.length === 0 ? 'no feature at all' : cited(listed(names));
}

/** Makes the reader of the feature that the package names as truth; it returns null if a record has none. */
function makeTruthReader(model: ModelPackage) {
  const { truth: name } = model;
  const { type, allowed } = model.task.truth;
  const { has, words } = allowed(model);
  const kinds = type === 'INT32' ? ['int64'] : ['float', 'int64'];
  return (features: Map<string, Feature>, where: () => string): number | null => {
    const feature = name === null ? undefined : features.get(name);
    if (feature === undefined || feature.kind === 'none' || feature.values.length === 0) return null;
    const { kind, values } = feature;
    if (!kinds.includes(kind) || values.length !== 1)
      throw new InvalidSceneFile(
        `${where()}: ${name}: found ${values.length} ${kind} value${values.length === 1 ? '' : 's'}, allowed is ${words}`,
      );
    const truth = Number(values[0]);
    if (!has(truth)) throw new InvalidSceneFile(`${where()}: ${name}: found ${values[0]}, allowed is ${words}`);
    return truth;
  };
}

const utf8 = new TextDecoder();

/**
 * Returns the value of a feature that is passed through: null if the record does not have it, or it has no value.
 * @throws {InvalidSceneFile} for several values, for a text that is too long, or is no number where one is expected
 */
function carriedValue(one: Carried, feature: Feature | undefined, where: () => string): CarriedValue {
  if (feature === undefined || feature.kind === 'none') return null;
  const [value, ...more] = feature.values;
  if (value === undefined) return null;
  if (more.length > 0)
    throw new InvalidSceneFile(
      `${where()}: ${one.name}: found ${feature.values.length} ${feature.kind} values, allowed is one, as it is passed through`,
    );
  if (typeof value === 'number' && one.type === 'DOUBLE') return value;
  return carriedText(one, typeof value === 'object' ? utf8.decode(value) : String(value), where);
}

const placeOf = ({ index, offset, length }: TfRecord): Place => ({ index, kind: 'bytes', offset, length });
