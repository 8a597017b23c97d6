import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { freePort } from '../test/freePort.ts';

/** The template for servers on Amazon ECS, as far as it can be tried without an account: cfn-lint and checkov are in .ci/run. */

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string) => readFileSync(join(PROJECT, 'deployment', file), 'utf8');
// CloudFormation's functions become lists of their arguments.
const { Resources, Mappings } = parse(read('ecs/template.yml'), { logLevel: 'silent' });
const [container] = Resources.Task.Properties.ContainerDefinitions;

/** An argument of the command without a GPU and without a stage. */
function argumentOf(argument: string | string[]): string {
  const chosen = Array.isArray(argument) ? argument[2]! : argument;
  return Array.isArray(chosen) ? Mappings.ByCpu[1024].Threads : chosen;
}

describe('the template for Amazon ECS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'swath-ecs-'));
  after(() => rmSync(folder, { recursive: true }));

  test('starts a server of the keys in its secret, writes nothing else, and stops it in order', async () => {
    const port = await freePort();
    const [shell, option, script, name] = container.EntryPoint;
    assert.deepEqual(container.PortMappings, [{ ContainerPort: 8080 }]);
    const here = script.replaceAll('/tmp/', `${folder}/`).replace('--port 8080', `--port ${port}`);
    // All that a task has: what the template gives, and what the image says of its path.
    const given = container.Environment.map(({ Name, Value }: { Name: string; Value: string | string[] }) => [
      Name,
      Array.isArray(Value) ? Value[2]! : Value,
    ]);
    const secrets = container.Secrets.map(({ Name }: { Name: string }) => [Name, 'first\nsecond']);
    const env = { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, ...Object.fromEntries([...given, ...secrets]) };
    const server = spawn(shell, [option, here, name, ...container.Command.map(argumentOf)], { cwd: PROJECT, env });
    const kill = () => server.kill('SIGKILL');
    process.once('exit', kill);
    const ended = once(server, 'exit');
    let said = '';
    server.stderr.on('data', (bytes: Buffer) => (said += bytes));
    const ask = (path: string, key?: string) =>
      fetch(`http://127.0.0.1:${port}${path}`, key === undefined ? {} : { headers: { 'x-api-key': key } });
    const { HealthCheckPath } = Resources.Servers.Properties;
    const isReady = () =>
      ask(HealthCheckPath).then(
        ({ ok }) => ok,
        () => false,
      );
    while (!(await isReady()) && server.exitCode === null) await pause(50);
    assert.equal(said, '');
    const status = async (key?: string) => (await ask('/v1/models', key)).status;
    assert.deepEqual([await status(), await status('third'), await status('second')], [401, 403, 200]);
    if (process.platform === 'linux')
      assert.doesNotMatch(readFileSync(`/proc/${server.pid}/environ`, 'utf8'), /SWATH_KEYS/);
    assert.deepEqual(readdirSync(folder), ['keys']);
    server.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
    process.off('exit', kill);
  });

  test("lets callers reach what Kubernetes' Ingress does", () => {
    const { paths } = parse(read('kubernetes/ingress.yaml')).spec.rules[0].http;
    const ofIngress = paths.map(({ path, pathType }: { path: string; pathType: string }) =>
      pathType === 'Prefix' ? `${path}*` : path,
    );
    const [{ PathPatternConfig }] = Resources.Paths.Properties.Conditions;
    assert.deepEqual(PathPatternConfig.Values, ofIngress);
  });

  test("gives a server of a stage the right to look up records in the stage's table of features", () => {
    const [, [{ PolicyDocument }]] = Resources.TaskRole.Properties.Policies;
    const resources = PolicyDocument.Statement.filter(({ Action = '' }) => Action === 'dynamodb:BatchGetItem').map(
      ({ Resource }: { Resource: string }) => Resource.split(':').at(-1),
    );
    assert.match(resources.join(), /^table\/swath-\$\{Stage\}-features$/);
  });
});
