type Numbers = Record<'INT32' | 'FLOAT' | 'DOUBLE', number>;
type Held = Numbers & { STRING: string; INT64: bigint; BYTE_ARRAY: Uint8Array; TIMESTAMP: Date };

export type Column = {
  readonly name: string;
  readonly type: keyof Held;
  /** Whether every chip has a value; otherwise null stands for none. */
  readonly isRequired?: true;
  /** Whether values hardly ever repeat, so that a dictionary is not worth trying. */
  readonly isDistinct?: true;
  /** Whether a shadow's files omit it when it has no value: all of its values are then null. */
  readonly isOptional?: true;
};

export type Values = { readonly [column: string]: ArrayLike<string | number | bigint | Uint8Array | Date | null> };

/** What chips have in columns whose names and types are literal. */
export type ValuesOf<Columns extends readonly Column[]> = {
  readonly [C in Columns[number] as C['name']]: ArrayLike<
    Held[C['type']] | (C extends { isRequired: true } ? never : null)
  >;
};

export const joined = (columns: readonly Column[], pieces: readonly Values[]): Values =>
  Object.fromEntries(columns.map(({ name }) => [name, pieces.flatMap((piece) => Array.from(piece[name]!))]));

export type Carried = { readonly name: string; readonly type: 'STRING' | 'DOUBLE' };
export type CarriedValue = string | number | null;

/** A chip's name in the archive or request that the file is, and the id of the request that it came in. */
export const MEMBER = [
  { name: 'member', type: 'STRING', isOptional: true, isDistinct: true },
  { name: 'request_id', type: 'STRING', isOptional: true },
] as const satisfies readonly (Carried & Column)[];

/** The one or two records of features that a chip was made of, for packages that name a group of such. */
export const RECORDS = ['', 'second_'].flatMap((which) =>
  ['id', 'time', 'version'].map((of) => ({ name: `${which}feature_${of}`, type: 'STRING' }) satisfies Carried),
);

/** The share of the chip that clouds hide, for packages with a mask. */
export const MASKED: Carried = { name: 'masked', type: 'DOUBLE' };

type Carrying = { carry?: readonly Carried[]; mask?: unknown; features?: unknown };

/** Returns what predictions have beside what the task says. */
export const carriedBy = ({ carry = [], mask, features }: Carrying): readonly Carried[] => [
  ...(features === undefined ? [] : RECORDS),
  ...(mask === undefined ? [] : [MASKED]),
  ...carry,
];

/** Names that some task's predictions have as columns or folders: SQL reads all models as one table, with one type a column. */
const RESERVED: readonly string[] = [
  ...['chip_id', 'index', 'offset', 'length', 'x', 'y', 'width', 'height', 'geometry', 'hectares'],
  ...[...MEMBER, ...RECORDS].map(({ name }) => name),
  ...['acquired', MASKED.name],
  ...['truth', 'true_value', 'digest', 'scene', 'run', 'model', 'version', 'date', 'set', 'top_label'],
  ...['label', 'class', 'probability', 'labels', 'label_count', 'certainty', 'value', 'minimum', 'maximum', 'pixels'],
];
const OF_A_CLASS = /^(p|share)_(minus_)?\d+$/;

/** Returns whether predictions have a column of that name. SQL ignores case. */
export function isReserved(name: string): boolean {
  const lower = name.toLowerCase();
  return RESERVED.includes(lower) || OF_A_CLASS.test(lower);
}

const LONGITUDES = ['lon', 'longitude'];
const LATITUDES = ['lat', 'latitude'];

/** Coordinates are numbers; everything else is text unless the package says otherwise. */
export function carriedAs({ name, data_type: type }: { name: string; data_type?: 'string' | 'float64' | undefined }) {
  const isCoordinate = [...LONGITUDES, ...LATITUDES].includes(name.toLowerCase());
  const isNumber = type === undefined ? isCoordinate : type === 'float64';
  return { name, type: isNumber ? 'DOUBLE' : 'STRING' } satisfies Carried;
}

/** Returns which of them are a WGS84 longitude and latitude; null unless both are there. */
export function coordinatesIn(carry: readonly Carried[]): { longitude: string; latitude: string } | null {
  const named = (names: readonly string[]) =>
    carry.find(({ name, type }) => type === 'DOUBLE' && names.includes(name.toLowerCase()))?.name;
  const [longitude, latitude] = [named(LONGITUDES), named(LATITUDES)];
  return longitude === undefined || latitude === undefined ? null : { longitude, latitude };
}
