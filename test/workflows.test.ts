import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import * as z from 'zod';

/** The workflows for those who fork it: that they call what there is, and with no more rights than they need. */

const PROJECT = new URL('../', import.meta.url);
const WORKFLOWS = new URL('.github/workflows/', PROJECT);

const stepSchema = z.strictObject({
  name: z.string().optional(),
  if: z.string().optional(),
  uses: z.string().optional(),
  with: z.record(z.string(), z.unknown()).optional(),
  run: z.string().optional(),
  env: z.record(z.string(), z.string()).optional(),
});
const jobSchema = z.looseObject({
  'timeout-minutes': z.int(),
  permissions: z.record(z.string(), z.string()),
  environment: z.string().optional(),
  strategy: z.looseObject({ matrix: z.record(z.string(), z.array(z.unknown())) }).optional(),
  steps: z.array(stepSchema),
});
const workflowSchema = z.looseObject({
  permissions: z.strictObject({}), // each job says itself what it may
  concurrency: z.strictObject({ group: z.string(), 'cancel-in-progress': z.boolean() }),
  jobs: z.record(z.string(), jobSchema),
});

const { scripts, engines } = z
  .object({ scripts: z.record(z.string(), z.string()), engines: z.object({ node: z.string() }) })
  .parse(JSON.parse(read('package.json')));

const workflows = new Map(
  readdirSync(WORKFLOWS).map((file) => {
    const text = read(`.github/workflows/${file}`);
    return [file, { text, ...workflowSchema.parse(parse(text)) }];
  }),
);
const jobs = [...workflows].flatMap(([file, workflow]) =>
  Object.entries(workflow.jobs).map(([id, job]) => ({ place: `${file}, ${id}`, ...job })),
);
const steps = jobs.flatMap(({ place, ...job }) => job.steps.map((step) => ({ place, ...step })));
const commands = steps.flatMap(({ place, run, env = {} }) =>
  (run ?? '').split('\n').map((line) => ({ place, env, line: line.trim() })),
);

describe('the workflows', () => {
  test('call scripts that there are', () => {
    const called = commands.flatMap(({ place, line }) => {
      const [, script] = /^npm (?:run )?(?!ci\b|audit\b|run\b)([\w:-]+)/.exec(line) ?? [];
      return script === undefined ? [] : [{ place, script }];
    });
    assert.deepEqual(
      called.filter(({ script }) => scripts[script] === undefined),
      [],
    );
    const needed = [
      'check',
      'test',
      'test:long',
      'test:localstack',
      'test:ministack',
      'test:mlflow',
      'test:browser',
      'licences',
    ];
    assert.deepEqual(
      needed.filter((script) => !called.some((one) => one.script === script)),
      [],
    );
  });

  test('install what the lockfile says, and nothing else', () => {
    const installs = commands.filter(({ line }) => /^npm (install|i|ci|exec)\b|^npx (-y|--yes)\b/.test(line));
    assert.deepEqual([...new Set(installs.map(({ line }) => line))], ['npm ci --no-audit --no-fund']);
  });

  for (const [script, variable] of [
    ['test:localstack', 'SWATH_LOCALSTACK'],
    ['test:ministack', 'SWATH_ATHENA'],
    ['test:mlflow', 'SWATH_MLFLOW'],
    ['test:browser', 'SWATH_BROWSER'],
  ] as const)
    test(`take no skip of ${script} for a pass`, () => {
      const calls = commands.filter(({ line }) => line === `npm run ${script}`);
      assert.deepEqual([...new Set(calls.map(({ env }) => env[variable]))], ['required']);
    });

  test('try every Node that is promised, from the oldest one on, on Linux and on a Mac', () => {
    const [oldest] = /\d+/.exec(engines.node) ?? [];
    const matrix = workflows.get('check.yml')?.jobs['test']?.strategy?.matrix;
    assert.deepEqual(matrix?.['node'], [Number(oldest), 22, 24]);
    const systems = (matrix?.['system'] ?? []).map((system) => String(system).split('-')[0]);
    assert.deepEqual(systems, ['ubuntu', 'macos']);
  });

  test('lint the template with the cfn-lint of .ci/run', () => {
    const [, version] = /^cfn_lint_version=(\S+)$/m.exec(read('.ci/run')) ?? [];
    assert.ok(version);
    assert.match(workflows.get('check.yml')!.text, new RegExp(`CFN_LINT: ${version.replaceAll('.', '\\.')} `));
  });

  test('deploy to the ministack of .ci/run', () => {
    const [, version] = /^ministack_version=(\S+)$/m.exec(read('.ci/run')) ?? [];
    assert.ok(version);
    assert.match(workflows.get('check.yml')!.text, new RegExp(`MINISTACK: ${version.replaceAll('.', '\\.')} `));
  });

  test('publish packages from the MLflow of .ci/run', () => {
    const [, version] = /^mlflow_version=(\S+)$/m.exec(read('.ci/run')) ?? [];
    assert.ok(version);
    const named = [...workflows.get('check.yml')!.text.matchAll(/^ *MLFLOW: (\S+) /gm)].map(([, one]) => one);
    assert.deepEqual(named, [version, version]); // on LocalStack, and by itself
  });
});

describe('what others could use against us:', () => {
  test('every action is a commit, with its version beside it', () => {
    const lines = [...workflows.values()].flatMap(({ text }) =>
      text.split('\n').filter((line) => /\buses:/.test(line)),
    );
    assert.ok(lines.length > 0);
    for (const line of lines) assert.match(line, /uses: [\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test('a checkout leaves no token behind', () => {
    const checkouts = steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'));
    assert.ok(checkouts.length >= jobs.length);
    for (const { place, with: given } of checkouts) assert.equal(given?.['persist-credentials'], false, place);
  });

  test('an install runs the same scripts of packages whichever npm runs it', () => {
    const { allowScripts } = z
      .object({ allowScripts: z.record(z.string(), z.boolean()) })
      .parse(JSON.parse(read('package.json'))); // which npm 11 reads; npm 10 runs what the lockfile marks
    const { packages } = z
      .object({ packages: z.record(z.string(), z.object({ hasInstallScript: z.boolean().optional() })) })
      .parse(JSON.parse(read('package-lock.json')));
    const run = Object.entries(packages).flatMap(([path, { hasInstallScript }]) => (hasInstallScript ? [path] : []));
    const allowed = Object.entries(allowScripts).flatMap(([name, is]) => (is ? [`node_modules/${name}`] : []));
    assert.deepEqual(run.sort(), allowed.sort());
  });

  test('no job may write, and only the one with a protected environment may ask for a role', () => {
    for (const { place, permissions, environment } of jobs) {
      const { contents, 'id-token': token, ...others } = permissions;
      assert.deepEqual([contents, others], ['read', {}], place);
      assert.equal(token, environment === undefined ? undefined : 'write', place);
    }
    assert.deepEqual(
      jobs.filter(({ environment }) => environment !== undefined).map(({ place }) => place),
      ['deploy.yml, deploy'],
    );
  });

  test('what somebody typed or named is never part of a command', () => {
    for (const { place, line } of commands) assert.doesNotMatch(line, /\$\{\{/, place);
  });

  test('no key is stored', () => {
    for (const { text } of workflows.values()) assert.doesNotMatch(text, /secrets\.|aws-(secret-)?access-key/i);
  });

  test('two deployments of a stage come one after the other, and none is cut off', () => {
    const { concurrency } = workflows.get('deploy.yml')!;
    assert.match(concurrency.group, /inputs\.region.*inputs\.stage/);
    assert.equal(concurrency['cancel-in-progress'], false);
  });
});

function read(path: string): string {
  return readFileSync(new URL(path, PROJECT), 'utf8');
}
