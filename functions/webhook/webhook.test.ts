import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { InvalidWebhook } from '../../core/base/errors.ts';
import { logTo } from '../../core/base/step.ts';
import { type Alarm, alarmsOf, describeAlarm } from '../../observability/alarms.ts';
import type { SlackMessage } from '../../observability/slackMessage.ts';
import { exampleParameters } from '../../test/documents/exampleParameters.ts';
import { webhookStep } from './webhook.ts';

const alarms = alarmsOf(exampleParameters);
const drift = alarms.find(({ id }) => id === 'drift')!;
const invocation = { remainingSeconds: () => 9, signal: new AbortController().signal };
const FIRST = 'https://chat.example.org/hooks/first';
const SECOND = 'https://chat.example.org/hooks/second';

/** What SNS hands over, as much of it as there is of use. */
function fromTopic(Message: string, Subject?: string) {
  const TopicArn = 'arn:aws:sns:us-east-1:123456789012:swath-dev-alarms';
  const Sns = { TopicArn, Message, Timestamp: '2026-11-14T12:05:01.000Z', ...(Subject !== undefined && { Subject }) };
  return { Records: [{ EventSource: 'aws:sns', EventVersion: '1.0', Sns }] };
}

/** An alarm's message, as CloudWatch writes it. */
function alarmed(alarm: Alarm, before: string, state: string, others: Record<string, unknown> = {}) {
  const AlarmName = `swath-dev-${alarm.id}`;
  const message = {
    AlarmName,
    AlarmDescription: describeAlarm(alarm),
    AWSAccountId: '123456789012',
    NewStateValue: state,
    NewStateReason: 'Threshold Crossed: 1 datapoint [0.421 (14/11/26 12:05:00)] was greater than the threshold (0.25).',
    StateChangeTime: '2026-11-14T12:05:00.159+0000',
    Region: 'US East (N. Virginia)',
    AlarmArn: `arn:aws:cloudwatch:us-east-1:123456789012:alarm:${AlarmName}`,
    OldStateValue: before,
    Trigger: { MetricName: 'Drift', Namespace: 'Swath' },
    ...others,
  };
  return fromTopic(JSON.stringify(message), `${state}: "${AlarmName}" in US East (N. Virginia)`);
}

/** The function, with a secret that can be changed and a chat that can be asked to refuse. */
function makeBench() {
  const posted: [address: string, message: SlackMessage][] = [];
  const refusing = new Map<string, Error>();
  let [secret, reads]: [string | undefined, number] = [FIRST, 0];
  const step = webhookStep({
    stage: 'dev',
    alarms,
    dashboardUrl: 'https://dashboard',
    parameter: '/swath/dev/alarm-webhook',
    readSecret: async () => {
      reads += 1;
      return secret;
    },
    post: async ({ href }, message) => {
      posted.push([href, message]);
      const refusal = refusing.get(href);
      if (refusal !== undefined) throw refusal;
    },
  });
  return {
    call: (message: unknown = alarmed(drift, 'OK', 'ALARM')) => step(message, invocation),
    posted,
    addresses: () => posted.map(([address]) => address),
    reads: () => reads,
    refuse: (address: string) => refusing.set(address, new InvalidWebhook('It is gone.')),
    put: (text: string | undefined) => {
      secret = text;
    },
  };
}

let lines: string[] = [];
const keepLog = () => {
  lines = [];
  logTo((line) => lines.push(line));
};

describe('a message of the topic', () => {
  beforeEach(keepLog);
  const first = { ...drift, id: 'strange' };
  const NO_DATA = 'INSUFFICIENT_DATA';
  for (const [title, message, lineOfText] of [
    ['an alarm', alarmed(drift, 'OK', 'ALARM'), '*ALARM: swath-dev-drift: Predictions drift*'],
    ['one without a past', alarmed(drift, 'INSUFFICIENT_DATA', 'ALARM'), '*ALARM: swath-dev-drift: Predictions drift*'],
    ['its end', alarmed(drift, 'ALARM', 'OK'), '*OK: swath-dev-drift (was: Predictions drift)*'],
    ['a want of data', alarmed(drift, 'OK', NO_DATA), `*${NO_DATA}: swath-dev-drift: Predictions drift*`],
    ['an alarm that nobody here knows', alarmed(first, 'OK', 'ALARM'), '*ALARM: swath-dev-strange*'],
    ['what somebody has published by hand', fromTopic('We are <moving> the bucket.', 'Notice'), '*Notice*'],
    ['the same without a subject', fromTopic('We are moving.'), '*From swath-dev-alarms*'],
    ['JSON that is no alarm', fromTopic('{"AlarmName":"swath-dev-drift"}', 'Notice'), '*Notice*'],
    ['an alarm in no known state', alarmed(drift, 'OK', 'LOUD'), '*LOUD: "swath-dev-drift" in US East (N. Virginia)*'],
  ] as const)
    test(`is posted: ${title}`, async () => {
      const { call, posted } = makeBench();
      await call(message);
      assert.equal(posted.length, 1);
      assert.equal(posted[0]![1].text.split('\n')[0], lineOfText);
    });

  test("has CloudWatch's reason, its time and the dashboard's address", async () => {
    const { call, posted } = makeBench();
    await call();
    const { text } = posted[0]![1];
    assert.match(
      text,
      /\nThe alarm swath-dev-drift has entered the ALARM state\. Threshold Crossed: 1 datapoint \[0\.421/,
    );
    assert.match(text, /\nOK -&gt; ALARM, 2026-11-14T12:05:00\.159Z\n<https:\/\/dashboard\|Dashboard>\n/);
  });

  test('of an unknown alarm has its own description, and notifies nobody by name', async () => {
    const { call, posted } = makeBench();
    const unknown = (more: object) => alarmed({ ...drift, id: 'x' }, 'OK', 'ALARM', { ...more });
    await call(unknown({ AlarmDescription: 'Look, <!channel>!', StateChangeTime: 'today' }));
    assert.match(posted[0]![1].text, /\nLook, &lt;!channel&gt;!\n.*\nOK -&gt; ALARM, today\n/s);
    await call(unknown({ AlarmDescription: null }));
    assert.equal(posted.length, 2);
  });

  for (const [title, message] of [
    ['that an alarm is OK for the first time', alarmed(drift, 'INSUFFICIENT_DATA', 'OK')],
    ['the alarm on the webhook itself', alarmed({ ...drift, id: 'webhook' }, 'OK', 'ALARM')],
    ['its end', alarmed({ ...drift, id: 'webhook' }, 'ALARM', 'OK')],
  ] as const)
    test(`is passed over: ${title}`, async () => {
      const { call, posted, reads } = makeBench();
      await call(message);
      assert.deepEqual([posted.length, reads()], [0, 0]);
      assert.match(lines.join(), /"event":"webhook\.done".*"passedOver":"/);
    });

  test('is refused if it is not from a topic', async () => {
    const { call } = makeBench();
    for (const wrong of [{}, { Records: [] }, { Records: [{ Sns: { Message: 7 } }] }, null])
      await assert.rejects(call(wrong), { name: 'InvalidMessage' });
  });
});

describe('the address of the webhook', () => {
  beforeEach(keepLog);

  test('that has refused a message fails the call, and one that was put in its place is used by the next try', async () => {
    const { call, put, refuse, addresses } = makeBench();
    refuse(FIRST);
    await assert.rejects(call(), { name: 'InvalidWebhook', message: 'It is gone.' });
    put(SECOND);
    await call();
    assert.deepEqual(addresses(), [FIRST, SECOND]);
  });

  for (const [title, secret, said] of [
    [
      'is not there',
      undefined,
      /^There is no SSM parameter \/swath\/dev\/alarm-webhook, .*: aws ssm put-parameter --type /,
    ],
    ['is none', 'TODO', /^The SSM parameter \/swath\/dev\/alarm-webhook holds no address .*: aws ssm put-parameter /],
    ['is without TLS', 'http://chat.example.org/hooks/secret', /which begins with https:\/\//],
    ['is of this machine', 'http://127.0.0.1:9001/', /which begins with https:\/\//],
    ['has a password in it', 'https://me:secret@chat.example.org/hooks/x', /has no user in it/],
  ] as const)
    test(`that ${title} is reported, without its text, and looked up again`, async () => {
      const { call, put, addresses } = makeBench();
      put(secret);
      await assert.rejects(call(), { name: 'InvalidWebhook', message: said });
      assert.doesNotMatch(lines.join(), /secret@|hooks\/|9001/);
      put(` ${SECOND}\n`);
      await call();
      assert.deepEqual(addresses(), [SECOND]);
    });

  test('is in no line of the log', async () => {
    const { call, refuse } = makeBench();
    await call();
    refuse(FIRST);
    await assert.rejects(call());
    assert.equal(lines.length, 2);
    assert.match(lines[0]!, /"event":"webhook\.done","alarm":"swath-dev-drift","state":"ALARM"/);
    assert.match(lines[1]!, /"event":"webhook\.failed".*"error":"InvalidWebhook: It is gone\."/);
    assert.doesNotMatch(lines.join(), /chat\.example\.org/);
  });
});
