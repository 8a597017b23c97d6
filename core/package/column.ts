export type Column = {
  readonly name: string;
  readonly type: 'STRING' | 'INT32' | 'INT64' | 'FLOAT' | 'DOUBLE' | 'BYTE_ARRAY' | 'TIMESTAMP';
  /** Whether every chip has a value; otherwise null stands for none. */
  readonly isRequired?: true;
  /** Whether values hardly ever repeat, so that a dictionary is not worth trying. */
  readonly isDistinct?: true;
  /** Whether a shadow's files omit it when it has no value: all of its values are then null. */
  readonly isOptional?: true;
};

export type Values = { readonly [column: string]: ArrayLike<string | number | bigint | Uint8Array | Date | null> };

export function joined(columns: readonly Column[], pieces: readonly Values[]): Values {
  return Object.fromEntries(columns.map(({ name }) => [name, pieces.flatMap((piece) => Array.from(piece[name]!))]));
}
