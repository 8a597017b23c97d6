import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { STILL_MILLISECONDS } from '../../local/buckets/still.ts';
import { sceneOf } from '../../test/scenes.ts';
import { jsonLines, startSwath, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';
import type { Looked } from './check.ts';
import { summaryOf } from './doctor.ts';

type Answer = { isWell: boolean; stage: string; checks: Looked[] };

const TALLY = { dryRun: false, isComplete: true, looked: 0, started: 0, known: 0, leftOut: 0, taken: 0 };

describe('swath doctor beside a running stack', () => {
  const cwd = temporaryFolder();
  const inbox = join(cwd, '.swath/inbox');
  let running: ReturnType<typeof startSwath>;

  before(() => {
    running = startSwath(['start', '--empty'], cwd);
    return running.says(/Ctrl-C stops\.\n/);
  });
  after(() => running.kill('SIGKILL'));

  test('all is well; the canary took the way of every file, is gone again, and counts nowhere', async () => {
    const { code, stdout, stderr } = await swathHere(['doctor', '--json'], cwd);
    assert.deepEqual([code, stderr], [0, '']);
    const [{ isWell, stage, checks }] = jsonLines<Answer>({ stdout }) as [Answer];
    assert.deepEqual([isWell, stage], [true, 'local']);
    assert.deepEqual(
      checks.map(({ status }) => status),
      checks.map(() => 'fine'),
    );
    const { seconds = 0 } = checks.find(({ id }) => id === 'canary')!;
    assert.ok(seconds >= STILL_MILLISECONDS / 1000, `${seconds} s, as a file has to stand still`);
    assert.deepEqual(readdirSync(inbox), []);
    assert.equal((await swathHere(['runs'], cwd)).stdout, 'No runs.\n');
  });

  test('it says so line by line to a person', async () => {
    const { code, stdout } = await swathHere(['doctor'], cwd);
    assert.equal(code, 0);
    assert.match(stdout, /^✓ model +droughtwatch-baseline 1\.1\.0, promoted 20.*whole/m);
    assert.match(
      stdout,
      /^✓ event wiring +a canary's event started its execution, and that ended, after \d+(\.\d)? s$/m,
    );
    assert.match(stdout, /\n\nAll is well\.\n$/);
  });

  test('a file in the reserved folder is never classified, by its event or by a backfill', async () => {
    mkdirSync(join(inbox, 'swath-canary'));
    writeFileSync(join(inbox, 'swath-canary/left behind'), sceneOf('left behind', 3));
    writeFileSync(join(inbox, 'beside'), sceneOf('beside', 4));
    await running.says(/\nbeside +\w{8} +DONE +4 /);
    const { stdout } = await swathHere(['backfill', '--json'], cwd);
    assert.deepEqual(jsonLines({ stdout }), [{ ...TALLY, looked: 2, known: 1, leftOut: 1 }]);
    const runs = jsonLines<{ file: string }>(await swathHere(['runs', '--json'], cwd));
    assert.deepEqual(
      runs.map(({ file }) => file),
      ['beside'],
    );
    assert.doesNotMatch(running.output.stdout, /canary/);
    assert.equal(running.output.stderr, '');
  });
});

describe('swath doctor and backfill where nothing runs', () => {
  const cwd = temporaryFolder();
  const inbox = join(cwd, '.swath/inbox');

  before(() => {
    mkdirSync(inbox, { recursive: true });
    for (const name of ['a', 'b']) writeFileSync(join(inbox, name), sceneOf(name, 2));
  });

  test('no version is promoted: that is wrong; that nothing watches the inbox is a notice', async () => {
    const { code, stdout } = await swathHere(['doctor', '--data-dir', './.swath'], cwd);
    assert.equal(code, 1);
    const start = String.raw`npx swath start --data-dir \./\.swath$`;
    assert.match(
      stdout,
      new RegExp(String.raw`^! embedded stack +nothing watches \S+inbox: .*\n +Bring it up: ${start}`, 'm'),
    );
    assert.match(
      stdout,
      new RegExp(String.raw`^✗ model +no version of droughtwatch-baseline is promoted\n +.*: ${start}`, 'm'),
    );
    assert.match(stdout, /^– event wiring +Nothing watches the inbox\.$/m);
    assert.match(stdout, /\n\nOne thing is wrong\.\n$/);
    assert.ok(!existsSync(join(inbox, 'swath-canary')));
  });

  test('without a promoted version, a backfill starts nothing and says why', async () => {
    const { code, stdout, stderr } = await swathHere(['backfill'], cwd);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^swath: No version of the model droughtwatch-baseline is promoted/);
  });

  test('a backfill starts the files of the inbox, waits for them to end, and starts nothing twice', async () => {
    writeFileSync(join(cwd, 'first'), sceneOf('first', 1));
    assert.equal((await swathHere(['classify', 'first'], cwd)).code, 0); // which promotes the bundled model
    utimesSync(join(inbox, 'a'), new Date('2001-01-01'), new Date('2001-01-01'));
    await setTimeout(STILL_MILLISECONDS);
    const dry = await swathHere(['backfill', '--since', '1h', '--dry-run'], cwd);
    const [last, ...files] = dry.stdout.trimEnd().split('\n').toReversed();
    assert.deepEqual(files.toSorted(), ['a', 'b'], 'which arrived at the same time, in any order');
    assert.equal(last, '2 files looked at: 2 to start, 0 have a run.');
    const { code, stdout, stderr } = await swathHere(['backfill', '--json'], cwd);
    assert.deepEqual([code, stderr], [0, '']);
    assert.deepEqual(jsonLines({ stdout }), [{ ...TALLY, looked: 2, started: 2 }]);
    const runs = jsonLines<{ file: string; state: string }>(await swathHere(['runs', '--json'], cwd));
    assert.deepEqual(
      runs.map(({ state }) => state),
      ['DONE', 'DONE', 'DONE'],
    );
    const again = await swathHere(['backfill', '--json'], cwd);
    assert.deepEqual(jsonLines(again), [{ ...TALLY, looked: 2, known: 2 }]);
  });

  test('redrive finds nothing, which is no error', async () => {
    const { code, stdout, stderr } = await swathHere(['redrive'], cwd);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(
      stdout,
      /^The embedded stack has nothing to redrive: .* queues\/dead-letters of the data folder\. .*--stage\.\n$/,
    );
  });
});

describe('the last line of a doctor', () => {
  const one = (status: Looked['status']): Looked => ({ id: 'x', title: 'x', status, found: '' });
  for (const { looked, says } of [
    { looked: [one('fine')], says: 'All is well.' },
    { looked: [one('fine'), one('notice')], says: 'Nothing that was checked is wrong: see above.' },
    { looked: [one('not looked at')], says: 'Nothing that was checked is wrong: see above.' },
    { looked: [one('wrong'), one('notice')], says: 'One thing is wrong.' },
    { looked: [one('wrong'), one('wrong')], says: '2 things are wrong.' },
  ])
    test(`of ${looked.map(({ status }) => status).join(', ')}`, () => assert.equal(summaryOf(looked), `\n${says}`));
});
