import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Service } from './service.ts';

/** What follows the results into a warehouse. */
export function tellOfWarehouse(service: () => Service): void {
  const messageOf = (key: string, type: string, messageId: string) => ({
    messageId,
    body: JSON.stringify({ source: 'aws.s3', 'detail-type': type, detail: { object: { key } } }),
    eventSourceARN: 'arn:aws:sqs:us-east-1:123456789012:swath-dev-warehouse',
    attributes: { SentTimestamp: '0', ApproximateReceiveCount: '1' },
  });

  it('predictions are loaded into the warehouse, and rows of a run whose files are gone are removed', async () => {
    const { aws, results } = service();
    const key = [...aws.objects.get(results)!.keys()].find((one) => one.startsWith('predictions/'))!.split('#')[0]!;
    const gone = key.replace(/[0-9a-f]{32}/, 'f'.repeat(32));
    const Records = [messageOf(key, 'Object Created', 'a'), messageOf(gone, 'Object Deleted', 'b')];
    assert.deepEqual(await service().callFunction('warehouse', { Records }), { batchItemFailures: [] });
    const [create, alter, ...others] = aws.transactions;
    assert.match(create![0]!, /^CREATE TABLE IF NOT EXISTS prediction_results/);
    assert.ok(alter!.every((sql) => sql.startsWith('ALTER TABLE prediction_results ADD COLUMN')));
    const copies = others.flat().filter((sql) => /^(COPY|DELETE)/.test(sql));
    assert.match(copies[0]!, /WHERE "run" IN \('f{32}'\)/);
    const [, manifest = ''] = new RegExp(`^COPY .* FROM 's3://${results}/(manifests/warehouse/.*\\.json)'`).exec(
      copies[1]!,
    )!;
    const { entries } = JSON.parse(new TextDecoder().decode(aws.objects.get(results)!.get(manifest)!.bytes));
    assert.deepEqual(
      entries.map(({ url }: { url: string }) => url),
      [`s3://${results}/${key}`],
    );
    service().remove(results, manifest);
  });
}
