import assert from 'node:assert/strict';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { STILL_MILLISECONDS } from '../../local/buckets/still.ts';
import { runningStack } from '../../test/runningStack.ts';
import { sceneOf, shard } from '../../test/scenes.ts';
import { type Ended, jsonLines, startSwath, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';
import type { toJson } from '../runs/report.ts';

type Line = ReturnType<typeof toJson>;
type LogLine = { time: string; function: string; event: string; fields: Record<string, unknown> };

const cwd = temporaryFolder();

describe('swath send, and what shows of it', () => {
  const model = join(cwd, '.swath/models/droughtwatch-baseline/1.1.0/model.onnx');
  const stack = runningStack(cwd);
  let unlucky: Ended;
  let first: Ended;
  let done: Line;
  let invalid: Line;
  let duplicate: Line;

  before(async () => {
    mkdirSync(join(cwd, 'b'));
    writeFileSync(join(cwd, 'good'), shard);
    writeFileSync(join(cwd, 'b/good'), sceneOf('b', 3));
    writeFileSync(join(cwd, 'bad'), shard.subarray(0, 100));
    writeFileSync(join(cwd, 'cut'), shard.subarray(0, 50));
    writeFileSync(join(cwd, 'unlucky'), sceneOf('unlucky', 2));
    await swathHere(['send', 'cut'], cwd); // which promotes the bundled model
    renameSync(model, `${model}.away`); // before a worker has it
    unlucky = await swathHere(['send', 'unlucky', '--json'], cwd);
    renameSync(`${model}.away`, model);
    first = await swathHere(['send', 'good', 'b/good', 'bad', '--json'], cwd);
    [done, , invalid] = jsonLines<Line>(first) as [Line, Line, Line];
  });

  test('classify keeps its copy where no sweep looks, and the same bytes count once', async () => {
    [duplicate] = jsonLines<Line>(await swathHere(['classify', 'good', '--json'], cwd)) as [Line];
    assert.deepEqual([duplicate.state, duplicate.duplicateOf], ['DUPLICATE', done.run]);
    assert.ok(existsSync(join(cwd, '.swath/once/588715918154/good')));
  });

  test('it ends as classify would have it: a line a file, in their order, with the same keys', () => {
    assert.deepEqual([first.code, first.stderr], [1, '']);
    assert.deepEqual(
      jsonLines<Line>(first).map(({ file, state, chips }) => [file, state, chips]),
      [
        ['good', 'DONE', 81],
        ['b/good', 'DONE', 3],
        ['bad', 'INVALID', null],
      ],
    );
    assert.deepEqual(Object.keys(done), Object.keys(duplicate));
  });

  test('a file that had failed is tried again, since a person asks', async () => {
    assert.deepEqual([unlucky.code, jsonLines<Line>(unlucky)[0]?.error?.step], [1, 'Infer']);
    const { code, stdout } = await swathHere(['send', 'unlucky', '--json'], cwd);
    assert.deepEqual([code, jsonLines<Line>({ stdout })[0]?.state], [0, 'DONE']);
  });

  test('a sweep starts missed files, and prints what it found', async () => {
    const missed = join(cwd, '.swath/inbox/missed');
    writeFileSync(missed, sceneOf('missed', 2));
    await setTimeout(STILL_MILLISECONDS); // until then it might be in the making
    const [swept] = jsonLines<Record<string, unknown>>(await swathHere(['sweep', '--json'], cwd));
    assert.partialDeepStrictEqual(swept, { status: 'SUCCEEDED', started: 1, settled: 0, judged: [], error: null });
    const { code, stdout } = await swathHere(['sweep'], cwd);
    assert.equal(code, 0);
    assert.match(stdout, /^The sweep is done\. It started 0 runs\.\nreport {2}20\S+ {2}reports\/model=\S+ {2}\w/);
  });

  describe('beside a watched inbox', () => {
    before(() => stack().startIntake());

    test('the watcher and the command start one run of a file between them', async () => {
      writeFileSync(join(cwd, 'new'), sceneOf('new', 4));
      const { code, stdout } = await swathHere(['send', 'new', '--json'], cwd);
      assert.deepEqual([code, jsonLines<Line>({ stdout })[0]?.chips], [0, 4]);
    });

    test('a file that is sent again is the same run, and the table says that nothing was done', async () => {
      const { code, stdout } = await swathHere(['send', 'good'], cwd);
      assert.equal(code, 0);
      assert.match(
        stdout,
        /^588715918154\/good +\w{8} +DONE +81 .*\n\nDONE 588715918154\/good: this run was settled before, at \S+; nothing was done now\.\n$/m,
      );
    });

    test('into a folder of one’s own it is another file, of the same bytes', async () => {
      const [line] = jsonLines<Line>(await swathHere(['send', 'good', '--key-prefix', 'north/2026/', '--json'], cwd));
      assert.deepEqual([line?.state, line?.duplicateOf], ['DUPLICATE', done.run]);
      assert.ok(existsSync(join(cwd, '.swath/inbox/north/2026/588715918154/good')));
    });

    test("--no-follow prints the file's place and the run's id", async () => {
      const { code, stdout } = await swathHere(['send', 'good', 'bad', '--no-follow', '--json'], cwd);
      assert.equal(code, 0);
      const lines = jsonLines<Record<string, unknown>>({ stdout }).map(({ version, ...line }) => line);
      assert.partialDeepStrictEqual(lines, [
        { file: 'good', bucket: 'inbox', key: '588715918154/good', run: done.run, error: null },
        { file: 'bad', run: invalid.run },
      ]);
    });

    describe('the functions’ log', () => {
      test('of a run has a line of each of its steps, the failed one among them', async () => {
        const linesOf = async (run: string) =>
          jsonLines<LogLine>(await swathHere(['logs', '--run', run, '--json'], cwd));
        const lines = await linesOf(done.run);
        assert.deepEqual(
          lines.slice(0, 3).map(({ event }) => event),
          ['preprocess.done', 'infer.done', 'drift.done'],
        );
        for (const { fields } of lines)
          assert.deepEqual([fields['run'], fields['key']], [done.run, '588715918154/good']);
        const bad = await linesOf(invalid.run);
        assert.deepEqual(
          bad.map((line) => [line.event, line.fields['run']]),
          [
            ['preprocess.failed', invalid.run],
            ['settle.done', invalid.run],
          ],
        );
        assert.match(String(bad[0]?.fields['error']), /^InvalidSceneFile: .*cut short/);
      });

      test('is narrowed to a function and to so many of the newest lines', async () => {
        const { code, stdout } = await swathHere(['logs', '--function', 'infer', '--limit', '1', '--since', '1h'], cwd);
        assert.equal(code, 0);
        assert.match(
          stdout,
          /^20\S+Z {2}infer done {2}run=\w{32} {2}key=\S+ .*milliseconds=\d+\n\nThe newest 1\. There may be more: npx swath logs --limit 10\n$/,
        );
      });

      test('is followed until Ctrl-C: new lines are printed, each once', async () => {
        const following = startSwath(['logs', '--run', duplicate.run, '--follow', '--json'], cwd);
        await following.says(/preprocess\.done/);
        await swathHere(['classify', 'good'], cwd); // its run is settled: Preprocess looks, and says so
        await following.says(/"held":true.*\n.*"held":false/);
        following.kill('SIGINT');
        const { code, stdout } = await following.ended;
        assert.equal(code, 0);
        const lines = stdout.trimEnd().split('\n');
        assert.equal(new Set(lines).size, lines.length);
      });

      test("is printed below a run's story", async () => {
        const args = ['show', invalid.run];
        const [{ stdout }, asJson] = await Promise.all([swathHere(args, cwd), swathHere([...args, '--json'], cwd)]);
        assert.match(
          stdout,
          /Send a corrected one[^$]*\n {2}\$ npx swath send FILE\n\nlog\n {2}20\S+ {2}preprocess FAILED {2}key=\S+\/bad .*\n {2}20\S+ {2}settle done /,
        );
        const [shown] = jsonLines<{ logs: LogLine[] }>(asJson);
        assert.deepEqual(
          shown?.logs.map((line) => line.function),
          ['preprocess', 'settle'],
        );
      });
    });
  });
});
