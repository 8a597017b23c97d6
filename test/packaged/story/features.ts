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
import { type Packaged, templatesWith, WITH_ALL } from '../package.ts';
import { type Grant, grantsOf } from '../permissions.ts';
import { MODEL, type Service } from './service.ts';

const VERSION = '8.5.0';
const TIME = '2026-03-01T00:00:00.000Z';

/** What functions may beside, where features are in SageMaker Feature Store. */
export async function rightsToFeatureGroups(): Promise<Grant[]> {
  const { template } = await templatesWith({ ...WITH_ALL, featureSource: 'sagemaker' });
  return grantsOf(template).filter(({ action }) => action === 'sagemaker:BatchGetRecord');
}

/** Inputs that name records: of Parquet files in S3, of SageMaker Feature Store, and of the stage's own table. */
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

  async function startWith(FEATURE_SOURCE: string): Promise<void> {
    for (const name of ['collect', 'predict'] as const) await service().startCold(name, { FEATURE_SOURCE });
  }

  it('features are looked up in SageMaker Feature Store', async () => {
    service().aws.records.set('fields/f-1', { id: 'f-1', event_time: TIME, A: '3.50', B: '2' });
    await startWith('sagemaker');
    await asked('r-groups', null, 3.5);
  });

  it("features are looked up in the stage's own table", async () => {
    const { aws } = service();
    const { FEATURES_TABLE: table = '' } = functionIn(template, 'collect').Environment.Variables;
    const tables = connectLocalTables(aws.tables);
    await makeFeatures(tables, table).put('fields', { id: 'f-1', time: TIME, values: { A: 2.5, B: 2 } });
    tables.destroy();
    await startWith('');
    await asked('r-table', '1', 2.5);
    await startWith(WITH_ALL.featureSource);
  });
}
