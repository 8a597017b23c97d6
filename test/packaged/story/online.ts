import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { it } from 'node:test';
import type { ApiGatewayResult } from '../../../aws/apiGateway.ts';
import type { FunctionName } from '../../../core/base/functions.ts';
import { executionName, runId, sceneInput } from '../../../core/base/messages.ts';
import type { PredictionsBody } from '../../../core/doors/online/answer.ts';
import { BASELINE } from '../../benches/packages.ts';
import { gatewayEvent } from '../../gatewayEvent.ts';
import { encodeExample, encodeTfRecord } from '../../tfrecord.ts';
import { MODEL, type Service } from './service.ts';

const PREDICTIONS = 'POST /v1/models/{model}/predictions';
const path = { model: MODEL.name };
const json = { 'Content-Type': 'application/json' };

/** Requests over HTTP, as API Gateway hands them over. */
export function tellOfOnline(service: () => Service): void {
  async function ask(name: FunctionName, ...event: Parameters<typeof gatewayEvent>) {
    const answer = (await service().callFunction(name, gatewayEvent(...event))) as ApiGatewayResult;
    return { ...answer, told: answer.headers['content-type']?.includes('json') ? JSON.parse(answer.body) : null };
  }
  const chip = (seed: number) =>
    Array.from({ length: 11 }, (_, band): [string, Uint8Array] => [
      `B${band + 1}`,
      Uint8Array.from({ length: 65 * 65 }, (_, i) => 20 * band + 7 + ((i * (seed + 3)) % 13)),
    ]);

  it('requests over HTTP are answered as files are, input by input; an image may be the body', async () => {
    const { drop, run, promote, layBeside, inbox, predictionsAt, resultKeys } = service();
    promote(MODEL.version);
    const chips = [chip(1), chip(2), chip(5)];
    const file = Buffer.concat(
      chips.map((bands) =>
        encodeTfRecord(
          encodeExample(new Map(bands.map(([name, bytes]) => [name, { kind: 'bytes', values: [bytes] }]))),
        ),
      ),
    );
    const scene = drop('online/same-chips', file);
    const before = new Set(resultKeys());
    await run(sceneInput(scene), executionName(runId(scene, MODEL), 1));
    const key = resultKeys().find((one) => !before.has(one) && one.startsWith('predictions/'))!;
    const rows = await predictionsAt(key);
    assert.equal(rows.length, chips.length);

    layBeside('online/no-image', 'no image');
    const s3 = (name: string, versionId?: string) => ({
      s3: `s3://${inbox}/online/${name}`,
      ...(versionId !== undefined && { versionId }),
    });
    const inputs = [
      ...chips.map((bands) => ({
        bands: Object.fromEntries(bands.map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')])),
      })),
      { values: [1, 2, 3] },
      s3('no-image'),
      s3('same-chips', 'v1'),
      s3('missing'),
    ];
    const { statusCode, told } = await ask('predict', PREDICTIONS, {
      path,
      headers: json,
      body: JSON.stringify({ inputs }),
    });
    assert.equal(statusCode, 200, JSON.stringify(told));
    const { predictions, version } = told as PredictionsBody;
    assert.equal(version, MODEL.version);
    assert.deepEqual(
      predictions.map(({ error }) => error === null),
      [true, true, true, false, false, false, false],
    );
    for (const [i, row] of rows.entries()) {
      const { class: name, probability } = predictions[i]!;
      assert.equal(name, row['class']);
      assert.ok(
        Math.abs(Number(probability) - Number(row['probability'])) <= 1e-6,
        `${probability} ${row['probability']}`,
      );
    }
    assert.match(String(predictions[6]!.error), /found no object .*online\/missing/);

    const image = { path, headers: { 'content-type': 'image/png' }, body: Buffer.from('no image') };
    const refused = await ask('predict', PREDICTIONS, image);
    assert.equal(refused.statusCode, 422);
    assert.equal(refused.headers['content-type'], 'application/problem+json');
    assert.match(refused.told.detail, /^The image: /);
  });

  it('a request for an unknown model lists the existing ones', async () => {
    for (const [name, route] of [
      ['predict', PREDICTIONS],
      ['catalogue', 'GET /v1/models/{model}'],
    ] as const) {
      const body = route === PREDICTIONS ? { body: '{"inputs": [{}]}' } : {};
      const { statusCode, told } = await ask(name, route, { path, query: { version: '7.0.0' }, ...body });
      assert.equal(statusCode, 404);
      assert.match(
        told.detail,
        /^There is no version “7\.0\.0” of droughtwatch-baseline\. Published are: .*1\.0\.0.*Live are: /,
      );
    }
  });

  it('truth that comes over HTTP is sent to be joined', async () => {
    const { aws } = service();
    const route = 'POST /v1/models/{model}/truth';
    const before = aws.sent.length;
    const body = JSON.stringify({ truths: [{ request: 'h-1', id: 'a chip', truth: 'cows-1' }] });
    const taken = await ask('predict', route, { path, headers: json, body });
    assert.deepEqual([taken.statusCode, taken.told], [202, { model: MODEL.name, truths: 1 }]);
    assert.deepEqual(
      aws.sent.slice(before).map(({ body }) => JSON.parse(body).truth.truths),
      [JSON.parse(body).truths],
    );
    const sheep = await ask('predict', route, { path, headers: json, body: body.replace('cows-1', 'sheep') });
    assert.equal(sheep.statusCode, 422);
    assert.match(sheep.told.detail, /^truths\[0\]: the truth of the input .* found “sheep”, allowed is/);
  });

  it('the health runs the live model on the sample of its package', async () => {
    const { put, models } = service();
    put(models, `${MODEL.name}/${MODEL.version}/sample.json`, await readFile(new URL('sample.json', BASELINE)));
    await service().startCold('predict');
    const { statusCode, told } = await ask('predict', 'GET /healthz');
    assert.deepEqual([statusCode, told], [200, { status: 'pass', model: MODEL, output: null }]);
  });

  it('the catalogue says which models there are, and how they are asked, in JSON and on a page', async () => {
    const models = await ask('catalogue', 'GET /v1/models');
    assert.deepEqual([models.statusCode, models.told.models[0].name], [200, MODEL.name]);
    const { told: one } = await ask('catalogue', 'GET /v1/models/{model}', { path });
    assert.ok(one.versions.includes(MODEL.version) && one.item.type === 'Feature');
    const { told: api } = await ask('catalogue', 'GET /openapi.json');
    const post = api.paths['/v1/models/{model}/predictions'].post;
    const example = post.requestBody.content['application/json'].example;
    const answered = await ask('predict', PREDICTIONS, { path, headers: json, body: JSON.stringify(example) });
    assert.equal(answered.statusCode, 200, 'the example runs');
    const page = await ask('catalogue', 'GET /docs');
    assert.match(page.body, /^<!doctype html>/);
  });
}
