import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { accuracyJson, accuracyText } from '../cli/runs/accuracy.ts';
import { driftOf } from '../console/answers/drift.ts';
import type { Service } from '../console/service.ts';
import { dayOf } from '../core/base/time/days.ts';
import type { PredictionsBody } from '../core/doors/online/answer.ts';
import { readTableOfTruths } from '../core/doors/truth/tableOfTruths.ts';
import { makeTellTruths } from '../core/doors/truth/tellTruths.ts';
import { withLabels } from './benches/labels.ts';
import { type OnlineStack, STATLOG, startOnlineStack, statlogRow } from './benches/onlineStack.ts';

const HOURS = 3_600_000;

/** What is true of chips with several labels, on the embedded stack: from a table and over HTTP to the numbers of their day. */
describe('truth of several labels on the embedded stack', { timeout: 180_000 }, () => {
  let online: OnlineStack;
  let stack: OnlineStack['stack'];
  let service: Service;
  let day: string;
  let answer: PredictionsBody;
  /** What the model says of the chips of a file: names with ", " between them. */
  let labels: string[];
  const STARTS = Array.from({ length: 12 }, (_, i) => 40 + 6 * i);

  before(async () => {
    online = await startOnlineStack(withLabels);
    ({ stack, service } = online);
    day = dayOf(stack.now().getTime());
    answer = (await online.post('predictions', { inputs: [{ id: 'a', values: statlogRow(60) }] })) as PredictionsBody;
    assert.equal((await stack.deliver(await stack.put(online.csv(STARTS), 'north/a.csv'))).status, 'SUCCEEDED');
    await online.rest();
    const said = await online.rows(`SELECT labels FROM predictions WHERE scene = 'north/a.csv' ORDER BY "index"`);
    labels = said.map(([names]) => String(names));
    stack.clock.set(new Date(Date.parse(day) + 24.5 * HOURS));
    await stack.sweep();
  });
  after(() => online.close());

  /** What `swath truth` does with a table of these texts, a chip a row. */
  async function tell(texts: readonly string[]) {
    const rows = texts.map((text, index) => `north/a.csv,${index},${text}\n`);
    const { truths } = await readTableOfTruths(
      'truth.csv',
      Buffer.from(`scene,index,truth\n${rows.join('')}`),
      stack.now().toISOString(),
    );
    return makeTellTruths({ ...service })(truths, null);
  }

  const told = () => driftOf(service, { from: day, to: day });
  const inText = (names: string) => (names === '' ? 'no label' : names.replaceAll(', ', ';'));
  /** A label that was not predicted. */
  const another = (names: string) => ['grey-soil', 'red-soil', 'cotton-crop'].find((one) => !names.includes(one))!;

  test('a table makes a revision of its day, with the figures of several labels', async () => {
    assert.ok(
      labels.some((names) => names.includes(', ')),
      labels.join(' / '),
    );
    const texts = labels.map((names, i) => (i === 0 ? another(names) : inText(names)));
    assert.partialDeepStrictEqual(await tell(texts), { joined: 12, corrected: 0, known: 0, runs: 1 });
    await stack.sweep();
    const { days, together } = accuracyJson(await told());
    const [found] = days as unknown as Record<string, number>[];
    assert.partialDeepStrictEqual(found, { day, revision: 2, known: 12, subsetAccuracy: 11 / 12, expected: 0.95 });
    const all = labels.reduce((sum, names) => sum + names.split(', ').length, 0);
    const wrong = labels[0]!.split(', ').length + 1;
    assert.ok(Math.abs(found!['hammingLoss']! - wrong / (12 * together!.classes!.length)) < 1e-12);
    assert.ok(Math.abs(found!['microF1']! - (2 * (all - wrong + 1)) / (2 * all - wrong + 2)) < 1e-12);
    assert.equal(together!.confusion, null, 'no label is taken for another');
  });

  test('a repeated one changes nothing; a correction makes another revision, and the alarm reports the missed expectation', async () => {
    const texts = labels.map((names, i) => (i === 0 ? another(names) : inText(names)));
    assert.partialDeepStrictEqual(await tell(texts), { joined: 0, corrected: 0, known: 12, days: [] });
    const alarm = async () => (await stack.readAlarms()).find(({ id }) => id === 'accuracy-below')!.state;
    assert.equal(await alarm(), 'OK', 'of 11 of 12 chance explains that they are less than 95 %');
    const none = labels.map((names) => (names === '' ? another(names) : 'no label'));
    assert.partialDeepStrictEqual(await tell(none), { joined: 0, corrected: 12 });
    stack.clock.set(new Date(stack.now().getTime() + 24 * HOURS));
    await stack.sweep();
    assert.equal(await alarm(), 'ALARM');
    const drift = await told();
    assert.partialDeepStrictEqual(accuracyJson(drift).days, [
      { revision: 3, subsetAccuracy: 0, isBelowExpected: true },
    ]);
    const text = accuracyText(drift).replaceAll('\u00a0', ' ');
    assert.match(text, /^day +version +subset accuracy +95 % interval +expected +known$/m);
    assert.match(text, new RegExp(`^${day} +1\\.0\\.0 +0 % +0 % to 24 % +95 % +12 +below the expected$`, 'm'));
    assert.match(text, /^class +recall +precision +F1 +true +predicted$/m);
  });

  test('over HTTP it is a list, and refused if the model does not have a label', async () => {
    const chip = { request: answer.request, id: 'a' };
    const [predicted] = answer.predictions;
    const body = { truths: [{ ...chip, truth: predicted!['labels'] }] };
    assert.deepEqual(await online.post('truth', body, 202), { model: STATLOG.name, truths: 1 });
    await online.rest();
    await stack.sweep();
    assert.partialDeepStrictEqual(accuracyJson(await told()).days, [{ known: 13, subsetAccuracy: 1 / 13 }]);
    const { detail } = (await online.post('truth', { truths: [{ ...chip, truth: ['sheep'] }] }, 422)) as {
      detail: string;
    };
    assert.match(detail, /^truths\[0\]: the truth of the input “a” .* found the label “sheep”, allowed are labels of /);
  });

  test('SQL and the report of the day know it', async () => {
    const found = await online.rows(
      'SELECT count(*), count(t.true_labels), count(t.truth) FROM predictions p JOIN truth t USING (chip_id, run)',
    );
    assert.deepEqual(found[0]!.map(Number), [13, 13, 0]);
    const folder = join(stack.folder.results, `reports/model=${STATLOG.name}/version=1.0.0/date=${day}`);
    const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'));
    assert.partialDeepStrictEqual(report.accuracy, { n: 13, figure: { name: 'Subset accuracy', value: 1 / 13 } });
    const page = readFileSync(join(folder, 'report.html'), 'utf8');
    assert.match(page, /got the very labels that they have \(subset accuracy/);
    assert.match(page, /<th[^>]*>F1<\/th>/);
    assert.doesNotMatch(page, /Confusion matrix/);
  });
});
