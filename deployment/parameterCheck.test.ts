import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SCHEMA_CACHE } from '../test/packaged/sls.ts';
import { readParameters } from './defaults.ts';
import { checkCall, writePackaged } from './plugin.ts';

class ShownError extends Error {}

type Params = Record<string, Record<string, unknown> | null>;

/** What the check says of a call of the Serverless Framework: its commands, its parameters as NAME=VALUE, and its stage as @NAME. */
function saidOf(call: string, params: Params = {}, packaged?: string): string {
  const words = call.split(' ');
  const param = words.filter((word) => word.includes('='));
  const stage = words.find((word) => word.startsWith('@'))?.slice(1) ?? 'dev';
  const serverless = {
    processedInput: {
      commands: words.filter((word) => /^[a-z]+$/.test(word)),
      options: { ...(param.length > 0 && { param }), ...(packaged !== undefined && { package: packaged }) },
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
  const packaged = { ...readParameters(), alarmEmail: 'me@example.org', inboxBucket: 'lake' };
  const given = Object.entries(packaged).map(([name, value]) => ({ name, value, where: '' }));
  writePackaged(folder, given);
  const asPackaged = 'deploy alarmEmail=me@example.org inboxBucket=lake';

  it('with the parameters that it was packaged with is fine', () => {
    assert.equal(saidOf(asPackaged, {}, folder), '');
  });

  for (const [parameter, says] of [
    ['alarmEmail=none', /^alarmEmail: \S+ was packaged with "me@example\.org", and this deployment says "none"\. /],
    [
      'inboxBucket=own',
      /^inboxBucket: \S+ was packaged with "lake", .* Package it again with --param="inboxBucket=own"\.$/,
    ],
    ['driftWindow=9', /^driftWindow: \S+ was packaged with "300", and this deployment says "9"\. /],
  ] as const)
    it(`with ${parameter}, which is in it otherwise, is refused`, () =>
      assert.match(saidOf(`${asPackaged} ${parameter}`, {}, folder), says));

  it('that knows nothing of a parameter is refused', () => {
    const older = mkdtempSync(join(folder, 'older-'));
    writePackaged(
      older,
      given.filter(({ name }) => name !== 'driftWindow'),
    );
    assert.match(
      saidOf(asPackaged, {}, older),
      /^driftWindow: \S+ was packaged without it, .* says "300"\. Package it /,
    );
  });

  it('that was made before parameters were stored in it is refused', () => {
    const says = /^--package \S+: found no parameters\.json in it\. Package it again with "sls package"\.$/;
    assert.match(saidOf(asPackaged, {}, mkdtempSync(join(folder, 'empty-'))), says);
  });
});

describe('the parameter check', () => {
  const odd = { driftWindow: 0 };
  for (const [name, call, says, params] of [
    ['packaging with the defaults', 'package', /^$/],
    ['packaging with a wrong address', 'package alarmEmail=you', /^--param alarmEmail: /],
    ['deploying without an address', 'deploy', /^params\.default\.alarmEmail: found nothing/],
    ['deploying for nobody, on purpose', 'deploy alarmEmail=none', /^$/],
    ["a stage's own parameter", 'deploy @prod', /^$/, { prod: { alarmEmail: 'me@example.org' } }],
    ["a stage's own wrong one", 'package @prod', /^params\.prod\.driftWindow: found 0, /, { prod: odd }],
    ["another stage's wrong one", 'package', /^$/, { prod: odd }],
    ['the command line over the stage', 'package driftWindow=9', /^$/, { dev: odd }],
    ['a stage with a capital letter', 'deploy @Dev', /^--stage: found "Dev", allowed is up to 20 /],
    ['a stage too long for a bucket', `package @${'a'.repeat(21)}`, /^--stage: .* up to 20 /],
    ['a stage with nothing in it', 'package', /^$/, { dev: null }],
    ['an equals sign in a value', 'package modelName=a=b', /^--param modelName: found "a=b"/],
    ['deploying one function', 'deploy function attemptLimit=0', /^--param attemptLimit: /],
    [
      "removing what another stage has stored, by its stack's name",
      'remove @dev-storage',
      /^--stage: found "dev-storage", .* not ending in -storage, -retraining, -slow, -band or -gradual\.$/,
    ],
    ['removing a stack that has a wrong one', 'remove attemptLimit=0', /^$/],
  ] as [name: string, call: string, says: RegExp, params?: Params][])
    it(`${name}: ${says.source === '^$' ? 'fine' : 'refused'}`, () => assert.match(saidOf(call, params), says));
});

describe('the Serverless Framework', () => {
  const project = fileURLToPath(new URL('../', import.meta.url));
  const home = mkdtempSync(join(tmpdir(), 'swath-parameters-'));
  after(() => rmSync(home, { recursive: true }));

  const sls = (args: string[], environment: NodeJS.ProcessEnv = {}) =>
    node([join('node_modules', 'serverless', 'bin', 'serverless.js'), ...args], environment);

  /** What it says, without credentials and without a network, and usually in an empty home. */
  async function node(args: string[], environment: NodeJS.ProcessEnv): Promise<string> {
    const command = ['--import', new URL('../test/packaged/noNetwork.ts', import.meta.url).href, ...args];
    const { PATH, SystemRoot, NODE_COMPILE_CACHE } = process.env;
    const env = {
      PATH,
      SystemRoot,
      NODE_COMPILE_CACHE,
      HOME: home,
      USERPROFILE: home,
      ...SCHEMA_CACHE,
      ...environment,
    };
    const { stdout, stderr } = await promisify(execFile)(process.execPath, command, { cwd: project, env }).catch(
      (error) => error,
    );
    return `${stdout}${stderr}`;
  }

  it('refuses to deploy with a wrong parameter, and without a subscriber of alarms, before it asks for credentials', async () => {
    const said = await sls(['deploy', '--param=driftThreshold=25']);
    assert.match(said, /\n--param driftThreshold: found "25", allowed is a number above 0 and below 0\.8325, .*\.\n/);
    assert.match(said, /\nparams\.default\.alarmEmail: found nothing, so nobody would be notified of alarms; .*\n/);
    assert.doesNotMatch(said, /credentials|network|\n +at /);
  });

  for (const args of [['deploy', '--param=alarmEmail=none'], ['remove']])
    it(`refuses to ${args[0]} where nobody has named a region`, async () => {
      const says = /\nno AWS region is set\. Name one with --region, or set AWS_REGION\.\n/;
      assert.match(await sls(args), says);
    });

  describe('takes the region in which swath … --stage looks', () => {
    const withProfiles = mkdtempSync(join(home, 'with-profiles-'));
    mkdirSync(join(withProfiles, '.aws'));
    writeFileSync(
      join(withProfiles, '.aws/config'),
      '[default]\nregion = eu-north-1\n[profile other]\nregion = eu-west-3\n',
    );
    const places = { HOME: withProfiles, USERPROFILE: withProfiles };

    it("another profile's", async () => {
      const said = await sls(['print', '--path', 'provider.region', '--aws-profile', 'other'], places);
      assert.equal(said.trim(), 'eu-west-3');
    });

    // What serverless.yml asks, without the Serverless Framework, which takes a second to begin.
    const asked = "require('./deployment/region.cjs')({ options: {} }).then(console.log)";
    for (const [whose, region, environment] of [
      ["the profile's", 'eu-north-1', {}],
      ['that of AWS_REGION before it', 'us-west-2', { AWS_REGION: 'us-west-2' }],
    ] as const)
      it(whose, async () => {
        const said = await node(['--eval', asked], { ...places, ...environment });
        assert.equal(said.trim(), region);
      });
  });
});
