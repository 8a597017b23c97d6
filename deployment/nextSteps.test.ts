import assert from 'node:assert/strict';
import { access, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { nextSteps as stepsOf } from './nextSteps.ts';

const deployed = {
  region: undefined as string | undefined,
  alarmEmail: 'me@example.org',
  alarmWebhook: '',
  modelName: 'droughtwatch-baseline',
  api: {},
};

function nextSteps({ region, api, ...parameters }: typeof deployed): string[] {
  const outputs = { DashboardUrl: 'https://dashboard', ...api };
  return stepsOf({ stage: 'dev', region }, (name) => parameters[name as keyof typeof parameters], outputs);
}

test('a deployment ends with what to do next, in commands to copy', () => {
  const steps = nextSteps(deployed);
  assert.match(steps[0]!, /AWS has written to me@example\.org/);
  assert.match(steps[1]!, /npx swath model publish models\/droughtwatch-baseline\/1\.1\.0 --promote --stage dev$/);
  assert.ok(steps.includes('open the dashboard: https://dashboard'));
});

test('each command names a region that it would not take by itself', () => {
  const commands = nextSteps({ ...deployed, region: 'eu-west-1' }).filter((step) => step.includes('npx swath'));
  assert.equal(commands.length, 3);
  for (const command of commands) assert.match(command, / --stage dev --region eu-west-1$/);
});

test('without a subscriber of alarms, it says so', () => {
  assert.match(nextSteps({ ...deployed, alarmEmail: 'none' })[0]!, /^nobody is notified of alarms/);
});

test('where the stage is for a model of somebody else, it names that one, and not the bundled one', () => {
  const steps = nextSteps({ ...deployed, modelName: 'land' });
  assert.ok(steps.includes('publish land and promote it: npx swath model publish FOLDER --promote --stage dev'));
  assert.ok(steps.includes('send a file: npx swath send FILE --stage dev'));
});

test('the files that it names exist in this repository', async () => {
  const item = JSON.parse(await readFile('models/droughtwatch-baseline/1.1.0/item.json', 'utf8'));
  assert.equal(item.properties['mlm:name'], deployed.modelName);
  await access('samples/droughtwatch/part-r-00012');
});

test("a webhook's address must be stored in the parameter store, and does not replace a subscriber", () => {
  const alarmWebhook = '/swath/dev/alarm-webhook';
  const put =
    /^store the webhook's address.*: aws ssm put-parameter --type SecureString --name \/swath\/dev\/alarm-webhook /;
  assert.match(nextSteps({ ...deployed, alarmWebhook })[1]!, put);
  assert.match(
    nextSteps({ ...deployed, alarmWebhook, region: 'eu-west-1' })[1]!,
    / --region eu-west-1 --value ADDRESS$/,
  );
  const [first = '', second = ''] = nextSteps({ ...deployed, alarmWebhook, alarmEmail: 'none' });
  assert.match(first, put);
  assert.match(second, /^nobody is notified of alarms where the webhook fails: /);
});

test('where predictions can be asked for over HTTP, it says where, and how to get the key', () => {
  const api = { ApiUrl: 'https://a.execute-api.eu-west-1.amazonaws.com/dev', ApiKeyId: 'k1' };
  const steps = nextSteps({ ...deployed, api, region: 'eu-west-1' });
  assert.ok(steps.some((step) => step.includes(`${api.ApiUrl}/docs is a page`)));
  assert.ok(steps.some((step) => /aws apigateway get-api-key --api-key k1 .* --region eu-west-1$/.test(step)));
  assert.deepEqual(
    nextSteps(deployed).filter((step) => /HTTP|api-key/.test(step)),
    [],
  );
});
