import assert from 'node:assert/strict';
import { it } from 'node:test';
import { makeFeatures } from '../../../core/features/featureTable.ts';
import { parquetFile } from '../../../core/tables/parquet.ts';
import { connectLocalTables } from '../../../local/tables/tableClients.ts';
import { type Edit, editedItem } from '../../benches/packages.ts';
import { rowEdits } from '../../benches/rowModel.ts';
import { gatewayEvent } from '../../gatewayEvent.ts';
import { LAKE } from '../fakeAws.ts';
import { functionIn } from '../functions.ts';
import type { Packaged } from '../package.ts';
import { MODEL, type Service } from './service.ts';

const VERSION = '8.5.0';
const TIME = '2026-03-01T00:00:00.000Z';

/** Inputs that name records: of Parquet files in S3, and of the stage's own table. */
export function tellOfFeatures({ template }: Packaged, service: () => Service): void {
  const inputs = ['f-1', 'nobody'].map((id) => ({ features: { id } }));

  async function publish(): Promise<void> {
    const { putPackage, put, models, elsewhere } = service();
    const asset = { href: './endpoint.json', roles: ['mlm:model'], 'mlm:artifact_type': 'open-inference' };
    const edits: Edit[] = [
      ['properties/version', VERSION],
      ['properties/swath:features', { group: 'fields' }],
      ['assets/model', asset],
      ...rowEdits('float32'),
    ];
    await putPackage(VERSION, Buffer.from(JSON.stringify(await editedItem(...edits))));
    const endpoint = { url: elsewhere.url, model: 'forage' };
    put(models, `${MODEL.name}/${VERSION}/endpoint.json`, Buffer.from(JSON.stringify(endpoint)));
  }

  async function predicted() {
    const headers = { 'content-type': 'application/json' };
    const event = {
      path: { model: MODEL.name },
      query: { version: VERSION },
      headers,
      body: JSON.stringify({ inputs }),
    };
    const answer = await service().callFunction('predict', gatewayEvent('POST /v1/models/{model}/predictions', event));
    return JSON.parse((answer as { body: string }).body).predictions as { features?: string[]; error: string | null }[];
  }

  /** What a request by queue is stored with. */
  async function stored(id: string) {
    const { callFunction, aws, results } = service();
    const body = JSON.stringify({ id, model: `${MODEL.name}/${VERSION}`, inputs });
    const eventSourceARN = 'arn:aws:sqs:us-east-1:123456789012:swath-dev-requests';
    const said = await callFunction('collect', { Records: [{ messageId: 'm', body, eventSourceARN }] });
    assert.deepEqual(said, { batchItemFailures: [] });
    const [first, second] = JSON.parse(
      Buffer.from(aws.objects.get(results)!.get(`requests/${id}.json`)!.bytes).toString(),
    ).inputs;
    assert.match(second.refused, /^found no record “nobody” in the group fields/);
    return first.found;
  }

  async function asked(id: string, version: string | null, A: number) {
    const [one, none] = await predicted();
    assert.deepEqual([one?.features, one?.error], [['f-1'], null]);
    assert.match(String(none?.error), /^inputs\[1\]\.features: found no record “nobody”/);
    assert.deepEqual(await stored(id), { records: [['f-1', TIME, version]], values: { A, B: 2 } });
  }

  it('features are looked up in Parquet files', async () => {
    await publish();
    const columns = (['id', 'event_time'] as const).map((name) => ({ name, type: 'STRING' as const }));
    const numbers = (['A', 'B'] as const).map((name) => ({ name, type: 'DOUBLE' as const }));
    const bytes = await parquetFile([...columns, ...numbers], [['f-1', TIME, 1.5, 2]]);
    service().put(LAKE, 'lake/fields/part-0.parquet', bytes);
    await asked('r-lake', null, 1.5);
  });

  it("features are looked up in the stage's own table", async () => {
    const { aws, startCold } = service();
    const { FEATURES_TABLE: table = '' } = functionIn(template, 'collect').Environment.Variables;
    const tables = connectLocalTables(aws.tables);
    await makeFeatures(tables, table).put('fields', { id: 'f-1', time: TIME, values: { A: 2.5, B: 2 } });
    tables.destroy();
    const own = { FEATURE_SOURCE: '' };
    for (const name of ['collect', 'predict'] as const) await startCold(name, own);
    await asked('r-table', '1', 2.5);
    for (const name of ['collect', 'predict'] as const) await startCold(name);
  });
}
