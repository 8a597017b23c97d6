import assert from 'node:assert/strict';
import { askedBy } from '../../../cli/send/redrive.ts';
import { MAX_KEY_BYTES } from '../../../core/base/limits.ts';
import { sceneEventSchema, sceneInput, settleInputSchema, sweepInput } from '../../../core/base/messages.ts';
import { isSafeName } from '../../../core/base/names.ts';
import { logTo, makeStep } from '../../../core/base/step.ts';
import { notificationOf } from '../../../core/doors/notifications/notification.ts';
import type { LedgerWidgetPorts } from '../../../functions/ledgerWidget/ledgerView.ts';
import { ledgerWidgetStep } from '../../../functions/ledgerWidget/ledgerWidget.ts';
import { retryStep } from '../../../functions/retry/retryStep.ts';
import { readError } from '../../../functions/settle/settle.ts';
import { inputSchemas } from '../../stateMachine/inputSchemas.ts';
import { damage } from '../mutate/bytes.ts';
import { damageJson } from '../mutate/json.ts';
import type { Target } from '../target.ts';

const scene = { bucket: 'inbox', key: 'north/x.tfrecord', versionId: 'v1' };
const model = { name: 'small', version: '1.0.0' };
const run = {
  id: 'a'.repeat(32),
  scene,
  model,
  attempt: 1,
  execution: 'arn',
  digest: 'b'.repeat(64),
  day: '2026-03-01',
};
const part = { part: 0, counts: [1, 2], missing: 0, probabilitySum: 2.5, milliseconds: 7 };
/** What S3 sends, field for field. */
const S3_EVENT = {
  version: '0',
  id: '17793124-05d4-b198-2fde-7ededc63b103',
  'detail-type': 'Object Created',
  source: 'aws.s3',
  account: '111122223333',
  time: '2021-11-12T00:00:00Z',
  region: 'ca-central-1',
  resources: ['arn:aws:s3:::inbox'],
  detail: {
    version: '0',
    bucket: { name: 'inbox' },
    object: {
      key: 'north/x.tfrecord',
      size: 5,
      etag: 'b1946ac92492d2347c6235b4d2611184',
      'version-id': 'IYV3p45BT0ac8hjHg1houSdS1a.Mro8e',
    },
    'request-id': 'N4N7GDK58NMKJ12R',
    reason: 'PutObject',
  },
};
const MESSAGES: unknown[] = [
  S3_EVENT,
  sceneInput(scene, model),
  sweepInput,
  { scene: S3_EVENT, execution: 'arn' },
  { run, part: 0 },
  { run, parts: [part, part] },
  { empty: run },
  { before: '2026-03-01T00:15:00Z' },
  { before: '2026-03-01T00:15:00Z', judged: [{ day: '2026-02-28' }] },
  { cursor: null, execution: 'arn' },
  {
    input: S3_EVENT,
    execution: 'arn',
    step: 'Infer',
    error: { Error: 'X', Cause: '{"errorType":"X","errorMessage":"no"}' },
  },
  { run: 'a'.repeat(32) },
  { view: 'ledger', widgetContext: { forms: { all: { state: 'FAILED', search: '<b>' } } } },
];

const invocation = { remainingSeconds: () => 900, signal: new AbortController().signal };
const nothing = async () => ({ rows: [], cursor: undefined });
const widgetPorts: LedgerWidgetPorts = {
  ledger: { byState: nothing, countByState: async () => 0, ofDay: async function* () {} },
  models: { promotion: async () => null, load: () => assert.fail('no model is promoted') },
  threshold: 0.25,
  minimum: 1,
  driftWindow: 300,
  now: () => new Date(0),
  widgetArn: 'arn:widget',
  retryArn: 'arn:retry',
};

/** Each function with its own check of the message, and nothing to do. */
const STEPS = {
  ...Object.fromEntries(
    Object.entries(inputSchemas).map(([name, schema]) => [name, makeStep(name, schema, async (input) => input)]),
  ),
  ledgerWidget: ledgerWidgetStep(widgetPorts),
  retry: retryStep({
    ledger: { byRun: async () => undefined } as never,
    executions: { start: async () => 'started', arnOf: (name) => name },
    now: () => new Date(0),
  }),
};
logTo(() => {});

/** What reaches a function: EventBridge's events, the state machine's messages, and what a dashboard's button sends. */
export const message: Target = {
  name: 'message',
  limits: { share: 90, refuses: ['InvalidMessage', 'SyntaxError'], bytesPerByte: 400 },
  make: (dice) => damageJson(dice.pick(MESSAGES), dice),
  read: async (bytes) => {
    const sent: unknown = JSON.parse(new TextDecoder().decode(bytes)); // by Lambda, whose error this is
    let refusal: unknown;
    let taken = 0;
    for (const [name, step] of Object.entries(STEPS)) {
      try {
        const answer = await step(sent, invocation);
        taken += 1;
        if (typeof answer === 'string') assert.doesNotMatch(answer, /<script|<b>/, name);
      } catch (error) {
        if ((error as Error).name !== 'InvalidMessage') throw error;
        assert.match((error as Error).message, /\S: \S/, name);
        refusal = error;
      }
    }
    const event = sceneEventSchema.safeParse(sent);
    if (event.success) {
      const { key, bucket, versionId } = event.data.scene;
      assert.ok(key.length > 0 && Buffer.byteLength(key) <= MAX_KEY_BYTES && bucket.length <= 63 && versionId !== '');
      const named = event.data.model;
      assert.ok(named === undefined || (isSafeName(named.name) && isSafeName(named.version)), JSON.stringify(named));
    }
    if (taken === 0) throw refusal;
  },
};

/** Bodies of the dead-letter queue, which takes messages of anybody who may write to it. */
export const deadLetter: Target = {
  name: 'deadLetter',
  // it is read twice
  limits: { share: 60, refuses: [], bytesPerByte: 2 * 200 },
  make: (dice) =>
    damageJson(dice.pick([S3_EVENT, notificationOf(scene, 5), sweepInput, sceneInput(scene, model)]), dice),
  read: (bytes) => {
    const body = new TextDecoder().decode(bytes);
    const stage = {
      inbox: { bucket: 'inbox', prefix: 'north/' },
      sendBack: { requests: async () => {}, counts: null, warehouse: null },
    };
    const letter = { id: 'm', body, why: null, receipt: 'r' };
    const [asked, ofRequests] = [null, 'requests' as const].map((from) => askedBy({ ...letter, from }, stage)) as [
      ...[ReturnType<typeof askedBy>, ReturnType<typeof askedBy>],
    ];
    if (asked.kind === 'none') {
      assert.ok(asked.why !== '' && asked.why.length < 3000);
      assert.equal(ofRequests.kind, 'message');
      return;
    }
    assert.ok(asked.kind !== 'message');
    assert.partialDeepStrictEqual(ofRequests, { kind: asked.kind, what: asked.what, name: asked.name });
    assert.match(asked.name, /^redrive-[\w-]{1,64}$/); // what Step Functions takes as a name has at most 80
    if (asked.kind === 'scene')
      assert.ok(asked.what.startsWith('north/') && sceneEventSchema.safeParse(asked.input).success);
  },
};

/** What Step Functions says of an error: JSON of a function that threw, plain text, or the first 32,768 letters of either. */
export const cause: Target = {
  name: 'cause',
  limits: { share: 45, refuses: [], bytesPerByte: 200 },
  make: (dice) => {
    const thrown = {
      errorType: 'InvalidSceneFile',
      errorMessage: 'north/x: is empty (0 bytes)',
      trace: ['at x (y:1)'],
    };
    return dice.once(4) ? damage(new TextEncoder().encode(JSON.stringify(thrown)), dice) : damageJson(thrown, dice);
  },
  read: (bytes) => {
    const Cause = new TextDecoder().decode(bytes);
    const { error } = settleInputSchema.parse({ input: null, execution: 'e', step: 's', error: { Error: 'X', Cause } });
    const { name, message } = readError(error);
    assert.equal(name, 'X');
    assert.ok(typeof message === 'string' && message.trim() !== '', JSON.stringify(message));
  },
};
