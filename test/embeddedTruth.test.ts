import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { driftOf } from '../console/answers/drift.ts';
import type { Service } from '../console/service.ts';
import { dayOf } from '../core/base/time/days.ts';
import type { PredictionsBody } from '../core/doors/online/answer.ts';
import { type Joined, makeTellTruths } from '../core/doors/truth/tellTruths.ts';
import { toTruth } from '../core/doors/truth/truth.ts';
import type { DayRow } from '../core/drift/metricsTable.ts';
import { type OnlineStack, STATLOG, startOnlineStack, statlogRow } from './benches/onlineStack.ts';
import { messagesIn } from './queueFolder.ts';

const HOURS = 3_600_000;

/** Truth that comes later, on the embedded stack: from a word on a chip to the numbers of its day. */
describe('truth that comes later on the embedded stack', { timeout: 180_000 }, () => {
  let online: OnlineStack;
  let stack: OnlineStack['stack'];
  let service: Service;
  let day: string;
  /** What the model says of the chips of a request over HTTP, and of a file. */
  let answer: PredictionsBody;
  let ofFile: string[];
  const post: OnlineStack['post'] = (...args) => online.post(...args);
  const rest = () => online.rest();
  const rows = (sql: string) => online.rows(sql);
  const csv = (starts: readonly number[]) => online.csv(starts);

  before(async () => {
    online = await startOnlineStack();
    ({ stack, service } = online);
    day = dayOf(stack.now().getTime());
    answer = (await post('predictions', {
      inputs: [{ id: 'a', values: statlogRow(60) }, { values: statlogRow(80) }, { values: statlogRow(90) }],
    })) as PredictionsBody;
    assert.equal((await stack.deliver(await stack.put(csv([50, 60, 70]), 'north/a.csv'))).status, 'SUCCEEDED');
    await rest();
    const said = await rows(`SELECT class FROM predictions WHERE scene = 'north/a.csv' ORDER BY "index"`);
    ofFile = said.map(([name]) => String(name));
    stack.clock.set(new Date(Date.parse(day) + 24.5 * HOURS));
    await stack.sweep();
  });
  after(() => online.close());

  function tell(truths: readonly object[]): Promise<Joined> {
    const tellTruths = makeTellTruths({ ...service });
    const at = stack.now().toISOString();
    return tellTruths(
      truths.map((one, i) => toTruth(one, at, `line ${i + 2}`)),
      null,
    );
  }

  async function dayRow(): Promise<DayRow> {
    const [row] = await service.metrics.days(STATLOG, day, day);
    return row!;
  }

  const rightOf = ({ judgement }: DayRow) => {
    const { truths = [], right = [] } = judgement as { truths?: number[]; right?: number[] };
    const sum = (counts: readonly number[]) => counts.reduce((all, one) => all + one, 0);
    return [sum(truths), sum(right)];
  };

  /** Another class than the one that was predicted. */
  const otherThan = (name: unknown) => (name === 'grey-soil' ? 'red-soil' : 'grey-soil');

  test('the day that was judged without it gets a new revision with it, and a wrong prediction is one', async () => {
    const first = await dayRow();
    assert.deepEqual([first.revision, rightOf(first)], [1, [0, 0]]);
    const [a, b] = answer.predictions;
    const joined = await tell([
      { request: answer.request, id: 'a', truth: a!['class'] },
      { request: answer.request, index: 1, truth: otherThan(b!['class']) },
      { scene: 'north/a.csv', index: 0, truth: ofFile[0] },
    ]);
    assert.deepEqual(joined, {
      joined: 3,
      corrected: 0,
      known: 0,
      unknown: [],
      runs: 2,
      days: [{ day, model: STATLOG }],
    });
    await stack.sweep();
    const second = await dayRow();
    assert.deepEqual([second.revision, second.runs, rightOf(second)], [2, first.runs, [3, 2]]);
    const { judgement } = second;
    assert.deepEqual(judgement['counts'], first.judgement['counts'], 'what was predicted is as it was');
    const { calibration } = await driftOf(service, { from: day, to: day });
    assert.partialDeepStrictEqual(calibration, { version: '1.0.0', chips: 3 });
    const probability = (a!['probability'] as number) + (b!['probability'] as number);
    const ofThird = calibration!.bins.reduce((sum, bin) => sum + bin.chips * bin.probability, 0) - probability;
    assert.ok(ofThird > 0.2 && ofThird <= 1, 'each chip has the probability that it was predicted with');
    assert.equal(
      calibration!.bins.reduce((sum, bin) => sum + bin.chips * bin.share, 0),
      2,
    );
  });

  test('words by many at once are all counted', async () => {
    await Promise.all([1, 2].map((index) => tell([{ scene: 'north/a.csv', index, truth: ofFile[index] }])));
    await stack.sweep();
    assert.deepEqual(rightOf(await dayRow()), [5, 4]);
  });

  test('SQL, reports and the console know it', async () => {
    const found = await rows(
      'SELECT p.scene, p."index", t.truth, p.label FROM predictions p JOIN truth t USING (chip_id, run)',
    );
    assert.equal(found.length, 5);
    const report = JSON.parse(
      readFileSync(
        join(stack.folder.results, `reports/model=${STATLOG.name}/version=1.0.0/date=${day}/report.json`),
        'utf8',
      ),
    );
    assert.partialDeepStrictEqual(report.accuracy, { n: 5, correct: 4 });
  });

  test('over HTTP it is taken, and joined like any other; the same twice changes nothing', async () => {
    const before = rightOf(await dayRow());
    const [, , third] = answer.predictions;
    const body = { truths: [{ request: answer.request, index: 2, truth: third!['class'] }] };
    for (const _ of [1, 2]) assert.deepEqual(await post('truth', body, 202), { model: STATLOG.name, truths: 1 });
    await rest();
    await stack.sweep();
    const row = await dayRow();
    assert.deepEqual(rightOf(row), [before[0]! + 1, before[1]! + 1]);
    await post('truth', body, 202);
    await rest();
    await stack.sweep();
    assert.equal((await dayRow()).revision, row.revision);
    assert.deepEqual(messagesIn(stack.folder.queues, 'dead-letters'), []);
  });

  test('a day whose accuracy is below the expected one is reported, however late, until the truth is corrected', async () => {
    const alarm = async () => (await stack.readAlarms()).find(({ id }) => id === 'accuracy-below')!.state;
    const later = async () => {
      stack.clock.set(new Date(stack.now().getTime() + 3 * 24 * HOURS));
      await stack.sweep();
    };
    const all = (of: (name: string) => string) =>
      ofFile.map((name, index) => ({ scene: 'north/a.csv', index, truth: of(name) }));
    const told = async () =>
      (await stack.readOutbox()).map(({ subject }) => subject).filter((subject) => subject.includes('accuracy-below'));
    await tell(all((name) => name));
    await later();
    assert.equal(await alarm(), 'OK');
    const toldBefore = (await told()).length;
    await tell(all((name) => otherThan(name)));
    const before = await dayRow();
    await later();
    assert.equal((await dayRow()).revision, before.revision + 1);
    assert.equal(await alarm(), 'ALARM');
    await later();
    assert.equal(await alarm(), 'ALARM', 'a sweep without a word on what is true changes nothing');
    await tell(all((name) => name));
    await later();
    assert.equal(await alarm(), 'OK');
    const newest = (await told()).slice(0, -toldBefore || undefined);
    assert.deepEqual(
      newest.map((subject) => subject.split(':')[0]),
      ['OK', 'ALARM'],
      'the newest first',
    );
  });

  test('of chips that were chosen as least certain it is kept, and counts only once they are drawn at random', async () => {
    const key = 'north/chosen.csv';
    assert.equal((await stack.deliver(await stack.put(csv([100, 110]), key))).status, 'SUCCEEDED');
    await rest();
    const said = await rows(`SELECT class FROM predictions WHERE scene = '${key}' ORDER BY "index"`);
    const truths = said.map(([name], index) => ({
      scene: key,
      index,
      truth: otherThan(name),
      sample: 'least-certain',
    }));
    const right = { scene: key, index: 1, truth: said[1]![0], sample: 'random' };
    const counted = async () => {
      for await (const row of service.ledger.rowsOfDay(dayOf(stack.now().getTime())))
        if (row.scene.key === key) {
          const { truths: known = [], right: hits = [] } = JSON.parse(row.summary!);
          return [known, hits].map((counts: number[]) => counts.reduce((all, one) => all + one, 0));
        }
      return [];
    };
    assert.equal((await tell(truths)).joined, 2);
    assert.deepEqual(await counted(), [0, 0]);
    const kept = `SELECT "index", sample FROM truth WHERE scene = '${key}' ORDER BY "index"`;
    assert.deepEqual(await rows(kept), [
      [0, 'least-certain'],
      [1, 'least-certain'],
    ]);
    stack.clock.set(new Date(stack.now().getTime() + 1000));
    assert.equal((await tell([right])).corrected, 1);
    assert.deepEqual(await counted(), [1, 1]);
    stack.clock.set(new Date(stack.now().getTime() + 1000));
    await tell([{ ...right, truth: truths[1]!.truth, sample: 'least-certain' }]);
    assert.deepEqual(await counted(), [1, 0], 'it goes on counting, with its last truth');
    assert.deepEqual((await rows(kept)).at(-1), [1, null]);
  });
});
