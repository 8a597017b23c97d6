import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NoModelPromoted } from '../core/base/errors.ts';
import { predictionsKey } from '../core/base/keys.ts';
import { type ModelRef, UNASSIGNED } from '../core/base/messages.ts';
import { judgeDrift } from '../core/drift/window.ts';
import { EXPECTED } from '../core/measures/expectedRegistry.ts';
import { inRow } from '../core/tasks/registry.ts';
import { errorOf, goldenChips, INVOCATION, MODEL, startTestDays } from '../test/benches/day.ts';
import { servingOf } from '../test/benches/serving.ts';
import { golden } from '../test/suite/golden.ts';
import type { Report } from './report.ts';
import { type WriteReportsPorts, type Written, writeReports } from './writeReports.ts';

const days = await startTestDays();
const { classify, arrive, metrics, model, results, inbox } = days;

describe('the report on a day of the bundled shard', () => {
  const day = '2026-03-01';
  const wanted = golden.models.baseline;
  let report: Report;

  test('is written as a page and as data, beside the predictions of its model version', async () => {
    await classify(day, 'north/a');
    report = await reportOn(day);
    const keys = [...results.keys()].filter((key) => key.startsWith('reports/'));
    const prefix = 'reports/model=droughtwatch-baseline/version=1.0.0/date=2026-03-01/report';
    assert.deepEqual(keys.toSorted(), [`${prefix}.html`, `${prefix}.json`]);
    assert.deepEqual(JSON.parse(textOf(`${prefix}.json`)), report);
    assert.match(textOf(`${prefix}.html`), /^<!doctype html>/);
  });

  test('has the numbers that numpy, scipy and onnxruntime give: golden.py', () => {
    assert.deepEqual(Object.fromEntries(report.distribution.map(({ name, count }) => [name, count])), wanted.classes);
    for (const score of ['jensenShannon', 'psi', 'noiseFloor'] as const)
      assert.ok(Math.abs(report.drift![score] - wanted.drift[score]) < 1e-12, score);
    assert.deepEqual([report.chips, report.blank, report.n, report.missing], [81, 2, 79, 0]);
    const mean = report.figures.find(({ name }) => name === 'Mean probability')!;
    assert.ok(Math.abs(mean.value! - wanted.meanProbability) < 1e-6);
    assert.partialDeepStrictEqual(report, { meanProbability: mean.value });
    assert.equal(report.distribution.map(({ reference }) => reference!.toFixed(2)).join(), '0.60,0.15,0.15,0.10');
  });

  test('says how many predictions were right', () => {
    const right = golden.records.filter(({ truth }, i) => model.classes[truth]!.name === wanted.predictions[i]!.class);
    assert.partialDeepStrictEqual(report.accuracy, { n: 79, correct: right.length });
  });

  test('shows the least certain chips, over all parts, the least certain first', () => {
    const certain = goldenChips.toSorted((a, b) => Math.max(...a.row) - Math.max(...b.row));
    const indexes = (chips: readonly { index: number }[]) => chips.map(({ index }) => index);
    assert.deepEqual(indexes(report.leastCertain), indexes(certain.slice(0, 18)));
    assert.ok(report.leastCertain.every(({ image }) => image?.startsWith('data:image/png;base64,')));
    assert.deepEqual([report.parts, report.partsRead], [2, 2]);
  });

  test('made again, after a file that came late, is another one in the same place', async () => {
    await classify(day, 'north/late', { chips: goldenChips.slice(0, 30) });
    const before = results.size;
    report = await reportOn(day);
    assert.deepEqual([results.size, report.n, report.files.states.DONE], [before, 109, 2]);
  });
});

describe('the last 30 days', () => {
  test('are those that were judged, and the day itself as it is now', async () => {
    const row = (day: string, revision: number, counts: number[]) => {
      const sum = { sceneSquares: 400 ** 2, chips: 400, blank: 0, counts, missing: 0, probabilitySum: 200 };
      const judgement = judgeDrift(sum, model, { threshold: 0.25, minimum: 1 });
      return { day, revision, runs: 1, cutOff: `${day}T00:15:00.000Z`, judgement };
    };
    await metrics.putDay(MODEL, row('2026-01-01', 1, [1, 1, 1, 1]));
    await metrics.putDay(MODEL, row('2026-01-02', 1, [1, 1, 1, 1]));
    await metrics.putDay(MODEL, row('2026-01-02', 2, [0, 0, 0, 400]));
    await metrics.putDay(MODEL, row('2026-01-31', 1, [9, 0, 0, 0]));
    await classify('2026-01-31', 'north/a');
    const report = await reportOn('2026-01-31');
    const judged = report.days.map(({ day, n, drift }) => `${day}: ${n}, ${drift?.verdict}`);
    assert.deepEqual(judged, ['2026-01-02: 400, drift', '2026-01-31: 79, no drift']);
  });
});

describe('the files of a day', () => {
  test('are counted by what became of them, and those that went wrong stand first, with the reason', async () => {
    const day = '2026-03-05';
    const done = await classify(day, 'a');
    await arrive(day, 'b', 'DUPLICATE', { duplicateOf: done.run });
    await arrive(day, 'c', 'FAILED', errorOf('DiskFull', 'No room to write.', 'Infer'));
    await arrive(day, 'd', 'INVALID', errorOf('InvalidSceneFile', `d: ${'x'.repeat(3000)}`));
    await arrive(day, 'e', 'PREPARED');
    const { files, verdict } = await reportOn(day);
    const { DONE, DUPLICATE, FAILED, INVALID, PREPARED, EMPTY } = files.states;
    assert.deepEqual([DONE, DUPLICATE, FAILED, INVALID, PREPARED, EMPTY], [1, 1, 1, 1, 1, 0]);
    const listed = files.listed.map(({ file, state }) => `${file} ${state}`);
    assert.deepEqual(listed, ['d INVALID', 'c FAILED', 'a DONE', 'b DUPLICATE', 'e PREPARED']);
    assert.equal(files.listed[0]?.error?.message.length, 401);
    const full = { name: 'DiskFull', message: 'No room to write.', step: 'Infer' };
    assert.deepEqual(files.listed[1]?.error, { ...full, attempt: 1, attemptLimit: 3 });
    assert.deepEqual(files.listed[2]?.mostCommon, { name: 'cows-0', share: 45 / 79 });
    assert.equal(files.listed[3]?.duplicateOf, done.run);
    assert.equal(verdict.outcome, 'no drift');
    assert.equal(verdict.findings.length, 3);
    assert.ok(verdict.findings.includes('1 file failed. The next sweep tries it again.'), verdict.findings.join('\n'));
  });

  test('of a month with a reference of its own have its size', async () => {
    const day = '2026-03-07';
    await classify(day, 'a');
    const months = { '3': { scenes: 10, reference: [20, 30, 20, 10], bands: [] } };
    const seasons = { months, segments: {}, ofBands: [] };
    const models = { ...days.ports.models, load: async () => ({ ...model, seasons }) };
    const { referenceTotal, distribution } = await reportOn(day, { models });
    assert.deepEqual([referenceTotal, distribution[0]?.reference], [80, 0.25]);
  });

  test('of a model with a provisional reference lead to no verdict, and to the way to make another', async () => {
    const day = '2026-03-08';
    await classify(day, 'a');
    const draft = { ...model, reference: [1, 1, 1, 1], isProvisional: true as const };
    const { verdict, distribution } = await reportOn(day, {
      models: { ...days.ports.models, load: async () => draft },
    });
    assert.deepEqual([verdict.outcome, verdict.headline], ['not enough data', 'The reference is provisional']);
    assert.equal(distribution[0]!.reference, null);
    const page = textOf(`reports/model=droughtwatch-baseline/version=1.0.0/date=${day}/report.html`);
    assert.match(page, /<h2>Classes<\/h2>/);
    assert.match(page, /provisional/);
    assert.doesNotMatch(page, /in the reference|Chi-square|PSI/);
    assert.match(verdict.action, /npx swath model profile FOLDER --data FILE/);
  });

  test('have those apart that failed for good, as no sweep tries them again', async () => {
    const day = '2026-03-06';
    await arrive(day, 'a', 'FAILED', errorOf('DiskFull', 'No room to write.', 'Infer'));
    await arrive(day, 'b', 'FAILED', { ...errorOf('Error', 'x'), attemptLimit: 1 });
    const { verdict } = await reportOn(day);
    assert.match(verdict.findings.join('\n'), /^2 files failed\. The next sweep tries 1 of them again, but none/);
  });
});

describe('a day without predictions', () => {
  const classes = model.classes.map(({ name }) => ({ name, count: 0 }));
  const blanks = { chips: 60, blank: 60, missing: 0, probabilitySum: 0, classes };
  const chips = goldenChips.slice(0, 9).map((chip) => ({ ...chip, row: [NaN, 0, 0, 0] }));
  const failed = errorOf('Error', 'x');
  for (const [day, what, come, outcome] of [
    ['2026-04-01', 'on which nothing arrived', async () => {}, 'nothing arrived'],
    ['2026-04-02', 'on which all failed', () => arrive('2026-04-02', 'a', 'FAILED', failed), 'nothing classified'],
    [
      '2026-04-03',
      'of blanks only',
      () => arrive('2026-04-03', 'a', 'EMPTY', { countedDay: '2026-04-03', ...blanks }),
      'blanks only',
    ],
    ['2026-04-04', 'whose outputs were not finite', () => classify('2026-04-04', 'a', { chips }), 'no finite output'],
  ] as const)
    test(`${what} has a report all the same`, async () => {
      await come();
      const report = await reportOn(day);
      assert.equal(report.verdict.outcome, outcome);
      assert.deepEqual([report.n, report.drift, report.accuracy], [0, null, null]);
      const html = textOf(`reports/model=${MODEL.name}/version=1.0.0/date=${day}/report.html`);
      assert.doesNotMatch(html, /NaN|undefined|Infinity/);
    });
});

test('a day under clouds has no verdict and says why', async () => {
  const day = '2026-04-05';
  const numbers = { chips: 9, blank: 1, masked: 8, parts: 0, ...inRow(model.task.summary.zero(model), model) };
  await arrive(day, 'a', 'DONE', { countedDay: day, ...numbers });
  const report = await reportOn(day);
  assert.deepEqual([report.verdict.outcome, report.masked, report.n, report.drift], ['clouds only', 8, 0, null]);
  const html = textOf(`reports/model=${MODEL.name}/version=1.0.0/date=${day}/report.html`);
  assert.match(html, /8 of them masked: under clouds, so in no verdict/);
});

test('a day that is not over says so', async () => {
  await classify('2026-06-02', 'a');
  assert.equal((await reportOn('2026-06-02')).isOpen, true);
  assert.equal((await reportOn('2026-06-01')).isOpen, false);
});

test('files that say nothing of the truth have no accuracy, but least certain chips', async () => {
  await classify('2026-03-10', 'a', { chips: goldenChips.slice(0, 9).map((chip) => ({ ...chip, truth: null })) });
  const { accuracy, leastCertain } = await reportOn('2026-03-10');
  assert.deepEqual([accuracy, leastCertain.length, leastCertain[0]?.truth], [null, 9, null]);
});

test('removed predictions and scene files are reported as gone', async () => {
  const row = await classify('2026-03-11', 'a');
  results.delete(predictionsKey({ id: row.run, model: MODEL, day: '2026-03-11' }, 0));
  inbox.delete('inbox/a#2026-03-11');
  const { n, parts, partsRead, leastCertain } = await reportOn('2026-03-11');
  assert.deepEqual([n, parts, partsRead], [79, 2, 1]);
  assert.ok(leastCertain.every(({ image, problem }) => image === null && problem === 'a does not exist.'));
});

test('when time is short, predictions are read as far as it goes', async () => {
  await classify('2026-03-12', 'a', { perPart: 10 });
  const { n, parts, partsRead } = await reportOn('2026-03-12', {}, { ...INVOCATION, remainingSeconds: () => 10 });
  assert.deepEqual([n, parts, partsRead], [79, 8, 1]);
});

describe('several model versions on one day', () => {
  const second = { ...MODEL, version: '2.0.0' };
  const numbersIn = (written: readonly Written[]) =>
    written.map((one) => `${one.model.version}: ${'report' in one ? one.report.n : one.why}`);

  test('have a report each, with their own numbers', async () => {
    const day = '2026-03-20';
    await classify(day, 'a');
    await classify(day, 'b', { version: '2.0.0', chips: goldenChips.slice(0, 20) });
    await arrive(day, 'c', 'INVALID', errorOf('InvalidSceneFile', 'x'), { ref: second });
    const written = await writeReports(days.ports, day, INVOCATION);
    assert.deepEqual(numbersIn(written), ['1.0.0: 79', '2.0.0: 20']);
    assert.deepEqual(
      written.map((one) => 'report' in one && one.report.files.states.INVALID),
      [0, 1],
    );
  });

  test('do not have one that somebody only tries', async () => {
    const day = '2026-03-24';
    await classify(day, 'a', { version: '2.0.0' });
    const isTrial = async ({ version }: ModelRef) => version === '2.0.0';
    const ports = { ...days.ports, models: { ...days.ports.models, isTrial } };
    assert.deepEqual(numbersIn(await writeReports(ports, day, INVOCATION)), ['1.0.0: 0']);
    await classify(day, 'b');
    assert.deepEqual(numbersIn(await writeReports(ports, day, INVOCATION)), ['1.0.0: 79']);
  });

  test('do not have the one that was promoted since', async () => {
    const day = '2026-03-21';
    await classify(day, 'a');
    const written = await writeReports(withPromoted(second), day, INVOCATION);
    assert.deepEqual(numbersIn(written), ['1.0.0: 79']);
    const quiet = await writeReports(withPromoted(second), '2026-03-22', INVOCATION);
    assert.deepEqual(numbersIn(quiet), ['2.0.0: 0'], 'which a day without files is its report on');
  });

  test('of which one cannot be read any more, leave the other its report', async () => {
    const day = '2026-03-23';
    await classify(day, 'a');
    await classify(day, 'b', { version: '3.0.0' });
    const load: WriteReportsPorts['models']['load'] = async ({ version }) =>
      version === '1.0.0' ? model : (days.ports.readResult('a package that was taken away') as never);
    const models = { ...days.ports.models, load };
    const [first, other] = await writeReports({ ...days.ports, models }, day, INVOCATION);
    assert.ok(first && 'report' in first);
    assert.equal(other && 'why' in other && other.why, 'a package that was taken away does not exist.');
  });
});

test('a measure that drifts, whichever it is, stands in the headline of a day without drift', async () => {
  const day = '2026-03-24';
  await classify(day, 'a');
  const said = async () => (await reportOn(day)).verdict.headline;
  const before = await said();
  EXPECTED.push({
    judge: () => ({ strange: true }),
    verdicts: () => ['drift'],
    onlyOfDays: ['strange'],
    alarmed: 'Strange',
    datums: () => [],
    mover: () => undefined,
  });
  try {
    assert.deepEqual([before, await said()], ['No drift', 'No drift, but the input drifts']);
  } finally {
    EXPECTED.pop();
  }
});

test('a file without a model version is in the reports of its day', async () => {
  const scene = { bucket: 'inbox', key: 'too early', versionId: 'v1' };
  const now = new Date('2026-02-10T10:00:00Z');
  const claim = { scene, model: UNASSIGNED, execution: 'e', now, leaseSeconds: 0, attemptLimit: 3 };
  const { row } = await days.ledger.claim(claim);
  await days.ledger.fail(row, 'FAILED', errorOf('NoModelPromoted', 'No version is promoted.').error, now);
  const { model, files } = await reportOn('2026-02-10');
  assert.equal(model.version, '1.0.0');
  assert.equal(files.listed.map(({ file, error }) => `${file}: ${error?.name}`).join(), 'too early: NoModelPromoted');
});

test('without a file and without a promoted model there is nothing to report on', async () => {
  const message =
    'There is no report on 2026-02-01: no file of that day was classified by a model version, and none is promoted.';
  await assert.rejects(writeReports(withPromoted(null), '2026-02-01', INVOCATION), new NoModelPromoted(message));
  await classify('2026-02-02', 'a');
  const ports = withPromoted(null);
  const trying = { ...ports, models: { ...ports.models, isTrial: async () => true } };
  await assert.rejects(writeReports(trying, '2026-02-02', INVOCATION), {
    message:
      'There is no report on 2026-02-02: no file of that day was classified by a model version other than one that is only tried, and none is promoted.',
  });
});

async function reportOn(day: string, ports: Partial<WriteReportsPorts> = {}, invocation = INVOCATION): Promise<Report> {
  const [written] = (await writeReports({ ...days.ports, ...ports }, day, invocation)) as [Written];
  assert.ok('report' in written);
  return written.report;
}

function withPromoted(ref: ModelRef | null): WriteReportsPorts {
  return { ...days.ports, models: { ...days.ports.models, serving: servingOf(ref) } };
}

function textOf(key: string): string {
  return Buffer.from(results.get(key)!).toString();
}
