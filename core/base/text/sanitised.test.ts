import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { S3ServiceException } from '@aws-sdk/client-s3';
import { cited, InvalidSceneFile } from '../errors.ts';
import { sanitised } from './sanitised.ts';

const TOKEN = 'IQoJb3JpZ2luX2VjEXAMPLE//////////wEaCXVzLWVhc3QtMSJHMEUCIQD';

describe('a sanitised error', () => {
  test('is the same error, without the fields that the client added', () => {
    const error = Object.assign(
      new S3ServiceException({ name: 'SignatureDoesNotMatch', $fault: 'client', $metadata: {}, message: 'no' }),
      { AWSAccessKeyId: 'AKIAIOSFODNN7EXAMPLE', CanonicalRequest: `x-amz-security-token:${TOKEN}`, $response: {} },
    );
    const told = sanitised(error);
    assert.equal(told, error);
    assert.deepEqual(Object.keys(error), ['name']);
    assert.equal(error.message, 'no');
  });

  test('also has no secrets in its stack', () => {
    const error = sanitised(new Error(`password=${TOKEN}`)) as Error;
    assert.equal(error.message, 'password=(hidden)');
    assert.doesNotMatch(error.stack ?? '', new RegExp(TOKEN));
    assert.match(error.stack ?? '', /sanitised\.test\.ts/);
  });

  test('keeps its quotations for the ledger, but not for the log', () => {
    const error = sanitised(new InvalidSceneFile(`a: starts with ${cited('id,label')}`)) as Error;
    assert.equal(error.message, 'a: starts with “id,label”');
    const { stack, ...logged } = JSON.parse(JSON.stringify(error));
    assert.deepEqual(logged, { errorType: 'InvalidSceneFile', errorMessage: 'a: starts with “…”' });
    assert.equal(stack[0], 'InvalidSceneFile: a: starts with “…”');
    assert.ok(stack.length > 1);
  });

  test('may be a text', () => assert.equal(sanitised('password=x'), 'password=(hidden)'));
});
