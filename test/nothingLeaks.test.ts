import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { S3ServiceException } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { apiGatewayHandler } from '../aws/apiGateway.ts';
import { InvalidSceneFile, SceneFileChanged } from '../core/base/errors.ts';
import type { FunctionName } from '../core/base/functions.ts';
import { type Invocation, logTo, makeStep } from '../core/base/step.ts';
import { makeModels } from '../core/releases/models.ts';
import { makeChipReader } from '../core/scenes/formats/tfrecord/chip.ts';
import { readModelPackage } from '../core/tasks/readModelPackage.ts';
import { catalogueStep } from '../functions/catalogue/catalogue.ts';
import { collectStep } from '../functions/collect/collect.ts';
import { discoverStep } from '../functions/discover/discover.ts';
import { driftStep } from '../functions/drift/drift.ts';
import { feedsStep } from '../functions/feeds/feeds.ts';
import { inferStep } from '../functions/infer/infer.ts';
import { ledgerWidgetStep } from '../functions/ledgerWidget/ledgerWidget.ts';
import { mosaicStep } from '../functions/mosaic/mosaic.ts';
import { predictStep } from '../functions/predict/predict.ts';
import { preprocessStep } from '../functions/preprocess/preprocess.ts';
import { reportStep } from '../functions/report/reportStep.ts';
import { retryStep } from '../functions/retry/retryStep.ts';
import { settleStep } from '../functions/settle/settle.ts';
import { warehouseStep } from '../functions/warehouse/warehouse.ts';
import { watchStep } from '../functions/watch/watch.ts';
import { webhookStep } from '../functions/webhook/webhook.ts';
import { readSmallModel } from './benches/scenes.ts';
import { encodeExample, encodeTfRecord, type FeatureToEncode, readTfRecords } from './tfrecord.ts';

/**
 * Secrets and contents are planted wherever a step could come across them, and looked for in all that gets into a log:
 * its lines, and what Lambda writes of an error that it throws.
 */

const SECRETS = {
  accessKey: 'AKIAIOSFODNN7EXAMPLE',
  secretKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  token: 'IQoJb3JpZ2luX2VjEXAMPLETOKEN//////////wEaCXVzLWVhc3Q',
  signature: 'fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc963176630326f1024',
};
/** What stands in a file and nowhere else. */
const CONTENT = 'confidential-pixels';

const SIGNED = `https://bucket.s3.amazonaws.com/key?X-Amz-Credential=${SECRETS.accessKey}%2F2026&X-Amz-Security-Token=${SECRETS.token}&X-Amz-Signature=${SECRETS.signature}`;
const CANONICAL = `The Canonical String for this request should have been\n'GET\n/key\nx-amz-security-token:${SECRETS.token}\n\n${SECRETS.secretKey}`;

const EXECUTION = 'arn:aws:states:us-east-1:123456789012:execution:m:e';
const invocation: Invocation = { remainingSeconds: () => 100, signal: new AbortController().signal };

let lines: string[] = [];
const before = { ...process.env };

describe('what is visible outside', () => {
  beforeEach(() => {
    lines = [];
    logTo((line) => lines.push(line));
    process.env['AWS_SECRET_ACCESS_KEY'] = SECRETS.secretKey;
    process.env['AWS_SESSION_TOKEN'] = SECRETS.token;
  });
  afterEach(() => {
    for (const name of ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'])
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
  });

  /** Calls a step; answers all that is in the log afterwards. */
  async function logOf(step: (message: unknown, invocation: Invocation) => Promise<unknown>, message: unknown) {
    try {
      await step(message, invocation);
    } catch (error) {
      lines.push(asLambdaWrites(error));
    }
    assert.ok(lines.length > 0);
    return lines.join('\n');
  }

  /** As Lambda's runtime for Node does it: https://github.com/aws/aws-lambda-nodejs-runtime-interface-client, src/utils/error.ts */
  function asLambdaWrites(thrown: unknown): string {
    return JSON.stringify(thrown, (_key, value) =>
      value instanceof Error
        ? { errorType: value.name, errorMessage: value.message, ...value, stack: value.stack?.split('\n') }
        : value,
    );
  }

  function assertNothingIn(log: string): void {
    for (const planted of [...Object.values(SECRETS), CONTENT]) {
      assert.ok(!log.includes(planted), `${planted} is in ${log}`);
      assert.ok(!log.includes(encodeURIComponent(planted)), `${planted} is in ${log}`);
      assert.ok(!log.includes(Buffer.from(planted).toString('base64').slice(0, 12)), `${planted} is in ${log}`);
    }
  }

  /** An error as a client throws it, with all that it could say too much of. */
  function trouble(name: string, $fault: 'client' | 'server'): Error {
    const message = `${SIGNED}: ${CANONICAL}`;
    return Object.assign(new S3ServiceException({ name, $fault, $metadata: {}, message }), {
      AWSAccessKeyId: SECRETS.accessKey,
      CanonicalRequest: CANONICAL,
      StringToSign: CANONICAL,
      SignatureProvided: SECRETS.signature,
      $response: { headers: { 'x-amz-security-token': SECRETS.token }, body: CONTENT },
    });
  }

  /** Ports each of whose calls ends so, whatever they are called, but for a clock and a few numbers. */
  function portsThat(answer: () => unknown): never {
    const call = (): Promise<unknown> => {
      const promise = new Promise((resolve) => resolve(answer()));
      promise.catch(() => {}); // some are looked at later, and some never
      const next = () => promise.then((value) => ({ done: true, value }));
      return Object.assign(promise, { [Symbol.asyncIterator]: () => ({ next }) });
    };
    const fixed: Record<string | symbol, unknown> = {
      now: () => new Date('2026-03-02T00:15:00Z'),
      attemptLimit: 3,
      leaseSeconds: 300,
      inboxPrefix: '',
      bulkPrefix: 'bulk/',
      inboxBucket: scene.bucket,
      stage: 'dev',
      alias: 'mlflow:drought@champion',
      trackingUri: 'http://127.0.0.1:5000',
      secret: null,
      [Symbol.toPrimitive]: () => 1,
    };
    const port: unknown = new Proxy(call, {
      // One that could be waited for would be no port.
      get: (_target, name) => (name === 'then' ? undefined : name in fixed ? fixed[name] : port),
    });
    return port as never;
  }

  const scene = { bucket: 'inbox', key: 'north/a', versionId: 'v1' };
  const model = { name: 'm', version: '1.0.0' };
  const event = {
    source: 'aws.s3',
    'detail-type': 'Object Created',
    detail: { bucket: { name: scene.bucket }, object: { key: scene.key, 'version-id': scene.versionId, size: 1 } },
  };
  const key = `predictions/model=m/version=1.0.0/date=2026-03-01/${'0f'.repeat(16)}-00000.parquet`;
  const written = JSON.stringify({ ...event, detail: { ...event.detail, object: { key } } });
  const run = {
    id: '0f'.repeat(16),
    scene,
    model,
    attempt: 1,
    execution: EXECUTION,
    digest: 'ab'.repeat(32),
    day: '2026-03-01',
  };
  /** What is asked over HTTP, whose body and headers are nobody else's either. */
  const asked = (httpMethod: string, resource: string) => ({
    httpMethod,
    resource,
    pathParameters: { model: 'm' },
    multiValueHeaders: { 'x-api-key': [SECRETS.secretKey] },
    body: JSON.stringify({ inputs: [{ id: CONTENT, values: [CONTENT] }] }),
    isBase64Encoded: false,
  });
  /** A step that answers requests, as Lambda calls it. */
  const throughGateway =
    (makeStep: typeof predictStep | typeof catalogueStep) => (ports: never) => (message: unknown) =>
      apiGatewayHandler({ answer: makeStep(ports), corsOrigins: [] })(message, {
        getRemainingTimeInMillis: () => 100_000,
      });
  const Cause = JSON.stringify({ errorType: 'Error', errorMessage: `${SIGNED}: ${CANONICAL}`, trace: [SIGNED] });

  const steps = {
    preprocess: { step: preprocessStep, message: { scene: event, execution: EXECUTION } },
    preprocessCubes: { step: preprocessStep, message: { scene: event, execution: EXECUTION } },
    infer: { step: inferStep, message: { run, part: 0 } },
    mosaic: { step: mosaicStep, message: { run, parts: [{ part: 0 }] } },
    drift: { step: driftStep, message: { run, parts: [{ part: 0 }] } },
    'daily drift': { step: driftStep, message: { before: '2026-03-02T00:15:00.000Z' } },
    discover: { step: discoverStep, message: { cursor: null, execution: EXECUTION, input: {} } },
    settle: {
      step: settleStep,
      message: { input: event, execution: EXECUTION, step: 'Infer', error: { Error: 'E', Cause } },
    },
    report: { step: reportStep, message: { before: '2026-03-02T00:15:00.000Z', judged: [] } },
    ledgerWidget: { step: ledgerWidgetStep, message: { view: 'ledger' } },
    retry: { step: retryStep, message: { run: run.id } },
    collect: {
      step: collectStep,
      message: {
        Records: [
          { messageId: 'm', body: JSON.stringify(event), eventSourceARN: 'arn:aws:sqs:r:1:swath-dev-arrivals' },
        ],
      },
    },
    predict: { step: throughGateway(predictStep), message: asked('POST', '/v1/models/{model}/predictions') },
    catalogue: { step: throughGateway(catalogueStep), message: asked('GET', '/v1/models/{model}') },
    webhook: { step: webhookStep, message: { Records: [{ Sns: { TopicArn: 'arn:t', Message: CONTENT } }] } },
    watch: { step: watchStep, message: {} },
    feeds: { step: feedsStep, message: {} },
    warehouse: {
      step: warehouseStep,
      message: {
        Records: [
          {
            messageId: 'm',
            body: written,
            eventSourceARN: 'arn:q',
            attributes: { SentTimestamp: '0', ApproximateReceiveCount: '1' },
          },
        ],
      },
    },
  } satisfies Record<FunctionName | 'daily drift', unknown>;

  for (const [name, { step, message }] of Object.entries(steps)) {
    describe(`the log of ${name}`, () => {
      for (const fault of ['client', 'server'] as const)
        test(`says nothing of what a client's error says too much of (${fault})`, async () => {
          const log = await logOf(
            step(portsThat(() => Promise.reject(trouble('SignatureDoesNotMatch', fault)))),
            message,
          );
          assertNothingIn(log);
          if (name !== 'settle') assert.match(log, /SignatureDoesNotMatch/);
        });

      test('says nothing of what an object holds that is not what it should be', async () => {
        const bytes = new Uint8Array(Buffer.from(`{"${CONTENT}": ${CONTENT}`));
        assertNothingIn(await logOf(step(portsThat(() => bytes)), message));
      });

      test('says nothing of a message that is not what it should be', async () => {
        const wrong = { [CONTENT]: SIGNED, cursor: [CONTENT], run: [CONTENT], scene: CONTENT, view: [CONTENT] };
        assertNothingIn(await logOf(step(portsThat(() => undefined)), wrong));
      });
    });
  }

  describe('the log of a file that can never work says where it is wrong, and nothing of what it holds:', () => {
    const bytes = (text: string): FeatureToEncode => ({ kind: 'bytes', values: [new Uint8Array(Buffer.from(text))] });
    const recordOf = (...features: [string, FeatureToEncode][]) => encodeTfRecord(encodeExample(new Map(features)));
    const files: [title: string, file: Uint8Array][] = [
      ['a text', Buffer.from(CONTENT.slice(0, 12).repeat(9))],
      ['a record without a band', recordOf([CONTENT, bytes(CONTENT)])],
      ['a band of another size', recordOf(['A', bytes(CONTENT)], ['B', bytes(CONTENT)])],
      [
        'a band of several values',
        recordOf(['A', { kind: 'bytes', values: [CONTENT, CONTENT].map((one) => Buffer.from(one)) }]),
      ],
      ['a label that is a text', recordOf(['A', bytes('abcd')], ['B', bytes('abcd')], ['label', bytes(CONTENT)])],
      ['a damaged record', recordOf(['A', bytes(CONTENT)]).with(20, 0)],
      ['half a record', recordOf(['A', bytes(CONTENT)]).subarray(0, 30)],
    ];
    for (const [title, file] of files)
      test(title, async () => {
        const readChip = makeChipReader(await readSmallModel());
        const step = makeStep('read', z.unknown(), async () => {
          for await (const record of readTfRecords(
            'north/a',
            (async function* () {
              yield new Uint8Array(file);
            })(),
          ))
            readChip(record);
        });
        await step({}, invocation).then(
          () => assert.fail('nothing was wrong'),
          (error) => {
            assert.ok(error instanceof InvalidSceneFile, String(error));
            const { name, message } = error;
            lines.push(asLambdaWrites(error));
            return logOf(settleStep(portsThat(() => [])), {
              input: event,
              execution: EXECUTION,
              step: 'Preprocess',
              error: { Error: name, Cause: JSON.stringify({ errorType: name, errorMessage: message }) },
            });
          },
        );
        const log = lines.join('\n');
        assert.match(log, /"read\.failed".*north\/a/);
        assert.match(log, /"errorType":"InvalidSceneFile".*north\/a/);
        assert.match(log, /"settle\.\w+".*north\/a/);
        for (let i = 0; i + 8 <= CONTENT.length; i += 1) assert.ok(!log.includes(CONTENT.slice(i, i + 8)), log);
      });
  });

  test('the log of a package that cannot be read cites nothing of it', async () => {
    const read = async () => new Uint8Array(Buffer.from(`{"version": ${CONTENT}}`));
    for (const work of [() => readModelPackage(read), () => makeModels(read, 'm').promoted()]) {
      const log = await logOf(makeStep('load', z.unknown(), work), {});
      assert.match(lines[0]!, /InvalidModelPackage/);
      assert.ok(!lines[0]!.includes(CONTENT.slice(0, 8)), log);
    }
  });

  test('these tests would find a leak', () => {
    assert.throws(() => assertNothingIn(asLambdaWrites(trouble('SlowDown', 'server'))));
    assert.throws(() => assertNothingIn(asLambdaWrites(new SceneFileChanged(CONTENT))));
  });
});
