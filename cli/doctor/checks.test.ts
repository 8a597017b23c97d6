import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { Service } from '../../console/service.ts';
import { ObjectNotFound } from '../../core/base/errors.ts';
import { makeMetricsTable } from '../../core/drift/metricsTable.ts';
import { makeLedger } from '../../core/ledger/ledger.ts';
import { makeModels } from '../../core/releases/models.ts';
import { LEDGER_TABLE, METRICS_TABLE } from '../../local/tables/tables.ts';
import type { AlarmState } from '../../observability/alarms.ts';
import { newScene, MODEL as REF } from '../../test/benches/ledgerRows.ts';
import { startTestTables } from '../../test/benches/tables.ts';
import { exampleParameters } from '../../test/documents/exampleParameters.ts';
import type { StackState } from '../service/stack.ts';
import { commandFor } from '../service/where.ts';
import type { Finding } from './check.ts';
import { alarms, buckets, model, outbox, tables, watching } from './serviceChecks.ts';
import { arrivalsRule, credentials, deadLetters, inboxEvents, stack, subscription, sweepRule } from './stageChecks.ts';
import type { StagePorts } from './stagePorts.ts';

/** What each check finds, and what it says is to be done, on fakes of what it looks at. */

/** What is looked at, and what is then said: `wrong: WHAT WAS FOUND → WHAT TO DO`. */
type Case = [when: string, look: () => Promise<Finding>, says: RegExp];
/** Cases that differ in what is looked at alone. */
function casesOf<Seen>(look: (seen: Seen) => Promise<Finding>, cases: readonly (readonly [string, Seen, RegExp])[]) {
  return cases.map(([when, seen, says]): Case => [when, () => look(seen), says]);
}

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

const { ObservedParameters: _, ...otherOutputs } = OUTPUTS;

const STACK = casesOf(lookAtStack, [
  ['it was deployed', {}, /^fine: swath-dev is UPDATE_COMPLETE since 2026-03-01T10:00:00.000Z$/],
  ...['ROLLBACK_COMPLETE', 'CREATE_FAILED', 'DELETE_FAILED', 'UPDATE_ROLLBACK_FAILED'].map(
    (status) =>
      [
        `it is ${status}`,
        { status },
        new RegExp(`^wrong: .*is ${status} since.* → .*Deploy it again: npx sls deploy --stage dev$`),
      ] as const,
  ),
  ['it is being changed', { status: 'UPDATE_IN_PROGRESS' }, /^notice: .*UPDATE_IN_PROGRESS.* → .*Look again/],
  [
    'its last deployment was taken back',
    { status: 'UPDATE_ROLLBACK_COMPLETE' },
    /^notice: .*UPDATE_ROLLBACK_COMPLETE.* → .*was taken back/,
  ],
  [
    'it says nothing of itself',
    { outputs: otherOutputs },
    /^wrong: swath-dev was deployed from another version of Swath → .*Deploy it again/,
  ],
  ...['{"stage":"dev"}', 'no json'].map(
    (ObservedParameters) =>
      [
        `it says ${ObservedParameters} of itself`,
        { outputs: { ...OUTPUTS, ObservedParameters } },
        /^wrong: .*another version of Swath/,
      ] as const,
  ),
]);

function lookAtSubscriptions(all: Awaited<ReturnType<StagePorts['readSubscriptions']>>, isDeployed = true) {
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
  [
    'everybody has confirmed',
    () => lookAtSubscriptions([confirmed, { ...confirmed, protocol: 'sqs', endpoint: 'arn:q' }]),
    /^fine: me@example.org, sqs arn:q$/,
  ],
  [
    'nobody has confirmed yet',
    () => lookAtSubscriptions([pending]),
    /^wrong: nobody is notified of alarms: you@example.org has not confirmed yet → .*Subscription Confirmation/,
  ],
  [
    'one has, and another has not',
    () => lookAtSubscriptions([confirmed, pending]),
    /^notice: me@example.org; you@example.org has not confirmed yet → .*Subscription Confirmation/,
  ],
  [
    'a webhook is told beside an address',
    () => lookAtSubscriptions([confirmed, webhook]),
    /^fine: me@example.org, the webhook, by swath-dev-webhook$/,
  ],
  [
    'a webhook alone is told',
    () => lookAtSubscriptions([webhook], false),
    /^notice: the webhook, by swath-dev-webhook, and nobody where that fails → .*--param="alarmEmail=you@example.org"/,
  ],
  [
    'nobody is to be told',
    () => lookAtSubscriptions([], false),
    /^notice: .*alarmEmail=none.* → .*--param="alarmEmail=you@example.org"/,
  ],
  [
    'the one who was to be told has unsubscribed',
    () => lookAtSubscriptions([], true),
    /^wrong: .*has unsubscribed.* → .*alarmEmail=none/,
  ],
];

function lookAtRule(check: typeof arrivalsRule, rule: Awaited<ReturnType<StagePorts['readRule']>>) {
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
const rule = { isEnabled: true, schedule: 'cron(15 0 * * ? *)', targets: ['arn:other', 'arn:machine'] };

const RULES: Case[] = [arrivalsRule, sweepRule].flatMap((check): Case[] => [
  [`the ${check.id} is enabled`, () => lookAtRule(check, rule), /^fine: swath-dev-\w+ is enabled, cron/],
  [
    `the ${check.id} is disabled`,
    () => lookAtRule(check, { ...rule, isEnabled: false }),
    /^wrong: .*is disabled: .* → .*aws events enable-rule --name swath-dev-/,
  ],
  [
    `the ${check.id} is not there`,
    () => lookAtRule(check, null),
    /^wrong: there is no rule swath-dev-.* → .*npx sls deploy --stage dev/,
  ],
  [
    `the ${check.id} starts something else`,
    () => lookAtRule(check, { ...rule, targets: ['arn:other'] }),
    /^wrong: .*does not start the state machine.* → .*npx sls deploy --stage dev/,
  ],
]);

const gathered = { ...rule, targets: ['arn:aws:sqs:us-east-1:1:swath-dev-arrivals'] };
RULES.push(
  [
    'the arrivals rule sends events to the queue that gathers them',
    () => lookAtRule(arrivalsRule, gathered),
    /^fine: swath-dev-arrivals is enabled/,
  ],
  [
    'the sweep rule sends its event to that queue',
    () => lookAtRule(sweepRule, gathered),
    /^wrong: .*does not start the state machine.* → .*npx sls deploy --stage dev/,
  ],
);

const state = (id: string, is: AlarmState['state']): AlarmState => ({
  id,
  name: `swath-dev-${id}`,
  state: is,
  since: '2026-03-01T10:00:00.123Z',
  reason: '',
});
const parameters = { falseAlarmsPerYear: 4 } as Service['parameters'];
const lookAtAlarms = (all: AlarmState[]) =>
  alarms.look({ service: async () => ({ readAlarms: async () => all, parameters }) });

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

const itemOf = (version: string) =>
  readFileSync(new URL('item.json', BASELINE), 'utf8').replace('"version": "1.0.0"', `"version": "${version}"`);

/** The files of another version, and what is other in its item. */
function candidate(change: readonly [from: string, to: string] = ['', '']): Record<string, Uint8Array | string> {
  const files = PACKAGE.map((file) => [`1.1.0/${file}`, readFileSync(new URL(file, BASELINE))]);
  return { ...Object.fromEntries(files), '1.1.0/item.json': itemOf('1.1.0').replace(...change) };
}

const shadowOf = (version: string) =>
  JSON.stringify({ shadow: { version, share: 0.2, since: '2026-03-01T10:00:00.000Z' } });

const MODEL = casesOf(lookAtModel, [
  [
    'a whole package is promoted',
    {},
    /^fine: droughtwatch-baseline 1\.0\.0, promoted 2026-03-01T10:00:00\.000Z; .* 1,032,536 bytes$/,
  ],
  [
    'another version shadows it',
    { ...candidate(), 'shadow.json': shadowOf('1.1.0') },
    /^fine: .* 1,032,536 bytes; 1\.1\.0 shadows 20\u00a0% of its files$/,
  ],
  [
    'a version shadows it that has its chips prepared in another way',
    { ...candidate(['"bands": ["B2", "B3"', '"bands": ["B3", "B2"']), 'shadow.json': shadowOf('1.1.0') },
    /^notice: .*; its shadow 1\.1\.0 cannot classify: its chips are prepared in another way: bands → End it, or name another version: swath model shadow droughtwatch-baseline\/VERSION/,
  ],
  [
    'a version shadows it that is gone',
    { 'shadow.json': shadowOf('9.9.9') },
    /^notice: .*; its shadow 9\.9\.9 cannot classify: item\.json: found no such file/,
  ],
  [
    'shadow.json says nothing',
    { 'shadow.json': '{}' },
    /^notice: .*its shadow cannot classify: droughtwatch-baseline\/shadow\.json: found “"\{\}"”/,
  ],
  [
    'none is promoted',
    { 'promoted.json': null },
    /^wrong: .*no version of droughtwatch-baseline is promoted.* → Promote one\.$/,
  ],
  [
    'a model beside it is not promoted',
    { 'serving.json': '{"models": [{"name": "droughtwatch-baseline"}, {"name": "b", "accepts": ["s/*"]}]}' },
    /^wrong: droughtwatch-baseline 1\.0\.0.* bytes; takes \*; no version of b is promoted; takes s\/\* → Promote one\.$/,
  ],
  ['serving.json says nothing', { 'serving.json': '{}' }, /^wrong: serving\.json: found “"\{\}"”/],
  ['promoted.json says nothing', { 'promoted.json': '{}' }, /^wrong: .*promoted\.json: found “"\{\}"”/],
  ...['item.json', 'reference.json', 'model.onnx'].map(
    (file) =>
      [
        `${file} is missing`,
        { [`1.0.0/${file}`]: null },
        new RegExp(`^wrong: droughtwatch-baseline 1\\.0\\.0, .*${file}.* → .*Publish a complete package`),
      ] as const,
  ),
  ['model.onnx is empty', { '1.0.0/model.onnx': '' }, /^wrong: .*droughtwatch-baseline\/1\.0\.0\/model\.onnx is empty/],
  [
    'the package is another version than its folder says',
    { '1.0.0/item.json': itemOf('1.0.1') },
    /^wrong: .*item\.json names droughtwatch-baseline 1\.0\.1/,
  ],
  [
    'its reference is provisional, so that it can never drift',
    { '1.0.0/reference.json': '{"provisional":true}' },
    /^notice: .*1\.0\.0, .*; reference\.json: is provisional.*"npx swath model profile FOLDER --data FILE"/,
  ],
  ['it has no card', { '1.0.0/README.md': null }, /^notice: .*no model card/],
]);

const command = (text: string) => commandFor({ stage: 'dev', region: 'eu-west-1' }, text);
const lookAtInbox = (sendsTo: Awaited<ReturnType<Parameters<typeof inboxEvents.look>[0]['sendsEvents']>>) =>
  inboxEvents.look({ stage: 'dev', output: async () => 'inbox', sendsEvents: async () => sendsTo });
const lookAtLetters = (count: number) => deadLetters.look({ command, countDeadLetters: async () => count });
const OTHERS: Case[] = [
  [
    'credentials are taken',
    () =>
      credentials.look({
        region: async () => 'eu-central-1',
        whoAmI: async () => ({ account: '123456789012', arn: 'arn:aws:iam::123456789012:user/me' }),
      }),
    /^fine: arn:aws:iam::123456789012:user\/me, in account 123456789012, eu-central-1$/,
  ],
  [
    'all buckets can be reached',
    () => buckets.look({ reachBucket: async (bucket) => `swath-dev-${bucket}` }),
    /^fine: swath-dev-inbox, swath-dev-results, swath-dev-models$/,
  ],
  ['the inbox sends its events', () => lookAtInbox('EventBridge'), /^fine: inbox sends its events to EventBridge$/],
  [
    'it sends them to the queue that gathers them',
    () => lookAtInbox('the queue of arrivals'),
    /^fine: inbox sends its events to the queue of arrivals$/,
  ],
  [
    'it does not',
    () => lookAtInbox('nobody'),
    /^wrong: inbox sends its events neither .* → .*npx sls deploy --stage dev/,
  ],
  ['nothing is left over', () => lookAtLetters(0), /^fine: none$/],
  [
    'one is',
    () => lookAtLetters(1),
    /^wrong: one event or request could not be delivered or processed → .*: npx swath redrive --dry-run --stage dev --region eu-west-1\. .*: npx swath redrive --stage dev --region eu-west-1$/,
  ],
  [
    'no alarm has gone off',
    () => lookAtAlarms([state('drift', 'OK'), state('no-sweep', 'INSUFFICIENT_DATA')]),
    /^fine: none of 2 has gone off; by chance, they do at most 4 times a year$/,
  ],
  [
    'one has',
    () => lookAtAlarms([state('drift', 'OK'), state('no-sweep', 'ALARM')]),
    /^notice: 1 of 2 in ALARM: no-sweep since 2026-03-01T10:00:00Z → .*docs\/runbook\.md#no-sweep/,
  ],
  ['there is no alarm', () => lookAtAlarms([]), /^wrong: there are no alarms → Deploy the stage again\.$/],
  [
    'a laptop has e-mails',
    () =>
      outbox.look({
        outbox: '.swath/outbox',
        readOutbox: async () => [{ id: 'b', time: '2026-03-02T10:00:00Z', to: '', subject: '', text: '' }],
      }),
    /^fine: .*\.swath\/outbox: the newest e-mail is of 2026-03-02T10:00:00Z$/,
  ],
  [
    'nothing watches the inbox folder',
    () => watching.look({ command, inbox: '.swath/inbox', isWatching: async () => false }),
    /^notice: .*nothing watches \.swath\/inbox.* → .*: npx swath start /,
  ],
];

for (const [name, cases] of Object.entries({ STACK, SUBSCRIPTION, RULES, MODEL, OTHERS }))
  describe(`findings of the check: ${name.toLowerCase()}`, () => {
    for (const [when, look, says] of cases)
      test(`when ${when}`, async () => {
        const { status, found, todo } = await look();
        assert.match([`${status}: ${found}`, ...(todo === undefined ? [] : [todo])].join(' → '), says);
      });
  });

test('after a clock that was ahead, the newest run is the newest of those whose time has come', async () => {
  const client = await startTestTables();
  const [ledger, metrics] = [makeLedger(client, LEDGER_TABLE), makeMetricsTable(client, METRICS_TABLE)];
  const service = { ledger, metrics, parameters: exampleParameters, now: () => changed };
  const look = async () => (await tables.look({ service: async () => service })).found;
  assert.match(await look(), /; no run is DONE yet$/);
  for (const time of ['2026-02-28T09:00:00.000Z', '2026-03-01T09:00:00.000Z', '2028-02-29T09:00:00.000Z']) {
    const now = new Date(time);
    const request = { scene: newScene(), model: REF, execution: 'one', now, leaseSeconds: 60, attemptLimit: 3 };
    await ledger.advance((await ledger.claim(request)).row, 'DONE', now);
  }
  assert.match(await look(), /; the newest DONE run is of 2026-03-01T09:00:00\.000Z$/);
});

test('where only its version is another one, the rest is looked at all the same', async () => {
  assert.equal((await lookAtStack({ outputs: otherOutputs })).letsOthersLook, true);
  assert.equal((await lookAtStack({ status: 'ROLLBACK_COMPLETE' })).letsOthersLook, undefined);
});
