import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseHTML } from 'linkedom';
import { InvalidModelPackage } from '../../core/base/errors.ts';
import { type ModelRef, UNASSIGNED } from '../../core/base/messages.ts';
import { logTo } from '../../core/base/step.ts';
import { printable } from '../../core/base/text/printable.ts';
import { makeLedger } from '../../core/ledger/ledger.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import type { State } from '../../core/ledger/states.ts';
import { livingAs } from '../../core/releases/models.ts';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';
import { LEDGER_TABLE } from '../../local/tables/tables.ts';
import { readBaselineFile } from '../../test/benches/packages.ts';
import { storedCounts } from '../../test/benches/summaries.ts';
import { startTestTables } from '../../test/benches/tablesInMemory.ts';
import type { LedgerWidgetPorts } from './ledgerView.ts';
import { ledgerWidgetStep } from './ledgerWidget.ts';

/** What stands on the dashboard, read as a browser reads it; the ledger is a real one of each test's own. */

const now = new Date('2026-03-02T12:00:00Z');
const model = { name: 'droughtwatch-baseline', version: '1.0.0' };
const baseline = await readModelPackage(readBaselineFile);
const WIDGET = 'arn:aws:lambda:us-east-1:123456789012:function:swath-dev-ledgerWidget';
const RETRY = 'arn:aws:lambda:us-east-1:123456789012:function:swath-dev-retry';
logTo(() => {});

describe('the ledger', () => {
  test('shows the live version and since when, and the last 24 hours', async () => {
    const { show, add } = await makeBench();
    for (const state of ['DONE', 'DONE', 'INVALID', 'CLAIMED'] as const) await add(state);
    await add('DONE', { at: '2026-03-01T11:59:59Z' });
    const { text } = await show();
    assert.match(text, /Live: droughtwatch-baseline 1\.0\.0 since 2026-03-01 08:00:00 UTC/);
    assert.match(text, /Last 24 hours: DONE\s2 · EMPTY\s0 · DUPLICATE\s0 · INVALID\s1 · FAILED\s0 · in progress\s1/);
  });

  test('counts up to a thousand, and says so', async () => {
    const { show, ledger } = await makeBench();
    const asked: (number | undefined)[] = [];
    const countByState: typeof ledger.countByState = async (state, { atMost }) => {
      asked.push(atMost);
      return state === 'DONE' ? 1000 : state === 'EMPTY' ? 999 : 0;
    };
    const { text } = await show({}, { ledger: { ...ledger, countByState } });
    assert.match(text, /DONE\s1,000 or more · EMPTY\s999 ·/);
    assert.deepEqual([...new Set(asked)], [1000]);
  });

  test('lists the newest runs of whichever state, the newest first, with what came of them', async () => {
    const { show, add } = await makeBench();
    const drift = { jensenShannon: 0.1342, psi: 0.1, noiseFloor: 0.1345, n: 79, verdict: 'not enough data' as const };
    const chiSquare = { statistic: 1, degreesOfFreedom: 3, pValue: '0.5' };
    const attributes = { chips: 1081, blank: 2, drift: { ...drift, chiSquare } };
    await add('DONE', { key: 'north/good', at: '2026-03-02T10:00:00Z', attributes });
    await add('DUPLICATE', { key: 'same', at: '2026-03-02T11:00:00Z', attributes: { duplicateOf: 'feed' } });
    await add('CLAIMED', { key: 'new', at: '2026-03-02T11:30:00Z' });
    const by = 'droughtwatch-baseline 1.0.0';
    assert.deepEqual(
      (await show()).runs.map((cells) => cells.slice(0, 6).join('|')),
      [
        `2026-03-02 11:30:00|CLAIMED|new|–|${by}|–`,
        `2026-03-02 11:00:00|DUPLICATE|same|–|${by}|the same bytes as run feed, which counts`,
        `2026-03-02 10:00:00|DONE|north/good|1,081 (2 blank)|${by}|not enough data, 0.134 at n = 79`,
      ],
    );
  });

  test('shows a failed run with its error and a button that tries it again, after a question', async () => {
    const { show, add } = await makeBench();
    const error: Run['error'] = ['NoModelPromoted', 'No version.'];
    const { run } = await add('FAILED', { key: 'south/bad', model: UNASSIGNED, error });
    await add('INVALID', { key: 'broken', error: ['InvalidSceneFile', 'Record 0.'] });
    const { failed, document } = await show();
    const why = 'NoModelPromoted in Preprocess, attempt 1 of 3: No version.';
    const cells = ['2026-03-02 11:00:00', 'FAILED', 'south/bad', '–', 'none was promoted', why, run, 'Try again'];
    assert.deepEqual(failed, [cells]);
    const actions = [...document.querySelectorAll(`cwdb-action[endpoint="${RETRY}"]`)];
    assert.equal(actions.length, 2, 'among the failed ones and among the newest ones');
    for (const action of actions) {
      assert.equal(action.previousElementSibling?.outerHTML, '<a class="btn">Try again</a>');
      assert.equal(action.getAttribute('action'), 'call');
      assert.equal(action.getAttribute('display'), 'popup');
      assert.equal(action.getAttribute('confirmation'), `Try south/bad (run ${run}) once more?`);
      assert.deepEqual(JSON.parse(action.textContent), { run });
    }
  });

  test('that is empty says so', async () => {
    const { text } = await (await makeBench()).show();
    assert.match(text, /No run has failed\./);
    assert.match(text, /No run matches\./);
  });

  for (const [promotion, says] of [
    [async () => null, /No model version is promoted\./],
    [async () => livingAs(model), /Live: droughtwatch-baseline 1\.0\.0\n/],
    [() => Promise.reject(new InvalidModelPackage('promoted.json: found "<"')), /promoted\.json: found "<"/],
  ] as const) {
    test(`is shown whatever is promoted: ${says.source}`, async () => {
      const { show, ports } = await makeBench();
      assert.match((await show({}, { models: { ...ports.models, promotion } })).text, says);
    });
  }
});

describe('the filter', () => {
  const filtered = (form: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
    ...more,
    widgetContext: { dashboardName: 'swath-dev', theme: 'dark', forms: { all: form } },
  });

  async function bench() {
    const { show, add } = await makeBench();
    await add('DONE', { key: 'north/a' });
    await add('FAILED', { key: 'north/b', error: ['DiskFull', 'It needs 3 bytes.'] });
    const { run } = await add('DONE', { key: 'south/c' });
    return { run, files: async (event: object) => (await show(event)).runs.map((cells) => cells[2]).sort(), show };
  }

  test('by state', async () => {
    const { files } = await bench();
    assert.deepEqual(await files(filtered({ state: 'DONE', search: '' })), ['north/a', 'south/c']);
    assert.deepEqual(await files(filtered({ state: 'FAILED' })), ['north/b']);
    assert.deepEqual(await files(filtered({ state: 'EMPTY', search: '' })), []);
  });

  test('by a text in the file, the run, the model or the error, in whichever case', async () => {
    const { files, run } = await bench();
    for (const [search, found] of [
      ['NORTH/', ['north/a', 'north/b']],
      [` ${run.slice(0, 12)} `, ['south/c']],
      ['baseline 1.0', ['north/a', 'north/b', 'south/c']],
      ['diskfull', ['north/b']],
      ['3 bytes', ['north/b']],
      ['.*', []],
    ] as const)
      assert.deepEqual(await files(filtered({ state: '', search })), found, search);
  });

  test('by a text finds a run of any state, however many newer ones there are of another', async () => {
    const { show, add, ledger } = await makeBench();
    await add('FAILED', { key: 'old', error: ['DiskFull', ''] });
    await add('DONE', { key: 'new', at: '2026-03-02T11:30:00Z' });
    const { rows } = await ledger.byState('DONE', { limit: 1 });
    const many = Array.from({ length: 500 }, (_, i) => ({ ...rows[0]!, run: `${i}` }));
    const byState: typeof ledger.byState = async (state, query) =>
      state === 'DONE' ? { rows: many, cursor: undefined } : ledger.byState(state, query);
    const { runs, text } = await show(filtered({ state: '', search: 'DiskFull' }), { ledger: { ...ledger, byState } });
    assert.deepEqual(
      runs.map((cells) => cells[2]),
      ['old'],
    );
    assert.match(text, /Searched: the newest 500 runs of each state\./);
  });

  test('keeps the typed text, says how much was searched, and calls this function again', async () => {
    const { show } = await bench();
    const search = '"><b>north';
    const { document, text } = await show(filtered({ state: 'FAILED', search }));
    assert.equal(document.querySelector('input[name="search"]')?.getAttribute('value'), search);
    const options = [...document.querySelectorAll('select[name="state"] option')];
    const selected = options.filter((option) => option.hasAttribute('selected'));
    assert.deepEqual([selected.length, selected[0]!.getAttribute('value'), options.length], [1, 'FAILED', 9]);
    assert.match(text, /Searched: the newest 500 runs of FAILED\./);
    const calls = [...document.querySelectorAll(`cwdb-action[endpoint="${WIDGET}"]`)];
    const parameters = calls.map((call) => JSON.parse(call.textContent));
    assert.deepEqual(parameters, [{ view: 'ledger' }, { view: 'ledger', all: true }]);
  });

  test('is forgotten when all is asked for', async () => {
    const { files } = await bench();
    const all = await files(filtered({ state: 'EMPTY', search: 'x' }, { all: true }));
    assert.deepEqual(all, ['north/a', 'north/b', 'south/c']);
  });

  for (const event of [{}, { widgetContext: {} }, { widgetContext: null }, filtered({ state: 'OK', search: 7 })]) {
    test(`is empty if the event is not understood: ${JSON.stringify(event)}`, async () => {
      assert.equal((await (await bench()).files(event)).length, 3);
    });
  }
});

describe('what came from outside', () => {
  const nasty = `</td><script>alert("1")</script>' onload='x' &amp; \u202egpj.exe\u0000\n${'x'.repeat(300)}`;

  test('stays text, with what does not show spelled out', async () => {
    const { show, add } = await makeBench();
    await add('FAILED', { key: nasty, error: [nasty, nasty] });
    await add('DONE', { key: 'a', model: { name: '<i>', version: nasty } });
    const { document, failed, html } = await show();
    const allowed =
      'STYLE DIV P STRONG H3 TABLE THEAD TBODY TR TH TD CODE A CWDB-ACTION FORM LABEL SELECT OPTION INPUT'.split(' ');
    for (const element of document.querySelectorAll('body *')) {
      assert.ok(allowed.includes(element.tagName), element.tagName);
      for (const { name } of element.attributes)
        assert.match(name, /^(class|action|display|endpoint|confirmation|name|value|selected|type|size)$/);
    }
    assert.doesNotMatch(html, /[\p{Cc}\p{Cf}](?<!\n)/u);
    assert.equal(failed[0]?.[2], `${printable(nasty.slice(0, 200))}…`);
    const question = document.querySelector(`cwdb-action[endpoint="${RETRY}"]`)?.getAttribute('confirmation');
    assert.ok(question?.startsWith(`Try ${printable(nasty.slice(0, 200))}… (run `));
  });

  test('does not make the answer larger than anybody could want to read', async () => {
    const { show, add } = await makeBench();
    const long = '\u202e'.repeat(4000);
    for (let i = 0; i < 30; i += 1) await add('FAILED', { key: `${'\u202e'.repeat(330)}${i}`, error: ['E', long] });
    const { html, runs, failed } = await show();
    assert.deepEqual([runs.length, failed.length], [25, 10]);
    assert.ok(Buffer.byteLength(html) < 250_000, `${Buffer.byteLength(html)} bytes`);
  });
});

test('it inherits the colours of the theme', async () => {
  const { show, add } = await makeBench();
  await add('FAILED', { error: ['E', 'x'] });
  for (const event of [{}, { view: 'status' }]) {
    const { html } = await show(event);
    assert.doesNotMatch(html, /colou?r\s*:|background|bgcolor|cwdb-no-default-styles/i);
  }
});

describe('the status', () => {
  const counted = (...counts: number[]) => ({ countedDay: '2026-03-02', ...storedCounts(counts), chips: 0, blank: 0 });
  const [a = 0, b = 0, c = 0, d = 0] = baseline.task.reference(baseline).map(({ count }) => count);

  for (const [name, runs, says] of [
    [
      'predictions like the reference',
      [counted(a, b, c, d)],
      /^no drift\nScore 0\.000; the alarm is above 0\.25, and chance alone reaches 0\.0\d\d with n = [\d,]+ predictions \(of today's and yesterday's newest runs, UTC: 1\)\.$/m,
    ],
    ['predictions unlike it', [counted(0, 0, 0, 900), counted(0, 0, 0, 900)], /^drift\nScore 0\.[5-9]/m],
    ['few predictions', [counted(0, 0, 0, 9)], /^not enough data\nScore/m],
    ['none', [], /^No verdict: nothing was predicted today or yesterday \(UTC\)\.$/m],
  ] as const) {
    test(`of ${name}: ${says.source.slice(1, 16)}`, async () => {
      const { show, add } = await makeBench();
      for (const attributes of runs) await add('DONE', { attributes });
      const { text } = await show({ view: 'status' });
      assert.match(text, /^Live: droughtwatch-baseline 1\.0\.0 since 2026-03-01 08:00:00 UTC$/m);
      assert.match(text, says);
    });
  }

  test('without a promoted version says what that means', async () => {
    const { show, ports } = await makeBench();
    const { text } = await show({ view: 'status' }, { models: { ...ports.models, promotion: async () => null } });
    assert.match(text, /No model version is promoted, so new files fail until one is\./);
  });

  test('of a package that cannot be read says why', async () => {
    const { show, ports } = await makeBench();
    const load = () => Promise.reject(new InvalidModelPackage('item.json: found "<"'));
    const { text } = await show({ view: 'status' }, { models: { ...ports.models, load } });
    assert.match(text, /The live model cannot be read\. item\.json: found "<"/);
  });
});

test('an unknown view is an error of the caller', async () => {
  const { step } = await makeBench();
  await assert.rejects(step({ view: 'all' }), { name: 'InvalidMessage' });
});

type Run = {
  key?: string;
  at?: string;
  model?: ModelRef;
  error?: [name: string, message: string];
  attributes?: Record<string, unknown>;
};

async function makeBench() {
  const ledger = makeLedger(await startTestTables(), LEDGER_TABLE);
  const ports: LedgerWidgetPorts = {
    ledger,
    models: {
      promotion: async () => ({ ...livingAs(model), promotedAt: '2026-03-01T08:00:00Z' }),
      load: async () => baseline,
    },
    now: () => now,
    threshold: 0.25,
    minimum: 1,
    driftWindow: 500,
    widgetArn: WIDGET,
    retryArn: RETRY,
  };
  const invocation = { remainingSeconds: () => 30, signal: new AbortController().signal };
  const step = (event: object, others: Partial<LedgerWidgetPorts> = {}) =>
    ledgerWidgetStep({ ...ports, ...others })(event, invocation);

  /** The widget as it stands on the page: its text, a line for each paragraph, and the cells of its tables. */
  async function show(event: object = {}, others: Partial<LedgerWidgetPorts> = {}) {
    const html = await step(event, others);
    const { document } = parseHTML(`<!doctype html><html><body>${html}</body></html>`);
    const tables = [...document.querySelectorAll('table')].filter((table) => table.querySelector('thead'));
    const cellsOf = (table: (typeof tables)[number] | undefined) =>
      [...(table?.querySelectorAll('tbody tr') ?? [])].map((row) =>
        [...row.querySelectorAll('td')].map((cell) => {
          for (const action of cell.querySelectorAll('cwdb-action')) action.textContent = '';
          return cell.textContent.trim();
        }),
      );
    const text = [...document.querySelectorAll('p')].map((p) => `${p.textContent}\n`).join('');
    const whole = parseHTML(`<!doctype html><html><body>${html}</body></html>`).document;
    const hasFailed = document.querySelector('h3')?.nextElementSibling?.tagName === 'TABLE';
    const failed = hasFailed ? cellsOf(tables[0]) : [];
    return { html, text, document: whole, failed, runs: cellsOf(tables[hasFailed ? 1 : 0]) };
  }

  /** A run that came into a state, by default an hour ago. */
  async function add(state: State, run: Run = {}): Promise<LedgerRow> {
    const { key = crypto.randomUUID(), at = '2026-03-02T11:00:00Z', model: of = model, error, attributes } = run;
    const time = new Date(at);
    const scene = { bucket: 'inbox', key, versionId: 'v1' };
    const request = { scene, model: of, execution: 'one', now: time, leaseSeconds: 60, attemptLimit: 3 };
    const { row } = await ledger.claim(request);
    const [name = '', message = ''] = error ?? [];
    const failure = { name, message, step: 'Preprocess', attempt: 1, at: time.toISOString() };
    return ledger.advance(row, state, time, { ...attributes, ...(error && { error: failure }) });
  }

  return { ledger, ports, step, show, add };
}
