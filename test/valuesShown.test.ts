import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { publishModel } from '../cli/models/publishModel.ts';
import { tryModel } from '../cli/models/tryModel.ts';
import { storyOf } from '../cli/runs/show.ts';
import type { Chips, Drift, ModelVersions, Panels, Run, Status } from '../console/api.ts';
import { makeAccept } from '../core/ledger/accept.ts';
import type { LedgerRow } from '../core/ledger/ledgerRow.ts';
import { makePromotions } from '../core/releases/promotions.ts';
import { embeddedService } from '../local/stack/embeddedService.ts';
import { startStack } from '../local/stack/stack.ts';
import { renderReport } from '../report/html.ts';
import { writeReports } from '../report/writeReports.ts';
import { startTestConsole } from './benches/console.ts';
import { heightsPackage, heightsScene } from './benches/heights.ts';
import { PROPERTIES } from './benches/packages.ts';

/** What people see of a model that predicts numbers: its own words, and none of classes. */

const NAME = 'droughtwatch-baseline'; // the one that the embedded stack runs
const CLASS = /\bclass(es)?\b|probabilit|certain/i;

const home = mkdtempSync(join(tmpdir(), 'swath-values-'));
const service = embeddedService(await startStack({ dataDir: join(home, 'data'), command: 'a test' }));
const console = await startTestConsole({ service });
const row = await classified();
after(async () => {
  await service.idle();
  await service.close();
  rmSync(home, { recursive: true });
});

describe('a model that predicts numbers', () => {
  test('shows its values on every page of the console', async () => {
    const [status, drift, panels, run, chips, models] = await Promise.all([
      console.get<Status>('/api/status'),
      console.get<Drift>('/api/drift'),
      console.get<Panels>('/api/panels'),
      console.get<Run>(`/api/runs/${row.run}`),
      console.get<Chips>('/api/chips'),
      console.get<ModelVersions>('/api/models'),
    ]);
    const { row: _asStored, ...told } = run;
    for (const answer of [status, drift, panels, told, chips])
      for (const text of textsIn(answer)) assert.doesNotMatch(text, CLASS);
    assert.deepEqual(
      drift.recent?.figures.map(({ name }) => name),
      ['Mean', 'Standard deviation', 'Wasserstein distance'],
    );
    assert.deepEqual(
      [run.accuracy!.figure, ...run.accuracy!.figures!].map(({ name, value }) => `${name} ${value?.toFixed(2)}`),
      ['Mean absolute error 1.71', 'Root mean square error 1.85', 'Bias 1.71', 'R² 1.00'],
    );
    const where = { dataDir: home, stage: 'dev', region: 'eu-west-1' };
    const story = storyOf({ row, accuracy: run.accuracy, results: null, where, now: new Date(), inboxPrefix: '' });
    assert.doesNotMatch(story.join('\n'), CLASS);
    assert.match(story.join('\n'), /\n {2}Mean absolute error +1\.714\n/);
    assert.equal(status.recent?.shares.at(-1)?.name, 'above 100');
    assert.deepEqual(
      chips.chips.map(({ text, truth, probability, isRight }) => [text, truth, probability, isRight]),
      [110, 90, 70, 50, 30, 20, 10].map((one) => [`${one}`, one === 20 ? '20' : `${one - 2}`, null, null]),
    );
    const titles = panels.groups.flatMap((group) => group.panels.map(({ panel }) => panel.title));
    assert.ok(titles.includes('Predicted values') && titles.includes('Blank chips'), titles.join(', '));
    assert.deepEqual([models.versions[0]?.task, models.versions[0]?.classes], ['regression', []]);
  });

  test('has a report in its words, with how far it was off', async () => {
    const runs = { stage: 'local', render: renderReport, threshold: 0.25, minimum: 1 };
    const invocation = { remainingSeconds: () => 60, signal: new AbortController().signal };
    const [written] = await writeReports({ ...service, ...runs }, row.day!, invocation);
    assert.ok(written !== undefined && 'html' in written, JSON.stringify(written));
    const html = new TextDecoder().decode(await service.readResult(written.html));
    const text = html
      .replaceAll(/<style[\s\S]*?<\/style>/g, '')
      .replaceAll(/<[^>]*>/g, ' ')
      .replaceAll('&nbsp;', ' ');
    assert.doesNotMatch(text, CLASS);
    assert.doesNotMatch(text, /NaN|undefined|\[object/);
    for (const said of [
      'Values beside the reference',
      'Wasserstein distance',
      'Mean absolute error',
      '7 predictions with a known truth are off by 1.714 on average',
      'Chips with the highest values',
      'in truth 108',
    ])
      assert.ok(text.includes(said), said);
  });
});

/** The run of a file that the model, published and promoted, has classified. */
async function classified(): Promise<LedgerRow> {
  const folder = join(home, 'package');
  mkdirSync(folder);
  for (const [name, content] of Object.entries(await heightsPackage([`${PROPERTIES}/mlm:name`, NAME])))
    writeFileSync(join(folder, name), content);
  const { version } = await publishModel(service.modelBucket, folder);
  await makePromotions(service.modelBucket, NAME, tryModel).promote(version, service.now());
  const heights = [10, 30, 50, 70, 90, 110];
  const file = join(home, 'a.tfrecord');
  writeFileSync(file, heightsScene([...heights, 20], [...heights.map((one) => one - 2), 20]));
  const { scene } = await service.send(file);
  await makeAccept(service.executions)({ scene });
  for (;;) {
    const [row] = await service.ledger.ofScene(scene);
    if (row?.state === 'DONE') return row;
    await setTimeout(50);
  }
}

/** All texts within an answer, but for pictures and addresses. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
