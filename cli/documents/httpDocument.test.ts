import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import { encode } from 'fast-png';
import { startSwath, temporaryFolder } from '../../test/swath.ts';

/** docs/http.md: its commands serve, and its request has the answer that stands there. */

const document = readFileSync(new URL('../../docs/http.md', import.meta.url), 'utf8');
const [REQUEST = '', ANSWER = ''] = [...document.matchAll(/^```json\n(.*?)^```$/gms)].map(([, code]) => code!);
const MODELS = fileURLToPath(new URL('../../models', import.meta.url));
const SCENE = new URL('../../samples/sentinel-2/s2-t29unu-60m-256.tif', import.meta.url);

describe('swath serve', () => {
  const running = startSwath(
    ['serve', '--models', MODELS, '--port', '0', '--threads', '1', '--json'],
    temporaryFolder(),
  );
  let url: string;

  before(async () => {
    await running.says(/\n/);
    url = (JSON.parse(running.output.stdout) as { url: string }).url;
  });
  after(() => running.kill('SIGKILL'));

  test('answers the request of docs/http.md as it says', async () => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${url}/v1/models/landsat-statlog/predictions`, {
      method: 'POST',
      headers,
      body: REQUEST,
    });
    const { request: _, ...answer } = (await response.json()) as { request: string };
    const { request: __, ...said } = JSON.parse(ANSWER) as { request: string };
    assert.deepEqual(answer, said);
  });

  test('answers a picture with a mask of its classes', async () => {
    const headers = { 'content-type': 'image/tiff' };
    const asked = { method: 'POST', headers, body: readFileSync(SCENE) };
    const response = await fetch(`${url}/v1/models/s2-scl/predictions`, asked);
    assert.equal(response.status, 200, await response.clone().text());
    const { predictions } = (await response.json()) as {
      predictions: { mask: string; shares: Record<string, number> }[];
    };
    assert.deepEqual([...Buffer.from(predictions[0]!.mask, 'base64').subarray(1, 4)], [...Buffer.from('PNG')]);
    const sum = Object.values(predictions[0]!.shares).reduce((a, b) => a + b);
    assert.ok(Math.abs(sum - 1) < 1e-6);
  });

  test('refuses an image that is large once it is decoded, as a stage does by default', async () => {
    const picture = Buffer.from(encode({ width: 1, height: 1, data: new Uint8Array(1), channels: 1, depth: 8 }));
    for (const at of [16, 20]) picture.writeUInt32BE(16_000, at); // its width and its height
    picture.writeUInt32BE(crc32(picture.subarray(12, 29)), 29);
    const asked = { method: 'POST', headers: { 'content-type': 'image/png' }, body: picture };
    const response = await fetch(`${url}/v1/models/digits/predictions`, asked);
    const { detail } = (await response.json()) as { detail: string };
    assert.equal(response.status, 422);
    assert.match(detail, /found 16000 × 16000 pixels, 256000000 bytes as they are decoded, .* at most 67108864/);
  });

  test('ends with 0 when it is stopped', async () => {
    running.kill('SIGTERM');
    const { code, stderr } = await running.ended;
    assert.deepEqual([code, stderr], [0, '']);
  });
});
