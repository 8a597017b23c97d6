import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import {
  ConditionalCheckFailedException,
  InternalServerError,
  ProvisionedThroughputExceededException,
} from '@aws-sdk/client-dynamodb';
import { S3ServiceException } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { connectTables } from '../../aws/tables.ts';
import { InvalidSceneFile, TransientTrouble } from './errors.ts';
import { logTo, makeStep, type Work } from './step.ts';

const schema = z.object({ count: z.int() });
const invocation = { remainingSeconds: () => 9, signal: new AbortController().signal };

describe('a step', () => {
  let lines: string[];
  beforeEach(() => {
    lines = [];
    logTo((line) => lines.push(line));
  });

  test('a step receives its validated message, and the invocation unchanged', async () => {
    const step = makeStep('double', schema, async ({ count }, { remainingSeconds }) => [2 * count, remainingSeconds()]);
    assert.deepEqual(await step({ count: 3, more: 'than asked for' }, invocation), [6, 9]);
  });

  test('a step does not run with an invalid message, and the error names the wrong field', async () => {
    const step = makeStep('double', schema, () => assert.fail('there was work'));
    await assert.rejects(step({ count: 'three' }, invocation), { name: 'InvalidMessage', message: /^count: [^\n]*$/ });
    await assert.rejects(step(undefined, invocation), { name: 'InvalidMessage' });
  });

  test('an error message is shortened to fit into a cause and a ledger row', async () => {
    const step = makeStep('double', schema, () => Promise.reject(new InvalidSceneFile('x'.repeat(100_000))));
    await assert.rejects(step({ count: 3 }, invocation), { name: 'InvalidSceneFile', message: /^x{4000}…$/ });
  });

  describe('a transient error is rethrown as TransientTrouble, which is retried', () => {
    const s3 = (name: string, $fault: 'client' | 'server') =>
      new S3ServiceException({ name, $fault, $metadata: {}, message: 'no' });
    const dynamodb = { $metadata: {}, message: 'no' };
    for (const error of [
      s3('SlowDown', 'client'),
      s3('InternalError', 'server'),
      s3('ThrottlingException', 'client'),
      s3('TooManyRequestsException', 'client'),
      s3('RequestLimitExceeded', 'client'),
      new ProvisionedThroughputExceededException(dynamodb),
      new InternalServerError(dynamodb),
      Object.assign(s3('Odd', 'client'), { $retryable: {} }),
      named('TimeoutError'),
      ...['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN'].map((code) =>
        Object.assign(new Error(`read ${code}`), { code }),
      ),
    ])
      test(error.name === 'Error' ? error.message : error.name, async () => {
        await assert.rejects(failing(error), (thrown) => {
          assert.ok(thrown instanceof TransientTrouble);
          assert.equal(thrown.message, `${error.name}: ${error.message}`);
          assert.equal(thrown.cause, error);
          return true;
        });
      });

    test('as the client throws it when nothing listens at the endpoint', async () => {
      const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
      const endpoint = 'http://127.0.0.1:1';
      const table = connectTables({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
      const step = makeStep('read', z.unknown(), () => table.get({ TableName: 'ledger', Key: { scene: 'a' } }));
      await assert.rejects(step({}, invocation), { name: 'TransientTrouble', message: /ECONNREFUSED/ });
    });
  });

  describe('every other error is rethrown unchanged', () => {
    for (const error of [
      new InvalidSceneFile('a: record 0 at byte 0 is cut short'),
      new ConditionalCheckFailedException({ $metadata: {}, message: 'no' }),
      new S3ServiceException({ name: 'AccessDenied', $fault: 'client', $metadata: {}, message: 'no' }),
      new TypeError('x is not a function'),
      Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT' }),
      new TransientTrouble('once is enough'),
      'a text',
    ])
      test(String(error), () => assert.rejects(failing(error), (thrown) => thrown === error));
  });

  describe('a call is one line of the log', () => {
    test('with the fields that the work collected', async () => {
      const step = makeStep('count', schema, async ({ count }, _invocation, log) => {
        log['chips'] = count;
        log['key'] = 'a "quoted"\nkey';
      });
      await step({ count: 3, secret: 'pixels' }, invocation);
      const { time, milliseconds, ...fields } = onlyLine();
      assert.deepEqual(fields, { event: 'count.done', chips: 3, key: 'a "quoted"\nkey' });
      assert.ok(Math.abs(Date.parse(time) - Date.now()) < 5000);
      assert.ok(Number.isInteger(milliseconds));
    });

    test('which says what failed, after the fields that were known by then', async () => {
      const work: Work<unknown, never> = async (_message, _invocation, log) => {
        log['key'] = 'a';
        throw new InvalidSceneFile('a: is empty');
      };
      await assert.rejects(makeStep('read', z.unknown(), work)({}, invocation));
      const { time: _time, milliseconds: _milliseconds, ...fields } = onlyLine();
      assert.deepEqual(fields, { event: 'read.failed', key: 'a', error: 'InvalidSceneFile: a: is empty' });
    });

    test('in which no secret is shown, also not within a list', async () => {
      const step = makeStep('count', schema, async (_message, _invocation, log) => {
        Object.assign(log, { why: [{ messageId: 'm', why: 'password=hunter2 of a database' }] });
      });
      await step({ count: 3 }, invocation);
      assert.deepEqual(onlyLine().why, [{ messageId: 'm', why: 'password=(hidden) of a database' }]);
    });

    test('even if the message was refused, whose content it does not show', async () => {
      const step = makeStep('count', schema, async () => 'never');
      await assert.rejects(step({ count: 'pixels' }, invocation));
      assert.equal(onlyLine().event, 'count.failed');
      assert.doesNotMatch(lines.join(), /pixels/);
    });
  });

  async function failing(error: unknown): Promise<unknown> {
    return makeStep('fail', z.unknown(), () => Promise.reject(error))({}, invocation);
  }

  function onlyLine() {
    assert.equal(lines.length, 1);
    return JSON.parse(lines[0] ?? '');
  }

  function named(name: string): Error {
    return Object.assign(new Error('it took too long'), { name });
  }
});
