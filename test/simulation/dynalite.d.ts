declare module 'dynalite/validations/index.js' {
  /** A path into an item, a value of the request, or an operation on such. */
  type Operand = (string | number)[] | { type?: string; name?: string; args?: Operand[]; [other: string]: unknown };
  type Section = { type: string; path: (string | number)[]; val?: Operand };
  type Request = Record<string, unknown> & {
    _updates?: { sections: Section[] };
    _condition?: { expression: Operand };
    _keyCondition?: { expression: Operand };
    _projection?: { paths: (string | number)[][] };
  };
  const validations: {
    /** Puts each expression into the request as it was parsed; answers what is wrong with them, if anything is. */
    validateExpressions: (request: Request) => string | undefined;
  };

  export type { Operand, Request, Section };
  export default validations;
}

declare module 'dynalite/db/index.js' {
  type Done<Result> = (error: Error | null, result?: Result) => void;
  type Store = {
    getTable: (name: string, done: Done<object>) => void;
    tableDb: { put: (name: string, table: object, done: Done<void>) => void };
    db: { close: (done: Done<void>) => void };
  };
  const database: {
    create: (options: { path: string }) => Store;
    updateIndexes: (store: Store, table: unknown, former: unknown, item: unknown, done: Done<void>) => void;
  };
  export default database;
}
