import type { CreatePartitionCommand } from '@aws-sdk/client-glue';
import { makeKept } from '../core/base/concurrency/keepPromise.ts';
import { insteadOf, onError, TransientTrouble } from '../core/base/errors.ts';
import { lazily } from '../core/base/lazily.ts';
import { athenaColumns, parquetStorage } from '../core/tables/catalogue.ts';
import { partitionPrefix, type RegisterPartition } from '../core/tables/table.ts';
import { patience } from './patience.ts';

/** What Glue calls its own trouble, though it has the status of a caller's. */
const TROUBLE = ['OperationTimeoutException', 'ConcurrentModificationException'];

const noneToAdd = onError('AlreadyExistsException', () => {});
const worthARetry = insteadOf(TROUBLE, (cause) => new TransientTrouble(`${cause.name}: ${cause.message}`, { cause }));

/** Loaded with the first partition: many containers register none. */
const sdk = lazily(() => import('./glueClient.ts'));

type Glue = { send(command: CreatePartitionCommand): Promise<unknown> };

/** Registers partitions in a Glue database, if there is one, each once in a container; the client is made when needed. */
export function registerPartitionIn(
  database: string,
  bucket: string,
  clientOf: () => Glue | Promise<Glue> = lazily(async () => new (await sdk()).GlueClient(patience)),
): RegisterPartition {
  if (database === '') return async () => {};
  const once = makeKept<void>(Infinity);

  return (table, values) => {
    const prefix = partitionPrefix(table, values);
    return once(prefix, async () => {
      const command = new (await sdk()).CreatePartitionCommand({
        DatabaseName: database,
        TableName: table.name,
        PartitionInput: {
          Values: [...values],
          StorageDescriptor: { ...parquetStorage, Columns: athenaColumns(table), Location: `s3://${bucket}/${prefix}` },
        },
      });
      const client = await clientOf();
      await client.send(command).catch(noneToAdd).catch(worthARetry);
    });
  };
}
