import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { ObjectNotFound } from '../../core/base/errors.ts';
import { makeModels } from '../../core/releases/models.ts';
import type { AlarmState } from '../../observability/alarmState.ts';
import { exampleParameters } from '../../test/documents/exampleParameters.ts';
import type { StackState } from '../service/stack.ts';
import { commandFor } from '../service/where.ts';
import type { Finding } from './check.ts';
import { alarms, buckets, model, outbox, watching } from './serviceChecks.ts';
import {
  arrivalsRule,
  credentials,
  deadLetters,
  inboxEvents,
  type Rule,
  type Subscription,
  stack,
  subscription,
  sweepRule,
} from './stageChecks.ts';

/** What each check finds, and what it says is to be done, on fakes of what it looks at. */

type Case = { when: string; finding: () => Promise<Finding>; status: Finding['status']; found: RegExp; todo?: RegExp };

const OUTPUTS = {
  InboxBucket: 'inbox',
  ResultsBucket: 'results',
  ModelsBucket: 'models',
  LedgerTable: 'l',
  MetricsTable: 'm',
  StateMachineArn: 'arn:machine',
  AlarmTopicArn: 'arn:topic',
  DeadLetterQueueUrl: 'url',
  ObservedParameters: JSON.stringify(exampleParameters),
};
const changed = new Date('2026-03-01T10:00:00Z');

function lookAtStack(more: Partial<StackState>) {
  const state = { name: 'swath-dev', status: 'UPDATE_COMPLETE', reason: undefined, changed, outputs: OUTPUTS, ...more };
  return stack.look({ stage: 'dev', readStack: async () => state });
}

const { DeadLetterQueueUrl: _, ...olderOutputs } = OUTPUTS;

const STACK: Case[] = [
  {
    when: 'it was deployed',
    finding: () => lookAtStack({}),
    status: 'fine',
    found: /^swath-dev is UPDATE_COMPLETE since 2026-03-01T10:00:00.000Z$/,
  },
  ...['ROLLBACK_COMPLETE', 'CREATE_FAILED', 'DELETE_FAILED', 'UPDATE_ROLLBACK_FAILED'].map(
    (status): Case => ({
      when: `it is ${status}`,
      finding: () => lookAtStack({ status }),
      status: 'wrong',
      found: new RegExp(`is ${status} since`),
      todo: /Deploy it again: npx sls deploy --stage dev$/,
    }),
  ),
  {
    when: 'it is being changed',
    finding: () => lookAtStack({ status: 'UPDATE_IN_PROGRESS' }),
    status: 'notice',
    found: /UPDATE_IN_PROGRESS/,
    todo: /Look again/,
  },
  {
    when: 'its last deployment was taken back',
    finding: () => lookAtStack({ status: 'UPDATE_ROLLBACK_COMPLETE' }),
    status: 'notice',
    found: /UPDATE_ROLLBACK_COMPLETE/,
    todo: /was taken back/,
  },
  {
    when: 'an output is missing',
    finding: () => lookAtStack({ outputs: olderOutputs }),
    status: 'wrong',
    found: /^swath-dev has no output DeadLetterQueueUrl: it was deployed from another version of Swath$/,
    todo: /Deploy it again/,
  },
  ...['{"stage":"dev"}', 'no json'].map(
    (ObservedParameters): Case => ({
      when: `it says ${ObservedParameters} of itself`,
      finding: () => lookAtStack({ outputs: { ...OUTPUTS, ObservedParameters } }),
      status: 'wrong',
      found: /another version of Swath/,
    }),
  ),
];

function lookAtSubscriptions(all: Subscription[], isDeployed = true) {
  const ports = { readSubscriptions: async () => all, isSubscriptionDeployed: async () => isDeployed };
  return subscription.look({ stage: 'dev', ...ports });
}
const confirmed = { protocol: 'email', endpoint: 'me@example.org', isConfirmed: true };
const webhook = {
  protocol: 'lambda',
  endpoint: 'arn:aws:lambda:us-east-1:1:function:swath-dev-webhook',
  isConfirmed: true,
};
const pending = { protocol: 'email', endpoint: 'you@example.org', isConfirmed: false };

const SUBSCRIPTION: Case[] = [
  {
    when: 'everybody has confirmed',
    finding: () => lookAtSubscriptions([confirmed, { ...confirmed, protocol: 'sqs', endpoint: 'arn:q' }]),
    status: 'fine',
    found: /^me@example.org, sqs arn:q$/,
  },
  {
    when: 'nobody has confirmed yet',
    finding: () => lookAtSubscriptions([pending]),
    status: 'wrong',
    found: /^nobody is notified of alarms: you@example.org has not confirmed yet$/,
    todo: /Subscription Confirmation/,
  },
  {
    when: 'one has, and another has not',
    finding: () => lookAtSubscriptions([confirmed, pending]),
    status: 'notice',
    found: /^me@example.org; you@example.org has not confirmed yet$/,
    todo: /Subscription Confirmation/,
  },
  {
    when: 'a webhook is told beside an address',
    finding: () => lookAtSubscriptions([confirmed, webhook]),
    status: 'fine',
    found: /^me@example.org, the webhook, by swath-dev-webhook$/,
  },
  {
    when: 'a webhook alone is told',
    finding: () => lookAtSubscriptions([webhook], false),
    status: 'notice',
    found: /^the webhook, by swath-dev-webhook, and nobody where that fails$/,
    todo: /--param="alarmEmail=you@example.org"/,
  },
  {
    when: 'nobody is to be told',
    finding: () => lookAtSubscriptions([], false),
    status: 'notice',
    found: /alarmEmail=none/,
    todo: /--param="alarmEmail=you@example.org"/,
  },
  {
    when: 'the one who was to be told has unsubscribed',
    finding: () => lookAtSubscriptions([], true),
    status: 'wrong',
    found: /has unsubscribed/,
    todo: /alarmEmail=none/,
  },
];

function lookAtRule(check: typeof arrivalsRule, rule: Rule | null) {
  const names: string[] = [];
  const readRule = async (name: string) => {
    names.push(name);
    return rule;
  };
  return check.look({ stage: 'dev', readRule, output: async () => 'arn:machine' }).then((finding) => {
    assert.deepEqual(names, [check === arrivalsRule ? 'swath-dev-arrivals' : 'swath-dev-sweep']);
    return finding;
  });
}
const rule: Rule = { isEnabled: true, schedule: 'cron(15 0 * * ? *)', targets: ['arn:other', 'arn:machine'] };

const RULES: Case[] = [arrivalsRule, sweepRule].flatMap((check): Case[] => [
  {
    when: `the ${check.title} is enabled`,
    finding: () => lookAtRule(check, rule),
    status: 'fine',
    found: /^swath-dev-\w+ is enabled, cron/,
  },
  {
    when: `the ${check.title} is disabled`,
    finding: () => lookAtRule(check, { ...rule, isEnabled: false }),
    status: 'wrong',
    found: /is disabled: /,
    todo: /aws events enable-rule --name swath-dev-/,
  },
  {
    when: `the ${check.title} is not there`,
    finding: () => lookAtRule(check, null),
    status: 'wrong',
    found: /^there is no rule swath-dev-/,
    todo: /npx sls deploy --stage dev/,
  },
  {
    when: `the ${check.title} starts something else`,
    finding: () => lookAtRule(check, { ...rule, targets: ['arn:other'] }),
    status: 'wrong',
    found: /does not start the state machine/,
    todo: /npx sls deploy --stage dev/,
  },
]);

const gathered: Rule = { ...rule, targets: ['arn:aws:sqs:us-east-1:1:swath-dev-arrivals'] };
RULES.push(
  {
    when: 'the arrivals rule sends events to the queue that gathers them',
    finding: () => lookAtRule(arrivalsRule, gathered),
    status: 'fine',
    found: /^swath-dev-arrivals is enabled/,
  },
  {
    when: 'the sweep rule sends its event to that queue',
    finding: () => lookAtRule(sweepRule, gathered),
    status: 'wrong',
    found: /does not start the state machine/,
    todo: /npx sls deploy --stage dev/,
  },
);

const state = (id: string, is: AlarmState['state']): AlarmState => ({
  id,
  name: `swath-dev-${id}`,
  state: is,
  since: '2026-03-01T10:00:00.123Z',
  reason: '',
});
const lookAtAlarms = (all: AlarmState[]) => alarms.look({ service: async () => ({ readAlarms: async () => all }) });

const BASELINE = new URL('../../models/droughtwatch-baseline/1.0.0/', import.meta.url);
const PACKAGE = ['item.json', 'reference.json', 'README.md', 'model.onnx'];
const PROMOTED = JSON.stringify({ version: '1.0.0', promotedAt: '2026-03-01T10:00:00.000Z' });

/** A model bucket with a promoted version, of which some files are others, or missing. */
function lookAtModel(others: Record<string, Uint8Array | string | null>) {
  const objects = new Map<string, Uint8Array>();
  const name = 'droughtwatch-baseline';
  for (const file of PACKAGE) objects.set(`${name}/1.0.0/${file}`, readFileSync(new URL(file, BASELINE)));
  objects.set(`${name}/promoted.json`, Buffer.from(PROMOTED));
  for (const [key, content] of Object.entries(others))
    if (content === null) objects.delete(`${name}/${key}`);
    else objects.set(key === 'serving.json' ? key : `${name}/${key}`, Buffer.from(content));
  const read = async (key: string) => {
    const found = objects.get(key);
    if (found === undefined) throw new ObjectNotFound(`${key} does not exist.`);
    return found;
  };
  const service = { models: makeModels(read, name) };
  return model.look({ howToPromote: 'Promote one.', service: async () => service });
}

/** The files of another version, and what is other in its item. */
function candidate(change: readonly [from: string, to: string] = ['', '']): Record<string, Uint8Array | string> {
  const item = readFileSync(new URL('item.json', BASELINE), 'utf8').replace('"version": "1.0.0"', '"version": "1.1.0"');
  const files = PACKAGE.map((file) => [`1.1.0/${file}`, readFileSync(new URL(file, BASELINE))]);
  return { ...Object.fromEntries(files), '1.1.0/item.json': item.replace(...change) };
}

const shadowOf = (version: string) =>
  JSON.stringify({ shadow: { version, share: 0.2, since: '2026-03-01T10:00:00.000Z' } });

const MODEL: Case[] = [
  {
    when: 'a whole package is promoted',
    finding: () => lookAtModel({}),
    status: 'fine',
    found: /^droughtwatch-baseline 1\.0\.0, promoted 2026-03-01T10:00:00\.000Z; .* 1,032,536 bytes$/,
  },
  {
    when: 'another version shadows it',
    finding: () => lookAtModel({ ...candidate(), 'shadow.json': shadowOf('1.1.0') }),
    status: 'fine',
    found: / 1,032,536 bytes; 1\.1\.0 shadows 20\u00a0% of its files$/,
  },
  {
    when: 'a version shadows it that has its chips prepared in another way',
    finding: () =>
      lookAtModel({ ...candidate(['"bands": ["B2", "B3"', '"bands": ["B3", "B2"']), 'shadow.json': shadowOf('1.1.0') }),
    status: 'notice',
    found: /; its shadow 1\.1\.0 cannot classify: its chips are prepared in another way: bands$/,
    todo: /^End it, or name another version: swath model shadow droughtwatch-baseline\/VERSION/,
  },
  {
    when: 'a version shadows it that is gone',
    finding: () => lookAtModel({ 'shadow.json': shadowOf('9.9.9') }),
    status: 'notice',
    found: /; its shadow 9\.9\.9 cannot classify: item\.json: found no such file/,
  },
  {
    when: 'shadow.json says nothing',
    finding: () => lookAtModel({ 'shadow.json': '{}' }),
    status: 'notice',
    found: /its shadow cannot classify: droughtwatch-baseline\/shadow\.json: found “"\{\}"”/,
  },
  {
    when: 'none is promoted',
    finding: () => lookAtModel({ 'promoted.json': null }),
    status: 'wrong',
    found: /no version of droughtwatch-baseline is promoted/,
    todo: /^Promote one\.$/,
  },
  {
    when: 'a model beside it is not promoted',
    finding: () =>
      lookAtModel({
        'serving.json': '{"models": [{"name": "droughtwatch-baseline"}, {"name": "b", "accepts": ["s/*"]}]}',
      }),
    status: 'wrong',
    found: /^droughtwatch-baseline 1\.0\.0.* bytes; takes \*; no version of b is promoted; takes s\/\*$/,
    todo: /^Promote one\.$/,
  },
  {
    when: 'serving.json says nothing',
    finding: () => lookAtModel({ 'serving.json': '{}' }),
    status: 'wrong',
    found: /^serving\.json: found “"\{\}"”/,
  },
  {
    when: 'promoted.json says nothing',
    finding: () => lookAtModel({ 'promoted.json': '{}' }),
    status: 'wrong',
    found: /promoted\.json: found “"\{\}"”/,
  },
  ...['item.json', 'reference.json', 'model.onnx'].map(
    (file): Case => ({
      when: `${file} is missing`,
      finding: () => lookAtModel({ [`1.0.0/${file}`]: null }),
      status: 'wrong',
      found: new RegExp(`^droughtwatch-baseline 1\\.0\\.0, .*${file}`),
      todo: /Publish a complete package/,
    }),
  ),
  {
    when: 'model.onnx is empty',
    finding: () => lookAtModel({ '1.0.0/model.onnx': '' }),
    status: 'wrong',
    found: /droughtwatch-baseline\/1\.0\.0\/model\.onnx is empty/,
  },
  {
    when: 'the package is another version than its folder says',
    finding: () =>
      lookAtModel({
        '1.0.0/item.json': readFileSync(new URL('item.json', BASELINE), 'utf8').replace(
          /"version": *"1\.0\.0"/,
          '"version": "1.0.1"',
        ),
      }),
    status: 'wrong',
    found: /item\.json names droughtwatch-baseline 1\.0\.1/,
  },
  {
    when: 'it has no card',
    finding: () => lookAtModel({ '1.0.0/README.md': null }),
    status: 'notice',
    found: /no model card/,
  },
];

const command = (text: string) => commandFor({ stage: 'dev', region: 'eu-west-1' }, text);
const OTHERS: Case[] = [
  {
    when: 'credentials are taken',
    finding: () =>
      credentials.look({
        region: async () => 'eu-central-1',
        whoAmI: async () => ({ account: '123456789012', arn: 'arn:aws:iam::123456789012:user/me' }),
      }),
    status: 'fine',
    found: /^arn:aws:iam::123456789012:user\/me, in account 123456789012, eu-central-1$/,
  },
  {
    when: 'all buckets can be reached',
    finding: () => buckets.look({ reachBucket: async (bucket) => `swath-dev-${bucket}` }),
    status: 'fine',
    found: /^swath-dev-inbox, swath-dev-results, swath-dev-models$/,
  },
  {
    when: 'the inbox sends its events',
    finding: () =>
      inboxEvents.look({ stage: 'dev', output: async () => 'inbox', sendsEvents: async () => 'EventBridge' }),
    status: 'fine',
    found: /^inbox sends its events to EventBridge$/,
  },
  {
    when: 'it sends them to the queue that gathers them',
    finding: () =>
      inboxEvents.look({ stage: 'dev', output: async () => 'inbox', sendsEvents: async () => 'the queue of arrivals' }),
    status: 'fine',
    found: /^inbox sends its events to the queue of arrivals$/,
  },
  {
    when: 'it sends them to both',
    finding: () => inboxEvents.look({ stage: 'dev', output: async () => 'inbox', sendsEvents: async () => 'both' }),
    status: 'notice',
    found: /nothing is classified twice, but each event costs twice$/,
    todo: /npx sls deploy --stage dev/,
  },
  {
    when: 'it does not',
    finding: () => inboxEvents.look({ stage: 'dev', output: async () => 'inbox', sendsEvents: async () => 'nobody' }),
    status: 'wrong',
    found: /^inbox sends its events neither /,
    todo: /npx sls deploy --stage dev/,
  },
  {
    when: 'nothing is left over',
    finding: () => deadLetters.look({ command, countDeadLetters: async () => 0 }),
    status: 'fine',
    found: /^none$/,
  },
  {
    when: 'one is',
    finding: () => deadLetters.look({ command, countDeadLetters: async () => 1 }),
    status: 'wrong',
    found: /^one event or request could not be delivered or processed$/,
    todo: /: npx swath redrive --dry-run --stage dev --region eu-west-1\. .*: npx swath redrive --stage dev --region eu-west-1$/,
  },
  {
    when: 'no alarm has gone off',
    finding: () => lookAtAlarms([state('drift', 'OK'), state('no-sweep', 'INSUFFICIENT_DATA')]),
    status: 'fine',
    found: /^none of 2 /,
  },
  {
    when: 'one has',
    finding: () => lookAtAlarms([state('drift', 'OK'), state('no-sweep', 'ALARM')]),
    status: 'notice',
    found: /^1 of 2 in ALARM: no-sweep since 2026-03-01T10:00:00Z$/,
    todo: /docs\/runbook\.md#no-sweep/,
  },
  { when: 'there is no alarm', finding: () => lookAtAlarms([]), status: 'wrong', found: /^there are no alarms$/ },
  {
    when: 'a laptop has e-mails',
    finding: () =>
      outbox.look({
        outbox: '.swath/outbox',
        readOutbox: async () => [{ id: 'b', time: '2026-03-02T10:00:00Z', to: '', subject: '', text: '' }],
      }),
    status: 'fine',
    found: /\.swath\/outbox: the newest e-mail is of 2026-03-02T10:00:00Z$/,
  },
  {
    when: 'nothing watches the inbox folder',
    finding: () => watching.look({ command, inbox: '.swath/inbox', isWatching: async () => false }),
    status: 'notice',
    found: /nothing watches \.swath\/inbox/,
    todo: /: npx swath start /,
  },
];

for (const [name, cases] of Object.entries({ STACK, SUBSCRIPTION, RULES, MODEL, OTHERS }))
  describe(`findings of the check: ${name.toLowerCase()}`, () => {
    for (const { when, finding, status, found, todo } of cases)
      test(`when ${when}: ${status}`, async () => {
        const is = await finding();
        assert.equal(is.status, status, is.found);
        assert.match(is.found, found);
        if (todo !== undefined) assert.match(is.todo ?? '', todo);
      });
  });

test('where only an output is missing, the rest is looked at all the same', async () => {
  assert.equal((await lookAtStack({ outputs: olderOutputs })).letsOthersLook, true);
  assert.equal((await lookAtStack({ status: 'ROLLBACK_COMPLETE' })).letsOthersLook, undefined);
});
