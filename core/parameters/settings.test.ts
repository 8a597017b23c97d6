import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readParameters } from '../../deployment/defaults.ts';
import { SCENE_LIMITS } from '../base/limits.ts';
import { environmentOf } from './ofFunctions.ts';
import { readSettings } from './settings.ts';

const defaults = readParameters();
const environment: Record<string, string> = {
  STAGE: 'dev',
  STATE_MACHINE_ARN: 'arn:aws:states:us-east-1:123456789012:stateMachine:swath-dev-pipeline',
  LEDGER_TABLE: 'ledger',
  METRICS_TABLE: 'metrics',
  FEATURES_TABLE: 'features',
  INBOX_BUCKET: 'inbox',
  RESULTS_BUCKET: 'results',
  MODELS_BUCKET: 'models',
  SQL_DATABASE: '',
  ...environmentOf((name) => defaults[name]),
};

test('the settings of a deployment are read, numbers as numbers, without other environment variables', () => {
  const renamed = ['MAX_FILE_BYTES', 'MAX_RECORD_BYTES', 'MAX_CHIPS', 'DRIFT_THRESHOLD', 'DRIFT_MINIMUM'];
  const others = Object.entries(environment).filter(([name]) => !renamed.includes(name));
  const camelCase = (name: string) => name.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  const parsed = (value: string) => (/^[\d.]+$/.test(value) ? Number(value) : value);
  assert.deepEqual(readSettings({ ...environment, HOME: '/root' }), {
    ...Object.fromEntries(others.map(([name, value]) => [camelCase(name), parsed(value)])),
    inboxSince: undefined,
    sceneLimits: SCENE_LIMITS,
    threshold: defaults['driftThreshold'],
    minimum: defaults['driftMinimum'],
  });
});

test('texts that are empty may be missing, as in a job of AWS Batch, and nothing else', () => {
  const there = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  assert.deepEqual(readSettings(there), readSettings(environment));
  for (const name of Object.keys(there))
    assert.throws(() => readSettings({ ...there, [name]: undefined }), new RegExp(name), name);
});

test('the inbox may begin at a point in time', () => {
  const since = (INBOX_SINCE: string) => readSettings({ ...environment, INBOX_SINCE }).inboxSince;
  assert.deepEqual([since('2026-02-01T10:00:00.000Z'), since('')], ['2026-02-01T10:00:00.000Z', undefined]);
  assert.throws(() => since('lately'), /INBOX_SINCE/);
});

test('the inbox may have a prefix, which also applies to bulk files', () => {
  const { inboxPrefix, bulkPrefix } = readSettings({ ...environment, INBOX_PREFIX: 'scenes/' });
  assert.deepEqual([inboxPrefix, bulkPrefix], ['scenes/', 'scenes/bulk/']);
});

/** An empty list of queues allows none. */
const mayBeEmpty = (name: string, usual: string) => usual === '' || name === 'REPLY_QUEUES';

for (const [name, usual] of Object.entries(environment))
  for (const [what, value] of [
    ['missing', undefined],
    ...(mayBeEmpty(name, usual) ? [] : [['empty', ''] as const]),
  ] as const)
    test(`${name} is named in the error if it is ${what}`, () => {
      assert.throws(() => readSettings({ ...environment, [name]: value }), { message: new RegExp(name) });
    });

for (const [name, values] of Object.entries({
  CHIPS_PER_PART: ['0', '1.5', 'many', 'Infinity'],
  MAX_FILE_BYTES: ['0', '1.5', '1e15'],
  MAX_RECORD_BYTES: ['0', '1073741825'],
  MAX_CHIPS: ['0', '2147483648'],
  ATTEMPT_LIMIT: ['0', '-1', '2.5'],
  LEASE_SECONDS: ['0', 'NaN'],
  SWEEP_LOOK_BACK_DAYS: ['-1', 'NaN'],
  DRIFT_THRESHOLD: ['0', '1', '25 %'],
  DRIFT_MINIMUM: ['0', '1.5'],
  REQUEST_DAYS: ['34', '90.5'],
  BLANK_SHARE_LIMIT: ['-1', '1.1', 'half'],
}))
  for (const value of values)
    test(`${name} may not be ${value}`, () => {
      assert.throws(() => readSettings({ ...environment, [name]: value }), { message: new RegExp(name) });
    });
