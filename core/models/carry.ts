/** A named feature or column that is passed through to the predictions, as a text or as a number. */
export type Carried = { readonly name: string; readonly type: 'STRING' | 'DOUBLE' };
/** What a chip has of one. */
export type CarriedValue = string | number | null;

/**
 * Columns that predictions of some task have, and the folders that their files lie in, which are columns to many readers: the
 * files of all models are one table to SQL, where a column has one type.
 */
const RESERVED: readonly string[] = [
  ...['chip_id', 'index', 'offset', 'length', 'x', 'y', 'width', 'height', 'geometry', 'member'],
  ...['truth', 'true_value', 'digest', 'scene', 'run', 'request_id', 'model', 'version', 'date'],
  ...['label', 'class', 'probability', 'labels', 'label_count', 'certainty', 'value', 'minimum', 'maximum', 'pixels'],
];
const OF_A_CLASS = /^(p|share)_(minus_)?\d+$/;

/** Whether a column of predictions has that name, in whatever letters: SQL knows no difference. */
export function isReserved(name: string): boolean {
  const lower = name.toLowerCase();
  return RESERVED.includes(lower) || OF_A_CLASS.test(lower);
}

const LONGITUDES = ['lon', 'longitude'];
const LATITUDES = ['lat', 'latitude'];

/** What a package passes through, in its order. */
export function carriedBy({ carry = [] }: { readonly carry?: readonly Carried[] }): readonly Carried[] {
  return carry;
}

/** Coordinates are numbers, whatever else is a text unless the package says so. */
export function carriedAs({
  name,
  data_type: type,
}: {
  name: string;
  data_type?: 'string' | 'float64' | undefined;
}): Carried {
  const isNumber = type === undefined ? isCoordinate(name) : type === 'float64';
  return { name, type: isNumber ? 'DOUBLE' : 'STRING' };
}

/** Which of them are a longitude and a latitude of WGS84; null where not both are there. */
export function coordinatesIn(carry: readonly Carried[]): { longitude: string; latitude: string } | null {
  const named = (names: readonly string[]) =>
    carry.find(({ name, type }) => type === 'DOUBLE' && names.includes(name.toLowerCase()))?.name;
  const [longitude, latitude] = [named(LONGITUDES), named(LATITUDES)];
  return longitude === undefined || latitude === undefined ? null : { longitude, latitude };
}

function isCoordinate(name: string): boolean {
  return [...LONGITUDES, ...LATITUDES].includes(name.toLowerCase());
}
