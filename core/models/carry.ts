/** A named feature or column that is passed through to the predictions, as a text or as a number. */
export type Carried = { readonly name: string; readonly type: 'STRING' | 'DOUBLE' };
/** What a chip has of one. */
export type CarriedValue = string | number | null;

/** Columns that predictions have whatever the task, and the folders that their files lie in, which are columns to many readers. */
export const RESERVED: readonly string[] = [
  ...['chip_id', 'index', 'offset', 'length', 'x', 'y', 'width', 'height', 'geometry', 'member'],
  ...['request_id', 'truth', 'digest', 'scene', 'run', 'model', 'version', 'date'],
];

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
