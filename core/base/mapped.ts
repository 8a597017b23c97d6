/** Returns what is made of each member of a record, by the same names. */
export const mapped = <Of, To>(record: Readonly<Record<string, Of>>, to: (one: Of, name: string) => To) =>
  Object.fromEntries(Object.entries(record).map(([name, one]) => [name, to(one, name)]));
