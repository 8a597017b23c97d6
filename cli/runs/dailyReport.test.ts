import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Report } from '../../report/report.ts';
import { type Ended, jsonLines, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';

const SHARD = fileURLToPath(new URL('../../samples/droughtwatch/part-r-00012', import.meta.url));

describe('swath report', { concurrency: 2 }, () => {
  const cwd = temporaryFolder();
  let today: string;
  let classified: Ended;
  before(async () => {
    today = new Date().toISOString().slice(0, 10); // long after this file was imported
    classified = await swathHere(['classify', SHARD], cwd);
  });

  test('writes the report on a day, says the verdict, and where the files are', async () => {
    assert.equal(classified.code, 0, classified.stderr);
    const { code, stdout, stderr } = await swathHere(['report', '--day', 'today', '--out', 'copy.html'], cwd);
    assert.deepEqual([code, stderr], [0, '']);
    const folder = join(
      cwd,
      '.swath',
      'results',
      'reports',
      'model=droughtwatch-baseline',
      'version=1.1.0',
      `date=${today}`,
    );
    assert.equal(
      stdout,
      [
        `${today}  droughtwatch-baseline 1.1.0  no drift`,
        'The predicted classes are 0.134 away from the reference, within the threshold of 0.25, over 79 predictions.',
        '49\u00a0% of 79 predictions with a known truth were right (95\u00a0% interval: 39\u00a0% to 60\u00a0%). Naming cows-0 every time would be right in 58\u00a0%.',
        'What to do: Nothing.',
        `report  ${join(folder, 'report.html')}`,
        `data    ${join(folder, 'report.json')}`,
        `copy    ${join(cwd, 'copy.html')}`,
        '',
      ].join('\n'),
    );
    const report: Report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'));
    assert.deepEqual(
      [report.n, report.files.states.DONE, report.leastCertain.length, report.isOpen],
      [79, 1, 18, true],
    );
    const page = readFileSync(join(folder, 'report.html'), 'utf8');
    assert.equal(page.match(/<img src="data:image\/png;base64,/g)?.length, 18);
    assert.equal(readFileSync(join(cwd, 'copy.html'), 'utf8'), page);
  });

  test('takes the last day that is over, where none is named', async () => {
    const ended = await swathHere(['report', '--json'], cwd);
    const [line] = jsonLines<{ day: string; verdict: { outcome: string }; html: string; out: null }>(ended);
    const yesterday = new Date(Date.parse(today) - 86_400_000).toISOString().slice(0, 10);
    assert.deepEqual(
      [line?.day, line?.verdict.outcome, line?.out, ended.code],
      [yesterday, 'nothing arrived', null, 0],
    );
    assert.ok(existsSync(line!.html));
  });

  for (const day of ['2026-02-30', '2999-01-01'])
    test(`refuses the day ${day}`, async () => {
      const { code, stderr } = await swathHere(['report', '--day', day], cwd);
      assert.equal(code, 2);
      assert.match(
        stderr,
        new RegExp(`^swath: --day: found "${day}", allowed is a UTC day such as 2026-01-31, up to today, `),
      );
    });

  test('refuses a place where nothing can be written', async () => {
    const { code, stderr } = await swathHere(['report', '--out', 'no/such/folder.html'], cwd);
    assert.deepEqual(
      [code, stderr],
      [2, `swath: --out: ${join(cwd, 'no/such/folder.html')} cannot be written (ENOENT).\n`],
    );
  });

  test('explains that there is no report without a model', async () => {
    const cwd = temporaryFolder();
    mkdirSync(join(cwd, '.swath/inbox'), { recursive: true });
    const { code, stderr } = await swathHere(['report'], cwd);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^swath: There is no report on .*: no file of that day was classified by a model version, and none is promoted\. Publish one: npx swath model publish FOLDER --promote$/m,
    );
  });
});

test('swath report says of how many files it is read, where some are damaged', async () => {
  const cwd = temporaryFolder();
  await swathHere(['classify', SHARD], cwd);
  const predictions = join(cwd, '.swath/results/predictions');
  const names = readdirSync(predictions, { recursive: true, encoding: 'utf8' });
  truncateSync(join(predictions, names.find((name) => name.endsWith('.parquet'))!), 500);
  const { code, stdout } = await swathHere(['report', '--day', 'today'], cwd);
  assert.equal(code, 0);
  assert.match(stdout, /^That is read from 0 of 1 file of predictions\.\nWhat to do: /m);
});
