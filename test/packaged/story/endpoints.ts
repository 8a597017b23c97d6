import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { FunctionName } from '../../../core/base/functions.ts';
import { executionName, runId, sceneInput } from '../../../core/base/messages.ts';
import { CONSTANT } from '../../benches/constantModel.ts';
import { type Edit, editedItem } from '../../benches/packages.ts';
import { gatewayEvent } from '../../gatewayEvent.ts';
import { sceneOf } from '../../scenes.ts';
import { WITH_ALL } from '../package.ts';
import { MODEL, type Service } from './service.ts';

const ASSET = 'assets/model';

/** Models on other servers, and on endpoints of SageMaker. */
export function tellOfEndpoints(service: () => Service): void {
  /** Promotes a version whose model is elsewhere. */
  async function promoteElsewhere(version: string, endpoint: object): Promise<void> {
    const { putPackage, put, models, promote } = service();
    const asset = { href: './endpoint.json', roles: ['mlm:model'], 'mlm:artifact_type': 'open-inference' };
    const edits: Edit[] = [
      ['properties/version', version],
      [ASSET, asset],
    ];
    await putPackage(version, Buffer.from(JSON.stringify(await editedItem(...edits))));
    put(models, `${MODEL.name}/${version}/endpoint.json`, Buffer.from(JSON.stringify(endpoint)));
    promote(version);
  }

  async function classify(version: string): Promise<Record<string, unknown>[]> {
    const { drop, run, resultKeys, predictionsAt } = service();
    const scene = drop(`endpoints/${version}`, sceneOf(`endpoints/${version}`, 2));
    const name = executionName(runId(scene, { ...MODEL, version }), 1);
    const { end, failure } = await run(sceneInput(scene), name);
    assert.equal(end, 'Done', JSON.stringify(failure));
    const key = resultKeys().find((one) => one.startsWith(`predictions/model=${MODEL.name}/version=${version}/`))!;
    return predictionsAt(key);
  }

  async function predict(version: string) {
    const input = { values: Array.from({ length: 65 * 65 }, (_, i) => i % 250) };
    const bands = Array.from({ length: 11 }, (_, i) => [`B${i + 1}`, Buffer.from(input.values).toString('base64')]);
    const body = JSON.stringify({ inputs: [{ bands: Object.fromEntries(bands) }] });
    const event = {
      path: { model: MODEL.name },
      query: { version },
      headers: { 'content-type': 'application/json' },
      body,
    };
    const route = 'POST /v1/models/{model}/predictions';
    const answer = await service().callFunction('predict' as FunctionName, gatewayEvent(route, event));
    return JSON.parse((answer as { body: string }).body) as { predictions: Record<string, unknown>[]; detail: string };
  }

  const kinds: [string, string, () => object][] = [
    ['an endpoint of SageMaker', '8.0.0', () => ({ sagemaker: 'forage' })],
    ['a server that wants a token', '8.1.0', () => ({ url: service().elsewhere.url, model: 'forage' })],
  ];
  for (const [what, version, endpoint] of kinds)
    it(`${what} predicts files, and what is asked over HTTP`, async () => {
      service().aws.secrets.set(WITH_ALL.endpointSecret, `${service().elsewhere.url}=t0ken`);
      await promoteElsewhere(version, endpoint());
      const rows = await classify(version);
      assert.deepEqual([rows.length, ...new Set(rows.map((row) => row['probability']))], [2, Math.max(...CONSTANT)]);
      const { predictions, detail } = await predict(version);
      assert.equal(predictions?.[0]?.['probability'], Math.max(...CONSTANT), detail);
    });

  it('an asynchronous endpoint predicts files and what is asked over HTTP, once for each body', async () => {
    const { aws, results, promote } = service();
    await promoteElsewhere('8.2.0', { sagemaker: 'forage', asynchronous: true });
    const rows = await classify('8.2.0');
    assert.deepEqual([rows.length, rows[0]!['probability']], [2, Math.max(...CONSTANT)]);
    for (let i = 0; i < 2; i += 1)
      assert.equal((await predict('8.2.0')).predictions[0]!['probability'], rows[0]!['probability']);
    const asked = [...aws.objects.get(results)!.keys()].filter((key) => key.startsWith('endpoints/requests/'));
    assert.equal(asked.length, 4, 'two requests, and where the answer of each is');
    promote(MODEL.version);
  });
}
