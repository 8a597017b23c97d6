import type {
  BatchGetCommandInput,
  BatchGetCommandOutput,
  DeleteCommandInput,
  DeleteCommandOutput,
  GetCommandInput,
  GetCommandOutput,
  PutCommandInput,
  PutCommandOutput,
  QueryCommandInput,
  QueryCommandOutput,
  UpdateCommandInput,
  UpdateCommandOutput,
} from '@aws-sdk/lib-dynamodb';

/**
 * What the service asks of its tables: an operation is a right that somebody's role must have. Whoever reads or writes rows
 * says by its type which of them it takes, so a function cannot be put together with one that its handler does not name.
 */
export type Table = {
  get: (input: GetCommandInput) => Promise<GetCommandOutput>;
  batchGet: (input: BatchGetCommandInput) => Promise<BatchGetCommandOutput>;
  query: (input: QueryCommandInput) => Promise<QueryCommandOutput>;
  put: (input: PutCommandInput) => Promise<PutCommandOutput>;
  update: (input: UpdateCommandInput) => Promise<UpdateCommandOutput>;
  delete: (input: DeleteCommandInput) => Promise<DeleteCommandOutput>;
};

/** A table with some operations and no others. */
export type TableWith<Operation extends keyof Table> = Pick<Table, Operation>;

/** The answers to a query, a page at a time. */
export async function* queryPages(
  table: TableWith<'query'>,
  request: QueryCommandInput,
): AsyncGenerator<QueryCommandOutput, void, void> {
  let ExclusiveStartKey: QueryCommandInput['ExclusiveStartKey'];
  do {
    const page = await table.query({ ...request, ExclusiveStartKey });
    yield page;
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
}
