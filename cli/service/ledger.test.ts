import assert from 'node:assert/strict';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { sceneOf, shard } from '../../test/scenes.ts';
import { type Ended, jsonLines, startSwath, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';
import type { toJson, toLedgerJson } from '../runs/report.ts';

type Line = ReturnType<typeof toJson>;

const UNKNOWN = /^swath: the ledger knows no run "abc"\. "npx swath runs" lists the runs\.\n$/;
const REFUSED: { name: string; args: (lines: { done: Line; invalid: Line }) => string[]; says: RegExp }[] = [
  { name: 'show of no run', args: () => ['show', 'abc'], says: UNKNOWN },
  { name: 'retry of no run', args: () => ['retry', 'abc'], says: UNKNOWN },
  {
    name: 'retry of a done run',
    args: ({ done }) => ['retry', done.run],
    says: /is DONE: there is nothing to try again\.\n$/,
  },
  {
    name: 'retry of an invalid one',
    args: ({ invalid }) => ['retry', invalid.run],
    says: /is INVALID: the file can never be processed\. Send a corrected one/,
  },
];

describe('swath runs, show and retry', () => {
  const cwd = temporaryFolder();
  let running: ReturnType<typeof startSwath>;
  const model = join(cwd, '.swath/models/droughtwatch-baseline/1.1.0/model.onnx');
  let done: Line;
  let invalid: Line;
  let first: Line;
  let again: Ended;
  let failed: Line;

  before(async () => {
    running = startSwath(['start', '--empty'], cwd);
    await running.says(/Ctrl-C stops/);
    writeFileSync(join(cwd, 'good'), shard);
    writeFileSync(join(cwd, 'bad'), shard.subarray(0, 100));
    writeFileSync(join(cwd, 'unlucky'), sceneOf('unlucky', 3));
    renameSync(model, `${model}.away`); // before a worker has it
    const { code, stdout } = await swathHere(['classify', 'unlucky', '--json'], cwd);
    [first] = jsonLines<Line>({ stdout }) as [Line];
    assert.equal(code, 1);
    again = await swathHere(['retry', first.run, '--json'], cwd);
    [failed] = jsonLines<Line>(again) as [Line];
    renameSync(`${model}.away`, model);
    [invalid] = jsonLines<Line>(await swathHere(['classify', 'bad', '--json'], cwd)) as [Line];
    [done] = jsonLines<Line>(await swathHere(['classify', 'good', '--json'], cwd)) as [Line];
  });

  after(() => running.kill('SIGKILL'));

  describe('what the ledger knows', { concurrency: 2 }, () => {
    test('runs lists them, the newest first', async () => {
      const { code, stdout } = await swathHere(['runs'], cwd);
      assert.equal(code, 0);
      const [head, ...rows] = stdout.trimEnd().split('\n');
      assert.match(head!, /^run +changed +state +chips +model +door +file +verdict$/);
      assert.deepEqual(
        rows.map((row) => row.slice(0, 32)),
        [done, invalid, failed].map(({ run }) => run),
      );
      assert.match(rows[2]!, /FAILED .* droughtwatch-baseline 1\.1\.0 .*\/unlucky +InvalidModelPackage$/);
      assert.match(rows[0]!, /T\d\d:\d\d:\d\dZ +DONE +81 .* file +\S+\/good +no drift$/);
    });

    test('runs --state, --since, --limit and --json narrow and reshape the list', async () => {
      const args = ['runs', '--state', 'done', '--since', '1h', '--limit', '5', '--json'];
      const [line, ...others] = jsonLines<ReturnType<typeof toLedgerJson>>(await swathHere(args, cwd));
      assert.deepEqual(others, []);
      assert.partialDeepStrictEqual({ ...line, file: done.file }, done);
      const { changed, claimedAt, day, attempt, size } = line!;
      assert.ok(claimedAt < changed);
      assert.deepEqual([changed.slice(0, 10), attempt, size], [day, 1, shard.length]);
      assert.match(line!.file, /\/good$/);
    });

    test('show describes a run of each kind', async () => {
      const [good, bad] = await Promise.all([
        swathHere(['show', done.run], cwd),
        swathHere(['show', invalid.run], cwd),
      ]);
      assert.deepEqual([good.code, bad.code], [0, 0]);
      for (const part of [
        /^run [0-9a-f]{32}$/m,
        /state +DONE since 20/,
        /chips +81, 2 of them blank$/m,
        /attempt +1 of 3, claimed 20/,
        /drift +no drift: 0\.1342 with a noise floor of 0\.1345 at n = 79$/m,
        /chi-square +14\.373 at 3 degrees of freedom, p = 0\.00244$/m,
        /PSI +0\.1475$/m,
        /cows-3plus +17 +21\.5 %$/m,
        /\naccuracy, where truth is known\n {2}Accuracy +49\u00a0%\n {2}49\u00a0% of 79 predictions /,
        /predictions +\S+-00000\.parquet$/m,
      ])
        assert.match(good.stdout, part);
      assert.match(
        bad.stdout,
        /InvalidSceneFile in Preprocess, attempt 1, 20.*\n.*bad: record 0 at byte 0 is cut short/,
      );
      assert.match(bad.stdout, /This file can never be processed\. Send a corrected one/);
    });

    test('show says how to try a failed run again, in the data folder that it was asked about', async () => {
      const [here, elsewhere] = await Promise.all([
        swathHere(['show', failed.run], cwd),
        swathHere(['show', failed.run, '--data-dir', './.swath'], cwd),
      ]);
      assert.match(here.stdout, new RegExp(`^ {2}\\$ npx swath retry ${failed.run}$`, 'm'));
      assert.match(
        elsewhere.stdout,
        new RegExp(`^ {2}\\$ npx swath retry ${failed.run} --data-dir \\./\\.swath$`, 'm'),
      );
    });

    test('show --json prints what classify did, and what the ledger keeps beside', async () => {
      const { outcome, execution, why, ...kept } = failed as Line & Record<'outcome' | 'execution' | 'why', unknown>;
      assert.deepEqual([outcome, why], ['ended', null], 'what a retry says beside');
      for (const wanted of [done, { ...kept, execution }]) {
        const [line] = jsonLines<Line>(await swathHere(['show', wanted.run, '--json'], cwd));
        assert.partialDeepStrictEqual({ ...line, file: wanted.file }, wanted);
        assert.partialDeepStrictEqual({ truth: null, ...line }, { truth: wanted === done ? { known: 79 } : null });
      }
    });

    for (const { name, args, says } of REFUSED)
      test(`${name}: exit code 2, and a sentence`, async () => {
        const { code, stdout, stderr } = await swathHere(args({ done, invalid }), cwd);
        assert.deepEqual([code, stdout], [2, '']);
        assert.match(stderr, says);
      });

    for (const command of [['runs'], ['show', 'abc'], ['doctor'], ['model', 'list'], ['console']])
      test(`${command[0]} of a folder that is not there says so, and makes none`, async () => {
        const { code, stdout, stderr } = await swathHere([...command, '--data-dir', 'typo'], cwd);
        assert.deepEqual([code, stdout], [2, '']);
        assert.match(
          stderr,
          /^swath: typo: is not the folder of an embedded stack\. .* npx swath start --data-dir typo\n$/,
        );
        assert.ok(!existsSync(join(cwd, 'typo')));
      });

    test('a file in the place of the folder gets a sentence', async () => {
      const { code, stderr } = await swathHere(['start', '--data-dir', 'good'], cwd);
      assert.deepEqual(
        [code, stderr],
        [2, 'swath: good: found a file, or a link to nothing, allowed is a folder, or a name for a new one.\n'],
      );
    });

    test('a run is known by the beginning of its id', async () => {
      const { stdout } = await swathHere(['show', done.run.slice(0, 8), '--json'], cwd);
      assert.equal(JSON.parse(stdout).run, done.run);
      const { code, stderr } = await swathHere(['show', `${done.run.slice(0, 8)}ffff`], cwd);
      assert.equal(code, 2);
      assert.match(
        stderr,
        /^swath: the ledger knows no run that begins with "[0-9a-f]{12}" among the newest 1000 of each /,
      );
    });

    test('a ledger without runs says so', async () => {
      mkdirSync(join(cwd, 'new/inbox'), { recursive: true });
      const { code, stdout } = await swathHere(['runs', '--data-dir', 'new'], cwd);
      assert.deepEqual([code, stdout], [0, 'No runs.\n']);
    });
  });

  test('retry tries a failed run again, and says how that ended', async () => {
    for (const line of [first, failed])
      assert.partialDeepStrictEqual(line, { state: 'FAILED', error: { name: 'InvalidModelPackage', step: 'Infer' } });
    assert.deepEqual([again.code, failed.run], [1, first.run]);
    running.kill('SIGINT');
    await running.ended; // so it takes a stack of its own
    const { code, stdout } = await swathHere(['retry', failed.run], cwd);
    assert.equal(code, 0);
    assert.match(stdout, /\/unlucky +\w{8} +DONE +3 /);
    const { stdout: story } = await swathHere(['show', failed.run], cwd);
    assert.match(story, /attempt +3 of 3/);
    const [told = '', log = ''] = story.split('\n\nlog\n');
    assert.match(
      told,
      /\nwhat failed before\n {2}InvalidModelPackage in Infer, attempt 1, (.*\n)+ {2}InvalidModelPackage in Infer, attempt 2, /,
    );
    assert.match(told, /\nwhat now\n {2}Nothing: it is done, and counts on 20\d\d-\d\d-\d\d\.$/);
    assert.match(log, /infer done .*\n.*drift done/, 'of the log, what there is room for, the newest last');
  });
});
