import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Call, Grant } from '../permissions.ts';
import { formerRightProblems, type Holder, rightProblems, rightsToRecord } from './rightProblems.ts';

/** What is said of a function whose rights are not those that it needs. */

const TABLE = 'arn:aws:dynamodb:us-east-1:123456789012:table/ledger';
const OBJECTS = 'arn:aws:s3:::results/predictions/*';
const FORMER = { version: '0.4.0' };
const former = (right: Grant, release = FORMER.version) => ({ ...right, release, why: 'It counts.' });

const grant = (action: string, resource = TABLE): Grant => ({
  role: 'SweepRole',
  action,
  resource,
  condition: undefined,
});
const call = (command: string, action: string, resource = TABLE): Call => ({ command, action, resource });

/** A function that asks for a row, an index and an object, and may do just that. */
const grants = [
  grant('logs:PutLogEvents'),
  grant('dynamodb:GetItem'),
  grant('dynamodb:Query', `${TABLE}/index/byDay`),
  grant('s3:GetObject', OBJECTS),
  grant('s3:ListBucket', 'arn:aws:s3:::results'),
];
const holder: Holder = {
  name: 'sweep',
  role: 'SweepRole',
  bundle: { commands: ['GetItem', 'GetObject', 'Query'], indexes: ['byDay'] },
  calls: [
    call('GetItem', 'dynamodb:GetItem'),
    call('Query', 'dynamodb:Query', `${TABLE}/index/byDay`),
    call('GetObject', 's3:GetObject', 'arn:aws:s3:::results/predictions/a'),
    call('GetObject', 's3:ListBucket', 'arn:aws:s3:::results'),
  ],
};
const without = (action: string) => grants.filter((one) => one.action !== action);
const holding = (command: string): Holder => ({
  ...holder,
  bundle: { ...holder.bundle, commands: [...holder.bundle.commands, command] },
});

test('a function with the rights that it needs has no problem', () => {
  assert.deepEqual(rightProblems(grants, holder, []), []);
  assert.deepEqual(formerRightProblems(grants, [holder], [], FORMER), []);
});

describe('a function is named with its role where', () => {
  for (const { title, given = grants, of = holder, says } of [
    {
      title: 'a right is missing',
      given: without('dynamodb:GetItem'),
      says: /^SweepRole lacks dynamodb:GetItem \S+table\/ledger, which sweep asks for: grant it in resources\/roles\.yml\.$/,
    },
    {
      title: 'the right to hear that an object is not there is missing',
      given: without('s3:ListBucket'),
      says: /^SweepRole lacks s3:ListBucket arn:aws:s3:::results, which sweep asks for/,
    },
    {
      title: 'a right is about another index',
      given: [...without('dynamodb:Query'), grant('dynamodb:Query', TABLE)],
      says: /^SweepRole lacks dynamodb:Query \S+\/index\/byDay, which .*\n.*SweepRole may dynamodb:Query \S+\/ledger, and the story never has sweep do so/,
    },
    {
      title: 'its bundle holds a command that nobody has granted',
      of: holding('Scan'),
      says: /^SweepRole lacks dynamodb:Scan, and the bundle of sweep holds Scan: grant it .*, or take what asks for it out of functions\/sweep\/handler\.ts\.$/,
    },
    {
      title: 'its bundle holds a command that is granted, and never sent',
      of: holding('HeadObject'),
      says: /^sweep holds HeadObject, which the story never has it send: tell of it in test\/packaged\/story\.$/,
    },
    {
      title: 'its bundle names an index that it never asks',
      of: { ...holder, bundle: { ...holder.bundle, indexes: ['byDay', 'byRun'] } },
      says: /^sweep names the index byRun, which the story never has it ask/,
    },
    {
      title: 'it sends a command that was not found in its bundle',
      of: { ...holder, bundle: { ...holder.bundle, commands: ['GetObject', 'Query'] } },
      says: /^sweep has sent GetItem, which was not found in its bundle: see readBundle\.$/,
    },
    {
      title: 'it has a right that nothing in its bundle can use',
      given: [...grants, grant('dynamodb:PutItem')],
      says: /^SweepRole may dynamodb:PutItem \S+, and nothing in the bundle of sweep can: take it out of resources\/roles\.yml, or say /,
    },
    {
      title: 'it has a right on something that it never asks for',
      given: [...grants, grant('s3:GetObject', 'arn:aws:s3:::results/reports/*')],
      says: /^SweepRole may s3:GetObject arn:aws:s3:::results\/reports\/\*, and the story never has sweep do so: tell of it /,
    },
    {
      title: 'it has a right on more than it asks for, beside the one that it needs',
      given: [...grants, grant('s3:GetObject', 'arn:aws:s3:::results/*')],
      says: /^SweepRole may s3:GetObject arn:aws:s3:::results\/\*, and the story never/,
    },
  ])
    test(title, () => assert.match(rightProblems(given, of, []).join('\n'), says));
});

describe('a right that only the release before needs', () => {
  const right = grant('dynamodb:PutItem');
  const given = [...grants, right];

  test('may stay', () => {
    assert.deepEqual(rightProblems(given, holder, [former(right)]), []);
    assert.deepEqual(formerRightProblems(given, [holder], [former(right)], FORMER), []);
  });

  test('is not what this release leaves behind for the next one', () => {
    const own = rightsToRecord(grants, ['SweepRole'], []);
    assert.deepEqual(rightsToRecord(given, ['SweepRole'], [former(right)]), own);
    assert.deepEqual(rightsToRecord(given, ['OtherRole'], []), []);
    assert.deepEqual(formerRightProblems(given, [holder], [former(right)], { ...FORMER, rights: own }), []);
  });

  for (const { title, has = given, kept = former(right), before = FORMER, says } of [
    {
      title: 'has to go with the next one',
      before: { version: '0.5.0' },
      says: /^SweepRole dynamodb:PutItem \S+, kept for 0\.4\.0: the release before is 0\.5\.0; take it out of /,
    },
    { title: 'has to be granted', has: grants, says: /kept for 0\.4\.0: it is not granted; an execution that began / },
    {
      title: 'is none if this release needs it',
      kept: former(grants[1]!),
      says: /GetItem \S+, kept for 0\.4\.0: it is needed anyway; take it out of test\/packaged\/rights\/formerRights\.ts\.$/,
    },
    {
      title: 'is known from what that release has recorded',
      before: { ...FORMER, rights: ['SweepRole dynamodb:UpdateItem ledger'] },
      says: /^SweepRole dynamodb:UpdateItem ledger: functions of 0\.4\.0 need it, .* keep it for one release, with a line in /,
    },
  ] as { title: string; has?: Grant[]; kept?: ReturnType<typeof former>; before?: typeof FORMER; says: RegExp }[])
    test(title, () => {
      const [problem = '', ...others] = formerRightProblems(has, [holder], [kept], before);
      assert.match(problem, says);
      assert.deepEqual(others, []);
    });
});
