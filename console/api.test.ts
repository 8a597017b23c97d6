import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decode } from 'fast-png';
import { parquetReadObjects } from 'hyparquet';
import { reportKey } from '../core/base/keys.ts';
import { judgeDrift } from '../core/drift/window.ts';
import { bandSumsText } from '../core/measures/bands/bandSumsText.ts';
import { parseProfile } from '../core/package/bandProfile.ts';
import type { Summed } from '../core/package/task.ts';
import { withTruths } from '../core/tasks/sums.ts';
import { alarmsOf } from '../observability/alarms.ts';
import { bundledChips, profiler, scaled, sumsOf } from '../test/benches/bandChips.ts';
import { startTestConsole } from '../test/benches/console.ts';
import { readBaselineFile } from '../test/benches/packages.ts';
import { type Guess, json, MODEL, parameters, startTestService } from '../test/benches/service.ts';
import { storedCounts } from '../test/benches/summaries.ts';
import { framesOf } from '../test/scenes.ts';
import type { Chips, Drift, LandAreas, ModelVersions, Outbox, Panels, Run, Runbook, Runs, Status } from './api.ts';

/** What the console answers, told as a page would ask for it. */

const swath = await startTestConsole(await startTestService());
const { service } = swath;

const guesses = (...counts: number[]): Guess[] =>
  counts.flatMap((count, winner) => Array.from({ length: count }, () => ({ class: winner })));

describe('the status', () => {
  test('of a new service: a live version, and nothing else', async () => {
    const status = await swath.get<Status>('/api/status');
    assert.deepEqual(status, {
      stage: 'test',
      now: '2026-03-16T09:00:00.000Z',
      model: { ...MODEL, promotedAt: '2026-03-01T08:00:00.000Z' },
      alarms: [],
      running: [],
      recent: null,
      threshold: 0.25,
      accuracyLimit: 0,
      outbox: true,
      predicts: false,
    });
  });

  test('lists the alarms with their meanings, those that need attention first', async () => {
    const since = '2026-03-16T08:00:00.000Z';
    for (const [id, state] of [
      ['failed-runs', 'OK'],
      ['drift', 'ALARM'],
      ['a-former-one', 'INSUFFICIENT_DATA'],
    ] as const)
      swath.alarms.push({ id, name: `swath-test-${id}`, state, since, reason: 'Because.' });
    const { alarms } = await swath.get<Status>('/api/status');
    const titles = alarms.map(({ id, title }) => `${id}: ${title}`);
    const others = ['a-former-one: swath-test-a-former-one', 'failed-runs: Runs failed'];
    assert.deepEqual(titles, ['drift: Predictions drift', ...others]);
    assert.match(alarms[0]!.firstStep, /hold back maps/);
    assert.equal(alarms[0]!.runbook, 'docs/runbook.md#drift');
  });

  test('shows the runs that are on their way, the newest first, and how far each is', async () => {
    await swath.prepare('long.tfrecord', { parts: 4, predicted: 3 });
    await swath.claim('newest.tfrecord');
    const { running } = await swath.get<Status>('/api/status');
    const [newest, long, ...more] = running;
    assert.partialDeepStrictEqual(newest, { file: 'newest.tfrecord', state: 'CLAIMED', progress: null });
    assert.partialDeepStrictEqual(long, { file: 'long.tfrecord', state: 'PREPARED', progress: { done: 3, parts: 4 } });
    assert.deepEqual(more, []);
  });

  test('judges what came lately, and says what is behind a drift', async () => {
    await swath.finish('one.tfrecord', guesses(2, 4, 4, 10));
    await swath.finish('two.tfrecord', guesses(1, 4, 4, 11));
    const { recent } = await swath.get<Status>('/api/status');
    assert.deepEqual([recent?.runs, recent?.chips, recent?.blank, recent?.n], [2, 42, 2, 40]);
    assert.equal(recent?.drift?.verdict, 'drift');
    assert.deepEqual(recent?.shares[3], { name: 'cows-3plus', count: 21, share: 21 / 40, reference: 975 / 10_000 });
    assert.deepEqual(recent?.model, MODEL);
    assert.deepEqual([recent?.cause?.changed, recent?.segments], [[], []]);
    assert.match(
      recent!.cause!.sentence,
      /^What changed is not known: no profile .*; no truth yet of these predictions\.$/,
    );
  });

  test('goes without a live version where none is promoted, or the object that says so is damaged', async () => {
    const key = `${MODEL.name}/promoted.json`;
    const promoted = swath.models.get(key)!;
    swath.models.delete(key);
    const { model, recent } = await swath.get<Status>('/api/status');
    assert.deepEqual([model, recent], [null, null]);
    swath.models.set(key, json('nonsense'));
    assert.equal((await swath.get<Status>('/api/status')).model, null);
    swath.models.set(key, promoted);
  });
});

describe('a run', () => {
  test('that is done has its numbers beside the reference', async () => {
    const { run } = await swath.finish('done.tfrecord', [...guesses(6, 2, 1, 0), { class: null }]);
    const { summary, row, numbers, nextSteps, canRetry } = await swath.get<Run>(`/api/runs/${run}`);
    assert.deepEqual([summary.file, summary.state, summary.chips, summary.blank], ['done.tfrecord', 'DONE', 11, 1]);
    assert.deepEqual([summary.seconds, summary.verdict], [0.35, 'not enough data']);
    assert.equal(summary.drift, numbers?.drift?.jensenShannon);
    assert.deepEqual([row.execution, row.milliseconds?.infer], ['claim of done.tfrecord', 200]);
    assert.deepEqual([numbers?.runs, numbers?.n, numbers?.missingShare], [1, 9, 0.1]);
    const shares = numbers?.shares.map(({ name, count, share }) => `${name} ${count} ${share.toFixed(3)}`);
    assert.deepEqual(shares, ['cows-0 6 0.667', 'cows-1 2 0.222', 'cows-2 1 0.111', 'cows-3plus 0 0.000']);
    assert.deepEqual([nextSteps, canRetry], [null, false]);
  });

  test('that failed says why, and what to do', async () => {
    const { run } = await swath.fail('lost.tfrecord', 'FAILED', { name: 'TransientTrouble', message: 'It was slow.' });
    const { summary, nextSteps, canRetry, numbers } = await swath.get<Run>(`/api/runs/${run}`);
    assert.equal(summary.error, 'TransientTrouble: It was slow.');
    assert.match(nextSteps!, /^The next sweep retries it \(attempt 2 of 3\)/);
    assert.deepEqual([canRetry, numbers], [true, null]);
  });

  test('on its way shows its progress', async () => {
    const { run } = await swath.prepare('parts.tfrecord', { parts: 3, predicted: 1 });
    assert.deepEqual((await swath.get<Run>(`/api/runs/${run}`)).summary.progress, { done: 1, parts: 3 });
  });

  test('of a model version that is gone is shown without what only its package knows', async () => {
    const row = await swath.claim('former.tfrecord', { ...MODEL, version: '0.0.9' });
    await service.ledger.advance(row, 'PREDICTED', service.now(), storedCounts([5], { probabilitySum: 4 }));
    const { numbers, summary } = await swath.get<Run>(`/api/runs/${row.run}`);
    assert.deepEqual([numbers, summary.state], [null, 'PREDICTED']);
  });

  test('of a package with a profile shows its bands beside it, and the rules of data quality that they break', async () => {
    const version = '0.0.8';
    const at = `${MODEL.name}/${version}`;
    const { model, chips } = await bundledChips(MODEL.name, 'droughtwatch/part-r-00012');
    const bands = profiler(model, chips).profile();
    const profile = parseProfile({ bands }, model.source.bands)!;
    const [item, reference] = await Promise.all(
      ['item.json', 'reference.json'].map(async (file) => JSON.parse(String(await readBaselineFile(file)))),
    );
    swath.models.set(`${at}/item.json`, json({ ...item, properties: { ...item.properties, version } }));
    swath.models.set(`${at}/reference.json`, json({ ...reference, bands }));
    const dark = chips.map((chip) => scaled(scaled(chip, 4, 0.7), 5, 0)); // B5 is darker, B6 is nothing but 0
    const text = bandSumsText(sumsOf(model, profile, dark).bands!);
    const row = await swath.claim('dark.tfrecord', { ...MODEL, version });
    const found = { ...storedCounts([79], { probabilitySum: 70 }), bands: text };
    await service.ledger.advance(row, 'PREDICTED', service.now(), found);
    const { numbers, violations } = await swath.get<Run>(`/api/runs/${row.run}`);
    assert.equal(numbers?.bands?.map(({ band }) => band).join(), 'B1,B2,B3,B4,B5,B6,B7,B8,B9,B10,B11');
    const far = numbers?.bands?.filter(({ jensenShannon }) => jensenShannon! > 0.25) ?? [];
    assert.equal(
      far.map(({ band, verdict, chips }) => `${band} ${verdict} ${chips}`).join(),
      'B5 drift 79,B6 drift 79',
    );
    const [constant, range, ...others] = violations;
    assert.deepEqual(constant, { band: 'B6', violation: 'constant band', text: 'all its values are 0' });
    assert.deepEqual([range?.band, range?.violation, others], ['B6', 'new range', []]);
    assert.match(range!.text, /^100\u00a0% of its values are outside of \d+ to \d+, allowed are 5\.0\u00a0%$/);
    const counted = violations.map(({ band, violation }) => ({ band, violation, runs: 1 }));
    assert.deepEqual(numbers?.violations, counted);
    for (const file of ['item.json', 'reference.json']) swath.models.delete(`${at}/${file}`);
  });

  test('that does not exist is not found', async () => {
    assert.equal(await swath.problem(`/api/runs/${'0'.repeat(32)}`), `404 The ledger has no run ${'0'.repeat(32)}.`);
    assert.equal(await swath.problem('/api/runs/nonsense'), '404 The ledger has no run nonsense.');
  });
});

describe('names from outside', () => {
  const hostile = `"><script>alert(1)</script>\u202e</pre>\u2028'`;

  test('are data in the answer, and nothing else', async () => {
    const { run } = await swath.fail(hostile, 'INVALID', { name: hostile, message: hostile });
    const { headers, text } = await swath.ask('GET', `/api/runs/${run}`);
    assert.equal(headers['content-type'], 'application/json; charset=utf-8');
    const { summary } = JSON.parse(text) as Run;
    assert.deepEqual([summary.file, summary.error], [hostile, `${hostile}: ${hostile}`]);
  });

  test('are whole in a file that is downloaded, which is called by the list and not by them', async () => {
    const { headers, text } = await swath.ask('GET', `/api/runs.csv?search=${encodeURIComponent('"><SCRIPT>')}`);
    assert.equal(headers['content-disposition'], 'attachment; filename="runs.csv"');
    assert.ok(text.includes(`"${hostile.replaceAll('"', '""')}"`));
  });

  test('are found by a search', async () => {
    const { runs } = await swath.get<Runs>(`/api/runs?search=${encodeURIComponent('"><SCRIPT>')}`);
    assert.deepEqual([runs.length, runs[0]!.file], [1, hostile]);
  });
});

describe('chips', () => {
  const sure = (class_: number | null, probability: number, truth?: number): Guess => ({
    class: class_,
    probability,
    ...(truth !== undefined && { truth }),
  });
  const chipsOf = async (query: string) => (await swath.get<Chips>(`/api/chips?${query}`)).chips;
  let run: string;

  test('of a run come with their class, how sure it is, and the truth', async () => {
    const known = [sure(0, 0.9, 0), sure(1, 0.4, 3), sure(0, 0.6, 9)];
    ({ run } = await swath.finish('pictures.tfrecord', [...known, sure(null, 0)]));
    const { chips, classes, total, isMore, pages } = await swath.get<Chips>(`/api/chips?run=${run}`);
    const shown = chips.map((chip) => `${chip.index} ${chip.text} ${chip.probability?.toFixed(2)} ${chip.truth}`);
    const last = ['3 cows-0 0.60 9', '1 cows-0 0.90 cows-0']; // 9 is no class of the model
    assert.deepEqual(shown, ['4 null undefined null', '2 cows-1 0.40 cows-3plus', ...last], 'the least certain first');
    assert.deepEqual([total, isMore, pages], [4, false, 1]);
    assert.deepEqual(classes, ['cows-0', 'cows-1', 'cows-2', 'cows-3plus']);
    const about = { run, file: 'pictures.tfrecord', image: `/api/chips/${run}/4.png` };
    assert.partialDeepStrictEqual(chips[0], about);
  });

  test('that were predicted the very same are one, which says how many there are', async () => {
    const guessed = [sure(0, 0.5), sure(1, 0.5), sure(0, 0.5), sure(0, 0.5, 1)];
    const repeated = await swath.finish('repeated.tfrecord', guessed);
    const { chips, total } = await swath.get<Chips>(`/api/chips?run=${repeated.run}`);
    assert.equal(total, 4);
    const shown = chips.map(({ text: predicted, truth, alike }) => `${predicted} ${truth} ${alike}`);
    assert.deepEqual(shown, ['cows-0 null 1', 'cows-1 null 0', 'cows-0 cows-1 0']);
  });

  test('can be downloaded as they are filtered, all of them', async () => {
    const query = `run=${run}&class=cows-0&order=certain`;
    const { status, headers, text } = await swath.ask('GET', `/api/chips.csv?${query}`);
    assert.deepEqual([status, headers['content-type']], [200, 'text/csv; charset=utf-8']);
    const [head, ...lines] = text.trimEnd().split('\n');
    assert.equal(
      head,
      'chip_id,run,scene,index,member,x,y,longitude,latitude,predicted,probability,truth,is_right,set',
    );
    assert.equal(lines.map((line) => line.split(',')[3]).join(), '1,3');
    const { headers: of, bytes } = await swath.ask('GET', `/api/chips.parquet?${query}`);
    assert.equal(of['content-type'], 'application/vnd.apache.parquet');
    const rows = await parquetReadObjects({ file: new Uint8Array(bytes).buffer });
    const found = rows.map(({ index, predicted, is_right: isRight }) => `${index} ${predicted} ${isRight}`);
    assert.deepEqual(found, ['1 cows-0 true', '3 cows-0 false']);
    assert.match(await swath.problem('/api/chips.csv?order=any'), /^400 order: found "any"/);
    assert.match(await swath.problem('/api/chips.xlsx'), /^404/);
  });

  test('can be of one class, and the most certain first', async () => {
    const chips = await chipsOf(`run=${run}&class=cows-0&order=certain`);
    assert.equal(chips.map(({ index }) => index).join(), '1,3');
    assert.deepEqual(await chipsOf(`run=${run}&class=no+such+class`), []);
  });

  test('can be those that were right, or wrong', async () => {
    const indicesOf = async (truth: string) => (await chipsOf(`run=${run}&truth=${truth}`)).map(({ index }) => index);
    assert.deepEqual([await indicesOf('right'), await indicesOf('wrong')], [[1], [2, 3]]);
    const { hasTruth } = await swath.get<Chips>(`/api/chips?run=${run}&class=cows-1`);
    assert.equal(hasTruth, true);
  });

  test('can be of a day, and of a model version', async () => {
    const { days, versions, total } = await swath.get<Chips>('/api/chips');
    assert.ok(days.length > 0 && versions.length > 0 && total > 0);
    const of = `day=${days[0]}&version=${encodeURIComponent(versions[0]!)}`;
    assert.equal((await swath.get<Chips>(`/api/chips?${of}`)).total, total);
    for (const other of ['day=2001-01-01', 'version=another%2F1.0.0']) {
      const none = await swath.get<Chips>(`/api/chips?${other}`);
      assert.deepEqual([none.total, none.days, none.versions], [0, days, versions], 'one can choose again');
    }
    assert.match(await swath.problem('/api/chips?day=monday'), /^400 day: found "monday", allowed is a day/);
  });

  test('without a run are those of the newest runs that are done', async () => {
    const many = Array.from({ length: 60 }, (_, i) => sure(0, (i + 30) / 100));
    await swath.finish('many.tfrecord', many);
    const { chips, total } = await swath.get<Chips>('/api/chips');
    assert.ok(new Set(chips.map(({ file }) => file)).size > 1);
    assert.equal(chips.length, 48);
    const last = await swath.get<Chips>('/api/chips?page=99');
    assert.deepEqual([last.page, last.pages], [2, 2]);
    const shown = [...chips, ...last.chips].reduce((sum, { alike }) => sum + 1 + alike, 0);
    assert.equal(shown, total, 'each once, or counted with one that was predicted the very same');
  });

  test('there are none of a run that is not done, and those that are gone are missed by name', async () => {
    const { run: early } = await swath.prepare('early.tfrecord');
    assert.deepEqual(await chipsOf(`run=${early}`), []);
    const gone = await swath.finish('gone.tfrecord', guesses(1));
    for (const key of swath.results.keys()) if (key.includes(gone.run)) swath.results.delete(key);
    const problem = await swath.problem(`/api/chips?run=${gone.run}`);
    assert.match(problem, /^404 The predictions of run \w+ are not in the results/);
    const others = await chipsOf('');
    assert.ok(others.length > 0 && others.every((chip) => chip.run !== gone.run));
  });

  describe('as pictures', () => {
    const pictures = () => [...swath.inbox].find(([id]) => id.includes('pictures.tfrecord'))![1];

    test('are one ranged read each, of the record and nothing else, once it is known what the file is', async () => {
      const [chip] = await chipsOf(`run=${run}&order=certain`);
      swath.rangesRead.length = 0;
      await swath.ask('GET', chip!.image!);
      const [first, second] = framesOf(Buffer.from(pictures()));
      assert.equal(swath.rangesRead.map(({ offset }) => offset).join(), `0,${first!.length}`);
      swath.rangesRead.length = 0;
      const { status, headers, bytes } = await swath.ask('GET', chip!.image!);
      assert.deepEqual([status, headers['content-type']], [200, 'image/png']);
      const { width, height, channels } = decode(bytes);
      assert.deepEqual([width, height, channels], [65, 65, 3]);
      const record = { key: 'pictures.tfrecord', offset: first!.length, length: second!.length };
      assert.partialDeepStrictEqual(swath.rangesRead, [record], 'the second record');
      assert.equal(swath.rangesRead.length, 1);
    });

    test('never change under their address', async () => {
      const { headers } = await swath.ask('GET', `/api/chips/${run}/1.png`);
      assert.equal(headers['cache-control'], 'private, max-age=31536000, immutable');
    });

    test('are not found for an unknown chip, run or file', async () => {
      assert.match(await swath.problem(`/api/chips/${run}/0.png`), /^404 Run \w+ has no picture of a chip 0/); // blank
      assert.match(await swath.problem(`/api/chips/${run}/99.png`), /^404/);
      assert.match(await swath.problem(`/api/chips/${'0'.repeat(32)}/1.png`), /^404 The ledger has no run/);
      const file = [...swath.inbox.keys()].find((id) => id.includes('pictures.tfrecord'))!;
      const bytes = swath.inbox.get(file)!;
      swath.inbox.set(file, new Uint8Array(bytes.length));
      assert.match(await swath.problem(`/api/chips/${run}/1.png`), /^404 pictures\.tfrecord/); // it has other bytes
      swath.inbox.delete(file);
      const { status, headers } = await swath.ask('GET', `/api/chips/${run}/1.png`);
      assert.deepEqual([status, headers['cache-control']], [404, 'no-store'], 'which may pass');
      swath.inbox.set(file, bytes);
    });
  });

  test('can be downloaded of more runs than a page looks at', async () => {
    const runs = await Promise.all(
      Array.from({ length: 42 }, (_, i) => swath.finish(`many-${i}.tfrecord`, [sure(0, 0.5)])),
    );
    const { text } = await swath.ask('GET', '/api/chips.csv');
    for (const { run: one } of runs) assert.ok(text.includes(one), one);
  });
});

describe('drift', () => {
  const LIMITS = { threshold: 0.25, minimum: 1 };

  test('shows the recent window, and the latest revision of each judged day', async () => {
    const model = await service.models.load(MODEL);
    const judged = (counts: number[]) => {
      const sum = { sceneSquares: 1e6, chips: 1000, blank: 0, counts, missing: 0, probabilitySum: 700 };
      return judgeDrift(sum, model, LIMITS);
    };
    const quiet = judged([600, 150, 150, 100]);
    for (const [day, revision, judgement] of [
      ['2026-03-15', 1, judged([0, 100, 100, 800])],
      ['2026-03-14', 1, judged([0, 0, 0, 1000])],
      ['2026-03-14', 2, quiet],
      ['2026-01-01', 1, quiet],
    ] as const)
      await service.metrics.putDay(MODEL, { day, revision, runs: 3, cutOff: `${day}T23:59:00.000Z`, judgement });
    const { threshold, recent, days } = await swath.get<Drift>('/api/drift');
    assert.equal(threshold, 0.25);
    assert.ok(recent !== null);
    const shown = days.map(({ day, revision, runs, n, drift }) => `${day} ${revision} ${runs} ${n} ${drift?.verdict}`);
    assert.deepEqual(shown, ['2026-03-14 2 3 1000 no drift', '2026-03-15 1 3 1000 drift']);
    assert.deepEqual(days[1]?.shares[3], { name: 'cows-3plus', count: 800, share: 0.8, reference: 0.0975 });
    assert.equal((await swath.get<Drift>('/api/drift?days=1')).days.length, 1);
    assert.equal((await swath.get<Drift>('/api/drift?days=90')).days.length, 3);
    for (const [from, to, found] of [
      ['2026-01-01', '2026-03-14', '2026-01-01,2026-03-14'], // both included
      ['2026-03-14', '2026-03-14', '2026-03-14'],
      ['2026-01-02', '2026-03-13', ''],
    ] as const) {
      const { days } = await swath.get<Drift>(`/api/drift?from=${from}&to=${to}`);
      assert.equal(days.map(({ day }) => day).join(), found);
    }
  });

  test("leads to a day's report, where one was written", async () => {
    swath.results.set(reportKey(MODEL, '2026-03-15', 'html'), Buffer.from('<!doctype html><title>The report</title>'));
    const { days } = await swath.get<Drift>('/api/drift');
    assert.deepEqual([days[0]?.report, days[1]?.report], [null, '/reports/1.0.0/2026-03-15.html']);
    const { status, headers, text } = await swath.ask('GET', '/reports/1.0.0/2026-03-15.html');
    assert.deepEqual([status, headers['content-type']], [200, 'text/html; charset=utf-8']);
    assert.match(text, /The report/);
    assert.match(
      await swath.problem('/reports/1.0.0/2026-03-14.html'),
      /^404 There is no report for 2026-03-14 by 1\.0\.0\. To make one: npx swath report --day 2026-03-14 --stage test$/,
    );
    assert.equal(await swath.problem('/reports/1.0.0/2026-02-30.html'), '404 There is no day 2026-02-30.');
    for (const path of ['/reports/..%2f..%2fx/2026-03-14.html', '/reports/1.0.0/../2026-03-14.html'])
      assert.match(await swath.problem(path), /^404 There is nothing at/);
  });

  test('says how right each day was with its interval, and of the newest version which class was taken for which', async () => {
    const model = { ...(await service.models.load(MODEL)) };
    const labelled = (right: number) => {
      const chips = Array.from({ length: 100 }, (_, i) => ({ truth: i % 2, value: i < right ? i % 2 : 3 }));
      const hectares = [600, 150, 150, 100.5];
      const sum: Summed = { counts: [600, 150, 150, 100], hectares, missing: 0, probabilitySum: 700 };
      const counted = withTruths(sum, chips, model.task.countTruths(model));
      const knownLand = model.task.knownLand!(counted)!;
      return judgeDrift({ sceneSquares: 1e6, chips: 1000, blank: 0, ...counted, knownLand }, model, LIMITS);
    };
    const cutOff = '2026-03-14T00:15:00.000Z';
    for (const [day, revision, right] of [
      ['2026-03-12', 1, 90],
      ['2026-03-13', 1, 100],
      ['2026-03-13', 2, 50],
    ] as const)
      await service.metrics.putDay(MODEL, { day, revision, runs: 1, cutOff, judgement: labelled(right) });
    const { days, accuracy } = await swath.get<Drift>('/api/drift?from=2026-03-12&to=2026-03-15');
    const round = (share: number) => Number(share.toFixed(4));
    const shown = days.map(
      ({ day, accuracy: of }) => `${day} ${of?.n} ${of?.figure.value} ${of?.interval?.map(round)}`,
    );
    const known = ['2026-03-12 100 0.9 0.8256,0.9448', '2026-03-13 100 0.5 0.4038,0.5962'];
    const unknown = ['2026-03-14', '2026-03-15'].map((day) => `${day} undefined undefined undefined`);
    assert.deepEqual(shown, [...known, ...unknown]);
    const isSmall = days.every(({ accuracy: of }) => of === null || !('confusion' in of));
    assert.ok(isSmall, 'a matrix a day is too much for a page');
    assert.deepEqual([accuracy?.model, accuracy?.days, accuracy?.of.n], [MODEL, 2, 200]);
    const confused = accuracy?.of.confusion?.map(({ truth, predicted, count }) => `${truth} ${predicted} ${count}`);
    const [zero, one] = ['cows-0', 'cows-1'].map((name) => [`${name} ${name} 70`, `${name} cows-3plus 30`]);
    assert.deepEqual(confused, [...zero!, ...one!]);
    const rates = accuracy?.of.classes?.map(({ recall, precision }) => `${recall} ${precision}`);
    assert.deepEqual(rates, ['0.7 1', '0.7 1', 'null null', 'null 0']);
    assert.equal((await swath.get<Drift>('/api/drift?from=2026-03-14&to=2026-03-15')).accuracy, null);
  });

  test('the land of each class in the judged days is corrected by their confusion; days without places have none', async () => {
    const { areas } = await swath.get<LandAreas>('/api/areas?from=2026-03-12&to=2026-03-15');
    const { classes, ...about } = areas!;
    const model = 'droughtwatch-baseline/1.0.0';
    assert.deepEqual(about, { hectares: 2001, known: 200, model, from: '2026-03-12', to: '2026-03-15', days: 4 });
    // All that is predicted to be of the first two classes is; half of what is predicted to be of the last one is of each.
    const found = classes.map(({ mapped, corrected }) => [mapped, corrected!.area]);
    const expected = [
      [1200, 1300.5],
      [300, 400.5],
      [300, 300],
      [201, 0],
    ];
    for (const [i, areas] of found.entries())
      for (const [j, area] of areas.entries()) assert.ok(Math.abs(area - expected[i]![j]!) < 1e-9, `${found}`);
    assert.deepEqual(await swath.get<LandAreas>('/api/areas?from=2026-03-14&to=2026-03-15'), { areas: null });
  });
});

describe('the models', () => {
  test('are the versions with their cards, and which one is live', async () => {
    const item = JSON.parse(Buffer.from(await readBaselineFile('item.json')).toString());
    item.properties.version = '1.1.0';
    delete item.properties.title;
    swath.models.set(`${MODEL.name}/1.1.0/item.json`, json(item));
    swath.models.set(`${MODEL.name}/1.1.0/reference.json`, await readBaselineFile('reference.json'));
    swath.models.set(`${MODEL.name}/2.0.0/item.json`, json({ type: 'nonsense' }));
    const { name, versions } = await swath.get<ModelVersions>('/api/models');
    assert.equal(name, MODEL.name);
    const shown = versions.map(({ version, isLive, title, card, bands }) =>
      [version, isLive, title, Object(card?.[0]).tag, bands.length].join('|'),
    );
    assert.deepEqual(shown, [
      '1.0.0|true|Forage in Northern Kenya from Landsat 8: the droughtwatch baseline|h1|4',
      '1.1.0|false|droughtwatch-baseline 1.1.0||4',
      '2.0.0|false|droughtwatch-baseline 2.0.0||0',
    ]);
    assert.deepEqual(versions[0]?.classes, ['cows-0', 'cows-1', 'cows-2', 'cows-3plus']);
    assert.deepEqual([versions[0]?.problem, versions[1]?.problem], [null, null]);
    assert.match(versions[2]!.problem!, /item\.json/);
  });
});

describe('the outbox', () => {
  test('is the e-mails', async () => {
    const time = '2026-03-16T09:00:00.000Z';
    const email = { id: '1', time, to: 'a@b.invalid', subject: 'ALARM', text: 'It drifts.' };
    swath.emails.push(email);
    assert.deepEqual(await swath.get<Outbox>('/api/outbox'), { emails: [email] });
  });

  test('is not there where e-mails are really sent', async () => {
    const account = await startTestService();
    account.service.readOutbox = null;
    const { get, problem } = await startTestConsole(account);
    assert.equal((await get<Status>('/api/status')).outbox, false);
    assert.match(await problem('/api/outbox'), /^404 There is no outbox/);
  });
});

test('the runbook has a section for each alarm that can go off, with the numbers of this service', async () => {
  const { sections } = await swath.get<Runbook>('/api/runbook');
  const drift = sections.find(({ id }) => id === 'drift');
  assert.match(drift?.meaning ?? '', /differ from the reference by more than 0\.25/);
  assert.match(JSON.stringify(drift?.text), /\{"tag":"strong","children":\["It clears"\]\}/);
  const ids = (list: { id: string }[]) => list.map(({ id }) => id).sort();
  assert.deepEqual(ids(sections), ids(alarmsOf(parameters)));
});

describe('the panels', () => {
  const recent = { Model: MODEL.name, Window: 'recent' };

  test('are the dashboard with the numbers that were published', async () => {
    await swath.publish('Drift', 0.1, recent);
    swath.wait(2 * 3600);
    await swath.publish('Drift', 0.3, recent);
    await swath.publish('ClassShare', 0.6, { ...recent, Class: 'cows-0' });
    await swath.publish('ClassShare', 0.4, { ...recent, Class: 'cows-1' });
    const { groups, from, to } = await swath.get<Panels>('/api/panels');
    assert.deepEqual([from, to], ['2026-03-01T00:00:00.000Z', service.now().toISOString()]);
    const panels = groups.flatMap((group) => group.panels);
    const lines = panels.flatMap(({ panel, lines }) => lines.map((line) => ({ ...line, panel })));
    const drift = lines.filter(({ label, points }) => /drift/i.test(label) && points.length === 2);
    assert.equal(drift[0]?.points.map(({ value }) => value).join(), '0.1,0.3');
    const [chart] = drift.map(({ panel }) => panel);
    assert.equal(chart && 'periodSeconds' in chart && chart.periodSeconds, 300, 'as the dashboard has it');
    const shares = lines.filter(({ label, points }) => /cows-\d/.test(label) && points.length > 0);
    assert.equal(shares.map(({ points }) => points[0]?.value).join(), '0.6,0.4', 'a line for each class');
    assert.ok(panels.some(({ panel, lines }) => panel.kind === 'alarms' && lines.length === 0));
  });
});

describe('a query that is not understood', () => {
  for (const [path, message] of [
    ['/api/panels?days=0', 'days: found "0", allowed is a whole number from 1 to 90.'],
    ['/api/drift?days=a+week', 'days: found "a week", allowed is a whole number from 1 to 90.'],
    [
      '/api/panels?from=2026-02-30&to=2026-03-01',
      'The first day is "2026-02-30"; allowed is a UTC day such as 2026-01-31.',
    ],
    ['/api/drift?from=2026-03-02&to=2026-03-01', 'The first day, 2026-03-02, is after the last one, 2026-03-01.'],
    [
      '/api/drift?to=2026-03-01',
      'The first day is missing, or there is no such day; allowed is a UTC day such as 2026-01-31.',
    ],
    ['/api/panels?days=7&from=2026-03-01', 'days: found "7" beside from or to, allowed is one or the other.'],
    ['/api/chips?order=random', 'order: found "random", allowed is one of uncertain, certain.'],
    ['/api/runs?page=-1', 'page: found "-1", allowed is a whole number from 1 to 1000000.'],
    ['/api/runs?descending=yes', 'descending: found "yes", allowed is one of true, false.'],
  ])
    test(`is refused with the allowed values: ${path}`, async () => {
      assert.equal(await swath.problem(path!), `400 ${message}`);
    });

  test('says everything at once', async () => {
    const problem = await swath.problem('/api/runs?state=LOST&sort=colour');
    assert.match(
      problem,
      /^400 state: found "LOST", allowed is one of CLAIMED, .*FAILED\. sort: found "colour", .*seconds/,
    );
  });

  test('does not include an empty value or an unknown name, which are ignored', async () => {
    assert.equal((await swath.ask('GET', '/api/runs?state=&page=&theme=dark')).status, 200);
  });
});

test('nothing of all this went wrong unnoticed', () => assert.deepEqual(swath.errors, []));
