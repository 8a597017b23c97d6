import { cited } from '../shared/cited.ts';
import { InvalidSceneFile } from '../shared/errors.ts';
import { makeSourceReader } from '../shared/model/bands.ts';
import type { Plane } from '../shared/model/dataTypes.ts';
import type { ModelPackage, SourceBand } from '../shared/model/package.ts';
import { type Feature, parseExample } from './example.ts';
import type { TfRecord } from './tfrecord.ts';

/** What a record says of one chip: its bands' values in the order of the package's source bands, and its truth. */
export type Chip = { planes: Plane[]; truth: number | null };

/** Makes the reader of a record as the package describes it: which features are bands, and which is the truth. */
export function makeChipReader(model: ModelPackage): (record: TfRecord) => Chip {
  const { bands } = model.source;
  const readPlanes = makeSourceReader(model);
  return (record) => {
    const features = parseExample(record);
    const where = () => placeOf(record);
    const bytes = bands.map((band) => bandBytes(band, features, where));
    return { planes: readPlanes(bytes, where), truth: readTruth(model, features, where) };
  };
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

function placeOf({ file, index, offset }: TfRecord): string {
  return `${file}: record ${index} at byte ${offset}`;
}
