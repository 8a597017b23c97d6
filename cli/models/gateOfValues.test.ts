import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { heightsPackage, heightsScene } from '../../test/benches/heights.ts';
import { type Edit, INPUT, PROPERTIES } from '../../test/benches/packages.ts';
import { jsonLines, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';

const GATE = { max_error_rise: 1, max_mean_absolute_difference: 6, min_chips: 40 };

/** A candidate for a model of values, from its comparison to the history. */
describe('the gate of a model of values', () => {
  const cwd = temporaryFolder();
  const model = (...args: string[]) => swathHere(['model', ...args], cwd);
  const live = () => JSON.parse(readFileSync(join(cwd, '.swath/models/heights/promoted.json'), 'utf8')).version;

  /** The same model, whose values are so many times as large. */
  async function makePackage(version: string, times: number, ...edits: Edit[]): Promise<void> {
    mkdirSync(join(cwd, version));
    const scaling = { type: 'scale', value: 1 / times };
    const files = await heightsPackage(
      [`${PROPERTIES}/version`, version],
      [`${INPUT}/value_scaling`, times === 1 ? null : [scaling]],
      ...edits,
    );
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(cwd, version, name), bytes);
  }

  before(async () => {
    await makePackage('1.0.0', 1, [`${PROPERTIES}/swath:gate`, GATE]);
    await makePackage('1.1.0', 1.25);
    await makePackage('1.2.0', 1.01);
    const heights = Array.from({ length: 60 }, (_, i) => 10 + i);
    // Off by 1, 0 and -1: the live version's mean absolute error is 2/3.
    const truths = heights.map((height, i) => height + (i % 3) - 1);
    writeFileSync(join(cwd, 'heights.tfrecord'), heightsScene(heights, truths));
    assert.equal((await model('publish', '1.0.0', '--promote')).code, 0);
  });

  test('refuses a worse one by its errors on the same chips, and for values that are too far from the live ones', async () => {
    const { code, stdout } = await model('diff', '1.0.0', '1.1.0', '--data', 'heights.tfrecord');
    assert.equal(code, 0);
    assert.match(
      stdout,
      /^ {2}Difference of the errors {2,}9\.\d+ \(95\u00a0% interval: 8\.\d+ to 10\.\d+\): the second is off by more {2}\(mean absolute error of the second less the first's, over 60 chips\)$/m,
    );
    const refused = await model('publish', '1.1.0', '--promote');
    assert.equal(refused.code, 1);
    assert.match(
      refused.stderr,
      /^ {2}Error: over 60 chips whose truth is known, the mean absolute error is 9\.\d+ with 1\.1\.0 and 0\.6667 with 1\.0\.0; at 96\.96\u00a0% confidence it may be higher by up to 10\.\d+, allowed are 1 \(max_error_rise 1\)\.$/m,
    );
    assert.match(
      refused.stderr,
      /^ {2}Agreement: 1\.0\.0 and 1\.1\.0 have a mean absolute difference of 9\.875 over 60 chips; allowed are 6 \(max_mean_absolute_difference 6\)\.$/m,
    );
    assert.equal(live(), '1.0.0');
  });

  test('lets one pass that is off by hardly more', async () => {
    assert.equal((await model('diff', '1.0.0', '1.2.0', '--data', 'heights.tfrecord')).code, 0);
    assert.equal((await model('publish', '1.2.0', '--promote')).code, 0);
    assert.equal(live(), '1.2.0');
  });

  test('is in the history, with the refusals', async () => {
    const [, refused] = jsonLines<{ isRefused?: true; version: string; refusals: string[] }>(
      await model('history', '--json'),
    );
    assert.deepEqual([refused!.isRefused, refused!.version, refused!.refusals.length], [true, '1.1.0', 2]);
    assert.match(refused!.refusals[0]!, /^Error: over 60 chips .* \(max_error_rise 1\)\.$/);
  });

  test('of a package that wants what values cannot answer is refused before anything is published', async () => {
    await makePackage('1.3.0', 1, [`${PROPERTIES}/swath:gate`, { min_agreement: 0.9 }]);
    const { code, stderr } = await model('check', '1.3.0');
    assert.notEqual(code, 0);
    assert.match(stderr, /swath:gate\.min_agreement: found 0\.9, allowed is nothing: a model of the task regression/);
  });
});
