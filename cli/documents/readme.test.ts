import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { type Ended, jsonLines, startSwath, temporaryFolder, withQuickNpx } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';

/** README.md: each command of its fenced blocks runs as it stands there, in a checkout, and its answer is looked at. */

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const blocks = [...readFileSync(join(PROJECT, 'README.md'), 'utf8').matchAll(/^```bash\n(.*?)^```$/gms)];
const COMMANDS = blocks.flatMap(([, code]) => commandsIn(code!));

/** A block's commands without their comments; quotes may go over several lines. */
function commandsIn(code: string): string[] {
  return (code.match(/(?:"[^"]*"|[^"\n])+/g) ?? []).map((line) => line.replace(/\s+# .*$/, '').trim()).filter(Boolean);
}

/** What other suites run: they install, test, or need a stage, with an account or a stand-in for one. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'npm start': 'cli/laptop/demonstration.test.ts',
  'npm ci': '.ci/run and the workflows begin with it',
  'npm test': '.ci/run and the workflows run it',
  'npx sls deploy': 'npm run test:localstack and npm run test:ministack deploy',
  'npx swath model publish': 'npm run test:localstack',
  'npx swath send': 'npm run test:localstack',
  'npx swath doctor': 'npm run test:localstack',
  'npx sls remove': 'npm run test:localstack',
};

describe('README.md', () => {
  const cwd = temporaryFolder();
  const path = join(cwd, 'path/to');
  /** A command as a user types it, but for `path/to/package`, which stands for any package. */
  const shell = (command: string, PATH = process.env['PATH']) => startShell(command, cwd, PATH);
  let tried: Ended[];

  before(async () => {
    for (const name of ['package.json', 'cli', 'deployment', 'node_modules', 'samples', 'models'])
      symlinkSync(join(PROJECT, name), join(cwd, name));
    cpSync(join(PROJECT, 'models/digits/1.0.0'), join(path, 'package'), { recursive: true });
    const PATH = withQuickNpx(cwd);
    tried = [];
    for (const command of classified()) tried.push(await shell(command, PATH));
  });

  const classified = () => COMMANDS.filter((command) => command.startsWith('npx swath classify '));
  const startings = COMMANDS.filter((command) => command.startsWith('npm start -- '));

  test('has only commands that run here or in a suite that is named', (t) => {
    const here = /^(npx swath (classify|model check) |npm start --|duckdb -c )/;
    for (const command of COMMANDS.filter((each) => !here.test(each))) {
      const [, suite] = Object.entries(ELSEWHERE).find(([start]) => command.startsWith(start)) ?? [];
      assert.ok(suite, `nothing runs ${command}`);
      t.diagnostic(`not run here: ${command} (${suite})`);
    }
  });

  test('classifies the three files', () => {
    assert.deepEqual(
      tried.map(({ code, stderr }) => [code, stderr]),
      [0, 0, 0].map((code) => [code, '']),
    );
    const [drought, digits, pixels] = tried.map(({ stdout }) => stdout);
    assert.match(
      drought!,
      /^588715918154\/part-r-00012 +\w{8} +DONE +81 +2 +cows-0 57 % +cows-1 8 % +cows-2 14 % +cows-3plus 22 % /m,
    );
    assert.match(digits!, /^875878b2a4e4\/t10k-first-500\.npz +\w{8} +DONE +500 /m);
    assert.match(pixels!, /^3883e8c10241\/s2-t29unu-60m-256\.tif +\w{8} +DONE +\d+ /m);
  });

  test('has them in once/: the inbox is empty, and a sweep finds nothing to do', async () => {
    const { stdout } = await shell('find .swath/inbox .swath/once -type f');
    assert.deepEqual(
      stdout
        .trim()
        .split('\n')
        .map((file) => file.replace(/[0-9a-f]{12}/, 'SHA'))
        .sort(),
      ['part-r-00012', 's2-t29unu-60m-256.tif', 't10k-first-500.npz'].map((name) => `.swath/once/SHA/${name}`),
    );
    const swept = jsonLines<object>(await swathHere(['sweep', '--json'], cwd));
    assert.partialDeepStrictEqual(swept, [{ status: 'SUCCEEDED', started: 0, error: null }]);
  });

  test('asks DuckDB for the promoted version', async () => {
    const [, query = ''] = /^duckdb -c "(.*)"$/s.exec(COMMANDS.find((command) => command.startsWith('duckdb'))!) ?? [];
    const database = await (await DuckDBInstance.create()).connect();
    const rows = await database.runAndReadAll(query.replace("'.swath/", `'${cwd}/.swath/`));
    const classes = { 'cows-0': 45, 'cows-1': 6, 'cows-2': 11, 'cows-3plus': 17 };
    assert.deepEqual(Object.fromEntries(rows.getRowsJson().map(([, name, chips]) => [name, Number(chips)])), classes);
  });

  test('checks a package', async () => {
    const { code, stdout } = await shell(COMMANDS.find((command) => command.startsWith('npx swath model check'))!);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /digits 1\.0\.0/);
  });

  for (const command of startings)
    test(`${command} promotes that model`, async () => {
      const running = startSwath(
        [
          ...`${command} --empty`
            .split(' ')
            .slice(1)
            .filter((word) => word !== '--'),
        ],
        cwd,
      );
      after(() => running.kill('SIGKILL'));
      await running.says(/^The promoted model is (digits|s2-scl) 1\.0\.0\.$/m);
      await running.says(/Ctrl-C stops\.\n/);
      running.kill('SIGINT');
      assert.equal((await running.ended).code, 0);
    });

  test('is silent to a reader that has gone', async () => {
    const { stdout, stderr } = await shell('node cli/swath.mjs help | true; echo $PIPESTATUS');
    assert.deepEqual([stdout, stderr], ['141\n', '']);
  });
});

/** Runs a line of a shell to its end. */
async function startShell(line: string, cwd: string, PATH: string | undefined): Promise<Ended> {
  const child = spawn('bash', ['-c', line], { cwd, env: { ...process.env, PATH, FORCE_COLOR: '0' } });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      output[stream] += text;
    });
  return new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal, ...output })));
}
