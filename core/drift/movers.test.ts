import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { sumsOf } from '../../test/benches/bandChips.ts';
import { storedCounts } from '../../test/benches/summaries.ts';
import { bandSumsText } from '../measures/bands/bandSumsText.ts';
import { readModelPackage } from '../tasks/readModelPackage.ts';
import { movers } from './cause.ts';
import { addTotals, totalsOfRun } from './totals.ts';
import { judgeDrift } from './window.ts';

const DIGITS = new URL('../../models/digits/1.0.0/', import.meta.url);
const model = await readModelPackage((file) => readFile(new URL(file, DIGITS)));
const names = model.classes.map(({ name }) => name);
const limits = { threshold: 0.1, minimum: 1 };

/** A run of a hundred of each digit, and of more sevens, whose chips are of one grey. */
function runOf(file: string, sevens: number, grey: number) {
  const counts = model.classes.map(({ name }) => (name === '7' ? 100 + sevens : 100));
  const chip = { place: { index: 0, kind: 'index' as const }, planes: [new Uint8Array(784).fill(grey)], truth: null };
  const { bands } = sumsOf(model, model.profile!, new Array(1000).fill(chip));
  const chips = 1000 + sevens;
  return { file, run: file, chips, blank: 0, ...storedCounts(counts, { names }), bands: bandSumsText(bands!) };
}

function judged(...runs: ReturnType<typeof runOf>[]) {
  const window = judgeDrift(runs.map((run) => totalsOfRun(run)).reduce(addTotals), model, limits);
  return movers(window, model, runs, ({ file }) => file);
}

describe('what moved a drifting window', () => {
  test('is the class with both shares and the source band, each with the file that contributed most', async () => {
    const all = await judged(runOf('north/quiet', 0, 250), runOf('north/ü #1.tif', 3000, 0), runOf('small', 400, 0));
    assert.equal(all.length, 2);
    assert.equal(
      all[0],
      'The class that moved most is 7: from 10\u00a0% of the reference to 58\u00a0%. The file north/ü #1.tif contributed most: 78\u00a0% of its 4000 predictions.',
    );
    assert.match(
      all[1]!,
      /^The source band that moved most is grey: 0\.\d{3} away from its profile\. The file north\/quiet contributed most: 0\.\d{3} away\.$/,
    );
  });

  test('names the file with the smallest share of a class that became rarer', async () => {
    const [said] = await judged(runOf('some', -90, 250), runOf('none', -100, 250), runOf('most', -20, 250));
    assert.match(
      said!,
      /^The class that moved most is 7: from 10\s% .* to 3\.2\s%\. The file none contributed most: 0\s% /,
    );
  });

  test('is empty while neither predictions nor bands drift', async () => {
    const { bands: _, ...plain } = runOf('quiet', 0, 0);
    const window = judgeDrift(totalsOfRun(plain), model, limits);
    assert.deepEqual(await movers(window, model, [plain], () => 'quiet'), []);
  });
});
