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
