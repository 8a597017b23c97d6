import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MAX_LAMBDA_ANSWER_BYTES } from '../core/base/limits.ts';
import { type Answered, makeAnswer } from '../core/doors/online/answer.ts';
import { type HttpRequest, jsonResponse } from '../core/doors/online/http.ts';
import { gatewayEvent } from '../test/gatewayEvent.ts';
import { apiGatewayHandler, requestOf, resultOf } from './apiGateway.ts';

const PREDICTIONS = 'POST /v1/models/{model}/predictions';
const context = { getRemainingTimeInMillis: () => 28_000 };

describe('an event of API Gateway', () => {
  test('is the request that it carries, whatever a domain name puts before its path', () => {
    const event = gatewayEvent(PREDICTIONS, {
      path: { model: 'land' },
      query: { version: '1.0.0+a' },
      headers: { 'Content-Type': 'application/json', 'X-Api-Key': 'k' },
      body: '{"ä": 1}',
    });
    const { query, body, ...others } = requestOf({ ...event, path: `/maps${event.path}` });
    assert.deepEqual(others, {
      method: 'POST',
      path: '/v1/models/land/predictions',
      headers: { 'content-type': 'application/json', 'x-api-key': 'k' },
    });
    assert.equal(query.get('version'), '1.0.0+a');
    assert.deepEqual(body, Buffer.from('{"ä": 1}'));
  });

  test('may have neither query nor headers nor body', () => {
    const bare = { httpMethod: 'GET', resource: '/docs', multiValueHeaders: null, body: null };
    const { path, body, query } = requestOf({ ...bare, multiValueQueryStringParameters: null, pathParameters: null });
    assert.deepEqual([path, body.length, [...query]], ['/docs', 0, []]);
  });

  test('has an image as base64, byte for byte', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    const { body } = requestOf(gatewayEvent(PREDICTIONS, { headers: { 'content-type': 'image/png' }, body: bytes }));
    assert.deepEqual([...body], [...bytes]);
  });

  for (const type of ['image/x-portable-pixmap', 'image/gif; a=b', 'application/octet-stream'])
    test(`of ${type} as text is refused, since its bytes are lost, and counted as what else is refused`, async () => {
      const told: Answered[] = [];
      const routes = [{ method: 'POST', path: '/v1/models/{model}/predictions', reply: () => assert.fail() } as const];
      const handler = apiGatewayHandler({ answer: makeAnswer(routes, (one) => void told.push(one)), corsOrigins: [] });
      const event = gatewayEvent(PREDICTIONS, {
        path: { model: 'land' },
        headers: { 'content-type': type },
        body: 'GIF89a\ufffd',
      });
      const { statusCode, headers, body } = await handler(event, context);
      assert.equal(statusCode, 415);
      assert.equal(headers['content-type'], 'application/problem+json');
      assert.match(JSON.parse(body).detail, /^The content type is .*, allowed are image\/png, image\/jpeg, /);
      assert.deepEqual(
        told.map(({ route, status }) => [route, status]),
        [['/v1/models/{model}/predictions', 415]],
      );
    });

  test('from another service is refused as an error', async () => {
    const handler = apiGatewayHandler({ answer: () => assert.fail('it was asked'), corsOrigins: [] });
    await assert.rejects(handler({ Records: [] }, context), /httpMethod/);
  });
});

describe('an answer', () => {
  test('is text as it is, and bytes as base64', () => {
    assert.deepEqual(resultOf(jsonResponse({ a: 1 })), {
      statusCode: 200,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      },
      body: '{"a":1}',
      isBase64Encoded: false,
    });
    const bytes = resultOf({ status: 200, headers: { 'content-type': 'image/png' }, body: Uint8Array.of(0, 255, 7) });
    assert.deepEqual([bytes.body, bytes.isBase64Encoded], ['AP8H', true]);
  });

  test('that Lambda would not carry is one of 413 that says so: each quote of its JSON is two bytes', () => {
    const quotes = (bytes: number) => resultOf({ status: 200, headers: {}, body: '"'.repeat(bytes) });
    const empty = Buffer.byteLength(JSON.stringify(quotes(0)));
    const most = Math.floor((MAX_LAMBDA_ANSWER_BYTES - empty) / 2);
    assert.equal(quotes(most).statusCode, 200);
    const { statusCode, body } = quotes(most + 1);
    assert.equal(statusCode, 413);
    assert.match(JSON.parse(body).detail, /^The answer has 629\d{4} bytes, allowed are at most 6291456\. Send fewer /);
  });

  const origins = ['https://a.example.org', 'https://b.example.org'];
  for (const { origin, allowed, told } of [
    { origin: 'https://b.example.org', allowed: origins, told: 'https://b.example.org' },
    { origin: 'https://c.example.org', allowed: origins, told: undefined },
    { origin: 'https://c.example.org', allowed: ['*'], told: 'https://c.example.org' },
    { origin: undefined, allowed: ['*'], told: undefined },
    { origin: 'https://a.example.org', allowed: [], told: undefined },
  ])
    test(`may be read by a page of ${origin} where ${allowed.join(', ') || 'none'} may: ${told ?? 'no'}`, async () => {
      const handler = apiGatewayHandler({ answer: async () => jsonResponse({}), corsOrigins: allowed });
      const { headers } = await handler(gatewayEvent('GET /docs', { headers: origin ? { origin } : {} }), context);
      assert.equal(headers['access-control-allow-origin'], told);
      assert.equal(headers['vary'], allowed.length > 0 ? 'origin' : undefined);
    });

  test('has the time that is left', async () => {
    const asked: [HttpRequest, number][] = [];
    const handler = apiGatewayHandler({
      answer: async (request, { remainingSeconds }) => {
        asked.push([request, remainingSeconds()]);
        return jsonResponse({});
      },
      corsOrigins: [],
    });
    await handler(gatewayEvent('GET /docs'), context);
    assert.deepEqual(
      asked.map(([{ path }, seconds]) => [path, seconds]),
      [['/docs', 28]],
    );
  });
});
