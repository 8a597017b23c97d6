import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SCHEMA_CACHE } from '../test/packaged/sls.ts';
import { readParameters } from './defaults.ts';
import { checkCall } from './parameterCheck.ts';

class ShownError extends Error {}

type Call = {
  command: string;
  param?: string[];
  packaged?: string;
  stage?: string;
  params?: Record<string, Record<string, unknown> | null>;
};

/** What the check says of a call of the Serverless Framework, in the service as it is. */
function saidOf({ command, param, packaged, stage = 'dev', params = {} }: Call): string {
  const serverless = {
    processedInput: {
      commands: command.split(' '),
      options: { ...(param && { param }), ...(packaged !== undefined && { package: packaged }) },
    },
    configurationInput: { params: { default: readParameters(), ...params } },
    getProvider: () => ({ getStage: () => stage }),
    classes: { Error: ShownError },
  };
  try {
    checkCall(serverless);
    return '';
  } catch (error) {
    assert.ok(error instanceof ShownError);
    return error.message;
  }
}

describe('deploying an existing package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'swath-packaged-'));
  after(() => rmSync(folder, { recursive: true }));
  const me = 'me@example.org';
  const subscription = { AlarmSubscription: { Properties: { Endpoint: me } } };
  const own = { 'Fn::Sub': 'swath-dev-inbox-$' + '{AWS::AccountId}' };
  for (const { name, Resources, address, inbox = own, observed = '{"alarmWebhook":""}', says } of [
    { name: 'with the address that it was packaged with', Resources: subscription, address: me, says: /^$/ },
    { name: 'for nobody, as it was packaged', Resources: {}, address: 'none', says: /^$/ },
    {
      name: 'with an address that it knows nothing of is refused: nobody would be told',
      Resources: {},
      address: me,
      says: /^alarmEmail: \S+ was packaged with "none", and this deployment says "me@example\.org"\. Package it again /,
    },
    {
      name: 'for an existing inbox, which this deployment does not name, is refused',
      Resources: {},
      address: 'none',
      inbox: { 'Fn::Sub': 'lake' },
      says: /^inboxBucket: \S+ was packaged with "lake", and this deployment says "own"\. /,
    },
    {
      name: 'with a webhook, which this deployment does not name, is refused',
      Resources: subscription,
      address: me,
      observed: '{"alarmWebhook":"/swath/dev/alarm-webhook"}',
      says: /^alarmWebhook: \S+ was packaged with "\/swath\/dev\/alarm-webhook", and this deployment says ""\. /,
    },
    { name: 'by a release that knew of no webhook', Resources: subscription, address: me, observed: '{}', says: /^$/ },
    {
      name: 'for nobody, with an address in it, is refused',
      Resources: subscription,
      address: 'none',
      says: /was packaged with "me@example\.org", and this deployment says "none"/,
    },
  ])
    it(name, () => {
      const Outputs = { InboxBucket: { Value: inbox }, ObservedParameters: { Value: { 'Fn::Sub': observed } } };
      writeFileSync(join(folder, 'cloudformation-template-update-stack.json'), JSON.stringify({ Resources, Outputs }));
      assert.match(saidOf({ command: 'deploy', packaged: folder, param: [`alarmEmail=${address}`] }), says);
    });
});

describe('the parameter check', () => {
  for (const { name, says, ...call } of [
    { name: 'packaging with the defaults', command: 'package', says: /^$/ },
    {
      name: 'packaging with a wrong address',
      command: 'package',
      param: ['alarmEmail=you'],
      says: /^--param alarmEmail: /,
    },
    { name: 'deploying without an address', command: 'deploy', says: /^params\.default\.alarmEmail: found nothing/ },
    { name: 'deploying for nobody, on purpose', command: 'deploy', param: ['alarmEmail=none'], says: /^$/ },
    {
      name: "a stage's own parameter",
      command: 'deploy',
      stage: 'prod',
      params: { prod: { alarmEmail: 'me@example.org' } },
      says: /^$/,
    },
    {
      name: "a stage's own wrong one",
      command: 'package',
      stage: 'prod',
      params: { prod: { driftWindow: 0 } },
      says: /^params\.prod\.driftWindow: found 0, /,
    },
    { name: "another stage's wrong one", command: 'package', params: { prod: { driftWindow: 0 } }, says: /^$/ },
    {
      name: 'the command line over the stage',
      command: 'package',
      param: ['driftWindow=9'],
      params: { dev: { driftWindow: 0 } },
      says: /^$/,
    },
    {
      name: 'a stage with a capital letter',
      command: 'deploy',
      stage: 'Dev',
      says: /^--stage: found "Dev", allowed is up to 20 /,
    },
    {
      name: 'a stage too long for a bucket',
      command: 'package',
      stage: 'a'.repeat(21),
      says: /^--stage: .* up to 20 /,
    },
    { name: 'a stage with nothing in it', command: 'package', params: { dev: null }, says: /^$/ },
    {
      name: 'an equals sign in a value',
      command: 'package',
      param: ['modelName=a=b'],
      says: /^--param modelName: found "a=b"/,
    },
    {
      name: 'deploying one function',
      command: 'deploy function',
      param: ['attemptLimit=0'],
      says: /^--param attemptLimit: /,
    },
    {
      name: "removing what another stage has stored, by its stack's name",
      command: 'remove',
      stage: 'dev-storage',
      says: /^--stage: found "dev-storage", .* not ending in -storage or -slow\.$/,
    },
    { name: 'removing a stack that has a wrong one', command: 'remove', param: ['attemptLimit=0'], says: /^$/ },
  ]) {
    it(`${name}: ${says.source === '^$' ? 'fine' : 'refused'}`, () => assert.match(saidOf(call), says));
  }
});

describe('the Serverless Framework', { concurrency: 2 }, () => {
  const project = fileURLToPath(new URL('../', import.meta.url));
  const home = mkdtempSync(join(tmpdir(), 'swath-parameters-'));
  after(() => rmSync(home, { recursive: true }));

  /** How it ends, without a home, without credentials and without a network. */
  async function sls(...args: string[]): Promise<string> {
    const noNetwork = new URL('../test/packaged/noNetwork.ts', import.meta.url).href;
    const command = ['--import', noNetwork, join('node_modules', 'serverless', 'bin', 'serverless.js'), ...args];
    const { PATH, SystemRoot, NODE_COMPILE_CACHE } = process.env;
    const env = { PATH, SystemRoot, NODE_COMPILE_CACHE, HOME: home, USERPROFILE: home, ...SCHEMA_CACHE };
    const { stdout, stderr } = await promisify(execFile)(process.execPath, command, { cwd: project, env }).then(
      () => assert.fail('It was not refused.'),
      (error) => error,
    );
    return `${stdout}${stderr}`;
  }

  it('refuses to deploy without a subscriber of alarms, before it asks for credentials', async () => {
    const said = await sls('deploy');
    assert.match(said, /\nparams\.default\.alarmEmail: found nothing, so nobody would be notified of alarms; .*\n/);
    assert.doesNotMatch(said, /credentials|network|\n +at /);
  });

  it('refuses to package with a wrong parameter', async () => {
    const said = await sls('package', '--param=driftThreshold=25', '--param=alarmEmail=you@example.org');
    assert.match(said, /\n--param driftThreshold: found "25", allowed is a number above 0 and below 0\.8325, .*\.\n/);
    assert.doesNotMatch(said, /\n +at /);
  });
});
