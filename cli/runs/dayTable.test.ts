import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { windowNumbers } from '../../console/answers/drift.ts';
import { noTotals } from '../../core/drift/totals.ts';
import { judgeDrift } from '../../core/drift/window.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import { modelOf } from '../../test/benches/predictions.ts';
import { storedCounts } from '../../test/benches/summaries.ts';
import { makeDayTable } from './dayTable.ts';

const limits = { threshold: 0.25, minimum: 1 };
const plain: ModelPackage = { ...modelOf(['wet', 'dry'].map((name, value) => ({ name, value }))), reference: [50, 50] };
const calibrated: ModelPackage = { ...plain, heldOut: { chips: 500, right: 400 } };
const run = {
  run: 'a',
  model: { name: 'model', version: '1.0.0' },
  chips: 100,
  blank: 0,
  ...storedCounts([60, 40], { names: ['wet', 'dry'], probabilitySum: 80 }),
};

test('a day has its estimated accuracy, where the package says how right it is on held-out data', () => {
  const cells = (text: string) => stripVTControlCharacters(text).split(/ {2,}/);
  const { head, line } = makeDayTable(calibrated, limits);
  const at = cells(head).indexOf('estimated');
  assert.equal(cells(line({ name: '2026-03-01', runs: [run] }))[at]!.replaceAll('\u00a0', ' '), '80 %');
  assert.equal(cells(line({ name: '2026-03-02', runs: [] }))[at], '–');
  assert.equal(cells(makeDayTable(plain, limits).head).indexOf('estimated'), -1);
});

test('the console has it with its interval, and of another package nothing of it', () => {
  const totals = { ...noTotals(calibrated), counts: [60, 40], missing: 0, probabilitySum: 80 };
  const { estimate, figures } = windowNumbers(calibrated, 1, judgeDrift(totals, calibrated, limits));
  assert.deepEqual([estimate!.value, ...estimate!.interval.map((end) => Number(end.toFixed(12)))], [0.8, 0.68, 0.92]);
  assert.ok(figures.some(({ name }) => name === 'Estimated accuracy'));
  assert.equal('estimate' in windowNumbers(plain, 1, judgeDrift(totals, plain, limits)), false);
});

test('the console is told that a reference is provisional, and of another one nothing of it', () => {
  const totals = { ...noTotals(plain), counts: [60, 40] };
  for (const model of [plain, { ...plain, isProvisional: true as const }]) {
    const { drift } = windowNumbers(model, 1, judgeDrift(totals, model, limits));
    assert.equal(drift!.isProvisional, model.isProvisional);
  }
});
