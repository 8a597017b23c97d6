import { hash } from 'node:crypto';
import * as z from 'zod';
import { inOrder, slices } from '../../core/base/concurrency/inOrder.ts';
import { jsonIn } from '../../core/base/errors.ts';
import { type CollectResult, collectInputSchema } from '../../core/base/messages.ts';
import { type ListKeys, nullIfNotFound, type ReadObject, type WriteObject } from '../../core/base/objectStore.ts';
import { type Invocation, makeStep } from '../../core/base/step.ts';
import type { Publish } from '../../core/metrics/metrics.ts';
import * as redshift from '../../core/tables/redshift.ts';
import { MOST_TOLD, orRefused, type Refused } from '../collect/gather.ts';

export type WarehousePorts = {
  resultsBucket: string;
  readResult: ReadObject;
  writeResult: WriteObject;
  listKeys: ListKeys;
  warehouse: {
    /** Runs statements as one transaction, and waits for its end. Throws `StatementFailed` if it was rolled back. */
    run: (statements: readonly string[], invocation: Invocation) => Promise<void>;
    columnsOf: (table: string) => Promise<string[]>;
  };
  publish: Publish;
  now: () => Date;
};

/** When a message was sent, in milliseconds, and how often it has come, as SQS writes them. */
const sentSchema = z.object({
  attributes: z.object({ SentTimestamp: z.coerce.number(), ApproximateReceiveCount: z.coerce.number() }),
});
const inputSchema = z.object({ Records: z.array(collectInputSchema.shape.Records.element.and(sentSchema)) });

/** S3's event of an object that was written or removed, by EventBridge. */
const eventSchema = z.object({
  'detail-type': z.enum(['Object Created', 'Object Deleted']),
  detail: z.object({ object: z.object({ key: z.string() }) }),
});

type Found = NonNullable<ReturnType<typeof redshift.resultsFileAt>>;

const AT_ONCE = 16;
/** How many transactions may fail in one call: enough to find the file by which a load of 500 fails, twice. */
const MOST_FAILURES = 20;

/**
 * Brings the results table in Redshift to what the results bucket holds. A message only says which file to look at: what is loaded
 * is the file as it is now, in place of its former rows. So messages may come twice, late and in any order, and whoever is ended in
 * between leaves a transaction that is whole or nothing, and messages that come again.
 */
export function warehouseStep(ports: WarehousePorts) {
  const { resultsBucket, readResult, writeResult, listKeys, warehouse, publish, now } = ports;
  return makeStep('warehouse', inputSchema, async ({ Records }, invocation, log): Promise<CollectResult> => {
    // First, so that calls that die are seen as well. The queue's own age leaves out what was received three times: it would end the alarm.
    const again = Records.filter(({ attributes }) => attributes.ApproximateReceiveCount > 1);
    const seconds = again.map(({ attributes }) => (now().getTime() - attributes.SentTimestamp) / 1000);
    await publish([{ metric: 'UnloadedSeconds', value: Math.max(0, ...seconds), dimensions: {} }]);
    const refused: Refused = new Map();
    const messagesOf = new Map<string, string[]>();
    const removed = new Map<string, Found>();
    const count = { files: 0, loads: 0, failures: 0, removed: 0 };

    function want(key: string, messages: readonly string[]): void {
      messagesOf.set(key, [...(messagesOf.get(key) ?? []), ...messages]);
    }

    for (const { messageId, body } of Records)
      await orRefused([messageId], refused, async () => {
        const { 'detail-type': type, detail } = eventSchema.parse(jsonIn(body));
        const found = redshift.resultsFileAt(detail.object.key);
        if (found === undefined) return; // somebody else's
        want(found.key, [messageId]);
        if (type === 'Object Deleted') removed.set(found.key, found);
      });

    await orRefused([...messagesOf.values()].flat(), refused, async () => {
      if (messagesOf.size === 0) return; // a statement would wake the warehouse
      await warehouse.run(redshift.CREATE_TABLES, invocation);
      const missing = redshift.addColumns(await warehouse.columnsOf(redshift.RESULTS_TABLE));
      for (const some of slices(missing, redshift.MAX_STATEMENTS)) await warehouse.run(some, invocation);
      const { files, gone } = await look([...messagesOf.keys()].sort());
      files.push(...(await takeBack(gone, files)));
      count.files = files.length;
      for (const group of Map.groupBy(files, ({ layout }) => JSON.stringify(layout)).values()) await load(group);
    });
    const told = Array.from(refused, ([messageId, why]) => ({ messageId, why }));
    const why = told.length > 0 && { why: JSON.stringify(told.slice(0, MOST_TOLD)) };
    Object.assign(log, { messages: Records.length, ...count, refused: told.length, ...why });
    return { batchItemFailures: told.map(({ messageId }) => ({ itemIdentifier: messageId })) };

    /** Reads what is there of some files. One that is gone is nobody's concern, unless a message says that it was removed. */
    async function look(keys: readonly string[]) {
      const [files, gone]: [redshift.ResultsFile[], Found[]] = [[], []];
      const read = (key: string) =>
        orRefused(messagesOf.get(key)!, refused, async () => {
          const bytes = await readResult(key).catch(nullIfNotFound);
          if (bytes !== null) files.push(await redshift.readResultsFile(redshift.resultsFileAt(key)!, bytes));
          else if (removed.has(key)) gone.push(removed.get(key)!);
        });
      for await (const _ of inOrder(keys, AT_ONCE, read));
      return { files: files.sort((a, b) => (a.key < b.key ? -1 : 1)), gone };
    }

    /**
     * Removes the rows of runs that have no file left.
     *
     *    time → list ── remove ── list ── load
     *             └ a newer attempt may write from here on, and its rows be removed: its files are loaded again
     */
    async function takeBack(gone: readonly Found[], there: readonly redshift.ResultsFile[]) {
      const lists = () => Promise.all(gone.map(({ prefix }) => listKeys(prefix)));
      const first = await lists();
      const ids = [...new Set(gone.flatMap(({ id }, i) => (first[i]!.length === 0 ? [id] : [])))];
      if (ids.length > 0) await warehouse.run(redshift.removeRows(ids), invocation);
      count.removed = ids.length;
      const second = await lists();
      for (const [i, keys] of second.entries()) for (const key of keys) want(key, messagesOf.get(gone[i]!.key)!);
      const known = new Set(there.map(({ key }) => key)); // twice in a manifest, its rows would be there twice
      return (await look(second.flat().filter((key) => !known.has(key) && known.add(key)))).files;
    }

    /** Loads files together; of those that cannot be, each half, so that a file that never can keeps no other one back. */
    async function load(files: readonly redshift.ResultsFile[]): Promise<void> {
      const messages = files.flatMap(({ key }) => messagesOf.get(key)!);
      await orRefused(messages, refused, async () => {
        const manifest = redshift.manifestOf(resultsBucket, files);
        const key = `manifests/warehouse/${hash('sha256', manifest)}.json`;
        await writeResult(key, new TextEncoder().encode(manifest));
        try {
          await warehouse.run(redshift.loadFiles(files[0]!.layout, `s3://${resultsBucket}/${key}`), invocation);
          count.loads += 1;
        } catch (error) {
          if (!(error instanceof redshift.StatementFailed)) throw error;
          count.failures += 1;
          if (files.length === 1 || count.failures >= MOST_FAILURES) throw error;
          const middle = Math.ceil(files.length / 2);
          for (const half of [files.slice(0, middle), files.slice(middle)]) await load(half);
        }
      });
    }
  });
}
