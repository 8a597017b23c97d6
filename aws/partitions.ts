import { AlreadyExistsException, CreatePartitionCommand, GlueClient } from '@aws-sdk/client-glue';
import { makeKept } from '../core/base/concurrency/keepPromise.ts';
import { TransientTrouble } from '../core/base/errors.ts';
import { lazily } from '../core/base/lazily.ts';
import { athenaColumns, parquetStorage } from '../core/tables/catalogue.ts';
import { partitionPrefix, type RegisterPartition } from '../core/tables/table.ts';
import { patience } from './patience.ts';

/** What Glue calls its own trouble, though it has the status of a caller's. */
const TROUBLE = ['OperationTimeoutException', 'ConcurrentModificationException'];

/** As much of Glue's client as it takes. */
type Glue = { send(command: CreatePartitionCommand): Promise<unknown> };

/**
 * Registers partitions in a database of Glue's catalogue, each once in a container; nothing without a database. The client is
 * made when the first one is registered.
 */
export function registerPartitionIn(
  database: string,
  bucket: string,
  clientOf: () => Glue = lazily(() => new GlueClient(patience)),
): RegisterPartition {
  if (database === '') return async () => {};
  const once = makeKept<void>(Infinity);

  return (table, values) => {
    const prefix = partitionPrefix(table, values);
    return once(prefix, register);

    async function register(): Promise<void> {
      try {
        await clientOf().send(
          new CreatePartitionCommand({
            DatabaseName: database,
            TableName: table.name,
            PartitionInput: {
              Values: [...values],
              StorageDescriptor: {
                ...parquetStorage,
                Columns: athenaColumns(table),
                Location: `s3://${bucket}/${prefix}`,
              },
            },
          }),
        );
      } catch (error) {
        if (error instanceof AlreadyExistsException) return;
        if (error instanceof Error && TROUBLE.includes(error.name))
          throw new TransientTrouble(`${error.name}: ${error.message}`, { cause: error });
        throw error;
      }
    }
  };
}
