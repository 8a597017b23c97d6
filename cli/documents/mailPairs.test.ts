import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { runningStack } from '../../test/runningStack.ts';
import { temporaryFolder, withQuickNpx } from '../../test/swath.ts';

/** samples/mail-pairs/run.sh runs as it stands there, in a checkout, beside a stack; npm run test:ministack runs it on a stage. */

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const cwd = temporaryFolder();
for (const name of ['package.json', 'cli', 'deployment', 'node_modules', 'samples', 'models'])
  symlinkSync(join(PROJECT, name), join(cwd, name));

describe('samples/mail-pairs/run.sh', () => {
  runningStack(cwd);

  test('from features to SQL: each pair of mails has one row with its records, their time and a class', async () => {
    const env = { ...process.env, PATH: withQuickNpx(cwd), FORCE_COLOR: '0' };
    const { stdout } = await promisify(execFile)('bash', ['samples/mail-pairs/run.sh'], { cwd, env });
    const [, ...mails] = readFileSync(join(PROJECT, 'samples/mail-pairs/mails.csv'), 'utf8').trim().split('\n');
    const wanted = Array.from({ length: 10 }, (_, i) => {
      const [[first, time], [second]] = [mails[2 * i]!.split(','), mails[2 * i + 1]!.split(',')];
      return [first, second, time!.replace('Z', '.000Z'), i < 5 ? 'ham' : 'spam'];
    });
    const rows = stdout.trim().split('\n').slice(-10);
    assert.deepEqual(
      rows.map((row) => row.split(/ +/).slice(0, 4)),
      wanted,
      stdout,
    );
  });
});
