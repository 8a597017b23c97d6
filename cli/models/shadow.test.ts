import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runningStack } from '../../test/runningStack.ts';
import { sceneOf } from '../../test/scenes.ts';
import { jsonLines, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';

const BUNDLED = fileURLToPath(new URL('../../models/droughtwatch-baseline/1.0.0', import.meta.url));
const NAME = 'droughtwatch-baseline';

type Row = { run: string; state: string; shadow: boolean; model: { version: string }; digest: string; error: unknown };

const cwd = temporaryFolder();

describe('swath model shadow', () => {
  const stack = runningStack(cwd); // its workers serve each command
  const swath = (...args: string[]) => swathHere(args, cwd);
  const model = (...args: string[]) => swath('model', ...args);
  const shadowsOf = async () => jsonLines<Row>(await swath('runs', '--shadows', '--json'));

  function packageOf(version: string, change = (item: string) => item): string {
    const folder = join(cwd, version);
    cpSync(BUNDLED, folder, { recursive: true });
    rmSync(join(folder, 'sample.json'), { force: true });
    const item = readFileSync(join(folder, 'item.json'), 'utf8').replace(
      '"version": "1.0.0"',
      `"version": "${version}"`,
    );
    writeFileSync(join(folder, 'item.json'), change(item));
    return folder;
  }

  before(async () => {
    await model('publish', BUNDLED, '--promote');
    // Twice what the sensors have seen; and bands in another order.
    await model(
      'publish',
      packageOf('1.1.0', (item) => item.replace('"value": 255', '"value": 127.5')),
    );
    await model(
      'publish',
      packageOf('2.0.0', (item) => item.replace('"bands": ["B2", "B3"', '"bands": ["B3", "B2"')),
    );
    writeFileSync(join(cwd, 'scene'), sceneOf('shadowed', 20));
  });

  test('of a version that cannot be one says why, and what to do instead', async () => {
    for (const [args, message] of [
      [
        ['1.0.0'],
        /^swath: \S+ 1\.0\.0 is the live version: it cannot shadow itself\. Name another version\. Published are/,
      ],
      [
        ['9.9.9'],
        /^swath: \S+ 9\.9\.9 cannot be a shadow: it is not published\. Published are \S+\/1\.0\.0, \S+\/1\.1\.0, \S+\/2\.0\.0/,
      ],
      [
        ['2.0.0'],
        /the two packages differ in: bands\. Compare them on files instead: swath model diff, with --data\. Published are/,
      ],
      [['other/1.0.0'], /^swath: No version of other is promoted, so there is none to shadow/],
      [['1.1.0', '--share', '0'], /^swath: --share: found "0", allowed is a number above 0, up to 1\.$/m],
      [['1.1.0', '--share', '1.5'], /^swath: --share: found "1\.5", allowed is/],
      [['1.1.0', '--share', 'half'], /^swath: --share: found "half", allowed is/],
      [['a/b/c'], /^swath: found "a\/b\/c", allowed are NAME\/VERSION, or a VERSION of the stack's own model\./],
      [[], /^swath: found no version, allowed are/],
      [['--end'], /^swath: droughtwatch-baseline has no shadow, so there is none to end\.$/m],
      [
        ['--end', '--share', '1'],
        /^swath: --share: found it with --end, allowed is one of them: a shadow that ends classifies nothing\./,
      ],
    ] as const) {
      const { code, stderr } = await model('shadow', ...args);
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
    }
  });

  test('begins, appears in the list, and its runs are shown apart from those that count', async () => {
    const begun = await model('shadow', `${NAME}/1.1.0`);
    assert.equal(begun.code, 0, begun.stderr);
    assert.match(
      begun.stdout,
      /^droughtwatch-baseline\/1\.1\.0 classifies each file that \S+ classifies from now on, beside the live version\. It counts nowhere\.$/m,
    );
    assert.match(begun.stdout, /npx swath model diff \S+\/1\.0\.0 \S+\/1\.1\.0 --since 7d/);
    assert.match(
      (await model('list')).stdout,
      /^shadow +1\.1\.0, 100\s% of the files since \S+, begun by \S+: 0 done; 0 chips took 0 s of infer$/m,
    );

    assert.equal((await swath('send', 'scene')).code, 0);
    await stack().idle();
    const [shadow, ...more] = await shadowsOf();
    assert.equal(more.length, 0);
    assert.deepEqual([shadow?.state, shadow?.shadow, shadow?.model.version], ['DONE', true, '1.1.0']);
    const [live, ...others] = jsonLines<Row>(await swath('runs', '--json'));
    assert.deepEqual([live?.shadow, live?.model.version, others], [false, '1.0.0', []]);
    assert.equal(live?.digest, shadow?.digest);
    assert.match((await swath('runs', '--shadows')).stdout, /droughtwatch-baseline 1\.1\.0 \(shadow\)/);

    const [listed] = jsonLines<{ shadow: Record<string, unknown> }>(await model('list', '--json'));
    const { version, share, done, failed, chips, seconds } = listed!.shadow;
    assert.deepEqual([version, share, done, failed, chips], ['1.1.0', 1, 1, 0, 20]);
    assert.ok((seconds as number) > 0);
  });

  test('is shown beside the run that it shadows, and as what it is', async () => {
    const [[shadow], [live]] = [await shadowsOf(), jsonLines<Row>(await swath('runs', '--json'))];
    assert.match(
      (await swath('show', live!.run)).stdout,
      new RegExp(`^ *shadows +1\\.1\\.0 DONE ${shadow!.run}$`, 'm'),
    );
    const { stdout } = await swath('show', shadow!.run);
    assert.match(stdout, /^ *shadow +yes: it counts nowhere$/m);
    assert.match(stdout, /^ {2}Nothing\. A shadow's run counts nowhere: it is there to be compared\.$/m);
    const { code, stderr } = await swath('retry', shadow!.run);
    assert.equal(code, 2);
    assert.match(stderr, /^swath: the run [0-9a-f]{32} belongs to a shadow, and is not retried/);
  });

  test('is compared at once with the version that it shadows, with the chips that differ most', async () => {
    const { code, stdout, stderr } = await model('diff', '1.0.0', '1.1.0', '--since', '1d');
    assert.equal(code, 0, stderr);
    assert.match(
      stdout,
      /: 20 chips of 1 file that both have classified \(0 by the first alone, 0 by the second\)\.$/m,
    );
    assert.match(stdout, /Inferring a chip +\S+ ms by the first, \S+ ms by the second/);
    const [back] = jsonLines<{ chips: number }>(await model('diff', '1.1.0', '1.0.0', '--json'));
    assert.equal(back!.chips, 20);
  });

  test('counts in no answer of SQL', async () => {
    const { stdout } = await swath('sql', 'SELECT DISTINCT version FROM predictions');
    assert.match(stdout, /^version\s+1\.0\.0\s*$/);
  });

  test('ends, by its name or without one', async () => {
    assert.equal((await model('shadow', '1.1.0', '--share', '0.25')).code, 0);
    assert.match((await model('list')).stdout, /^shadow +1\.1\.0, 25\s% of the files/m);
    const ended = await model('shadow', NAME, '--end');
    assert.deepEqual([ended.code, ended.stdout], [0, `${NAME}/1.1.0 no longer shadows ${NAME}.\n`]);
    assert.doesNotMatch((await model('list')).stdout, /^shadow/m);
    await model('shadow', '1.1.0');
    const [told] = jsonLines<{ ended: { version: string } }>(await model('shadow', '--end', '--json'));
    assert.equal(told!.ended.version, '1.1.0');
  });

  test('that takes the place of another says so', async () => {
    await model('publish', packageOf('1.2.0'));
    const replacedBy = async (version: string) =>
      jsonLines<{ replaced: string | null }>(await model('shadow', version, '--json'))[0]!.replaced;
    assert.equal(await replacedBy('1.1.0'), null);
    assert.equal(await replacedBy('1.1.0'), null);
    assert.equal(await replacedBy('1.2.0'), '1.1.0');
    assert.match(
      (await model('shadow', '1.1.0')).stdout,
      /beside the live version, in the place of 1\.2\.0\. It counts/,
    );
  });

  test('ends with its promotion', async () => {
    await model('shadow', '1.1.0');
    await model('promote', '1.1.0');
    assert.equal(JSON.parse(readFileSync(join(cwd, `.swath/models/${NAME}/shadow.json`), 'utf8')).shadow, null);
  });
});
