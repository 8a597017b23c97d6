import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { openInferenceRoutes } from '../../core/doors/online/openInference.ts';
import { makeServerMetrics } from '../../server/serverMetrics.ts';

const FOLDER = fileURLToPath(new URL('../../deployment/monitoring/', import.meta.url));
const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8');
const PREDICTIONS = '/v1/models/{model}/predictions';
const TRUTH = '/v1/models/{model}/truth';

type Alert = { alert: string; expr: string; labels: { severity: string }; annotations: Record<string, string> };
const ALERTS: Alert[] = parse(read('alerts.yml')).groups[0].rules;
const PANELS: { targets: { expr: string }[] }[] = JSON.parse(read('dashboard.json')).panels;
const QUERIES = [...PANELS.flatMap(({ targets }) => targets), ...ALERTS].map(({ expr }) => expr);

test('the alerts and panels use metrics that the server publishes', async () => {
  const metrics = makeServerMetrics();
  const counted = new Set([...(await metrics.text()).matchAll(/^# TYPE (\w+) (\w+)/gm)].flatMap(namesOf));
  const asked = new Set(QUERIES.flatMap((query) => query.match(/\b(?:swath|process)_\w+/g) ?? []));
  assert.ok(asked.size > 8);
  assert.deepEqual(
    [...asked].filter((name) => !counted.has(name)),
    [],
  );
});

const MATCHERS = [
  ...new Set(QUERIES.flatMap((query) => query.match(/(?<=swath_requests_total\{route=~")[^"]+/g) ?? [])),
];

test('the alerts and the panel of failing requests count the same routes', () => {
  assert.equal(MATCHERS.length, 1, MATCHERS.join('\n'));
});

test('a server publishes the series that alerts count from its start on, so that its first failures are an increase', async () => {
  const text = await makeServerMetrics().text();
  const infer = openInferenceRoutes({} as Parameters<typeof openInferenceRoutes>[0]).map(({ path }) => path);
  const counted = [PREDICTIONS, TRUTH, ...infer].filter((path) => new RegExp(`^(?:${MATCHERS[0]})$`).test(path));
  assert.equal(counted.length, 4);
  for (const route of counted)
    for (const status of [200, 500, 503])
      assert.ok(text.includes(`\nswath_requests_total{route="${route}",status="${status}"} 0\n`), `${route} ${status}`);
});

function namesOf([, name = '', type]: RegExpMatchArray): string[] {
  return type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
}

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
if (!hasPromtool && process.env['SWATH_PROMTOOL'] === 'required') throw new Error('There is no promtool.');
if (!hasPromtool)
  console.error('SKIPPED: the alert rules are not tried by promtool, because there is none (Prometheus).');

describe('promtool', { skip: hasPromtool ? false : 'there is no promtool' }, () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'swath-promtool-'));
    writeFileSync(join(folder, 'alerts.yml'), read('alerts.yml'));
  });
  after(() => rmSync(folder, { recursive: true }));
  const promtool = (...args: string[]) => execFileSync('promtool', args, { cwd: folder, encoding: 'utf8' });

  test('takes what a server counts', async () => {
    const metrics = makeServerMetrics();
    metrics.onAsked();
    metrics.onAnswered({
      route: PREDICTIONS,
      status: 200,
      seconds: 0.004,
      failure: null,
      model: { name: 'm', version: '1' },
      inputs: 2,
      errors: 1,
      warnings: 0,
    });
    const { status, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: await metrics.text() });
    // Node's own are named by prom-client, and not as promtool would have them.
    const ours = String(stderr)
      .split('\n')
      .filter((line) => line.startsWith('swath_'));
    assert.notEqual(status, 1, String(stderr)); // 3 is of what it would have otherwise
    assert.deepEqual(ours, []);
  });

  test('takes the configurations', () => {
    for (const name of ['prometheus.yml', 'prometheus-kubernetes.yml']) {
      const config = parse(read(name));
      for (const scrape of config.scrape_configs) {
        delete scrape.kubernetes_sd_configs; // Debian's knows nothing of Kubernetes
        scrape.authorization.credentials_file = join(folder, 'key');
      }
      writeFileSync(join(folder, 'key'), 'a key');
      writeFileSync(join(folder, name), stringify(config));
      promtool('check', 'config', name);
    }
  });

  test('takes the queries of the panels', () => {
    const rules = QUERIES.map((expr, i) => ({ record: `query_${i}`, expr }));
    writeFileSync(join(folder, 'queries.yml'), stringify({ groups: [{ name: 'queries', rules }] }));
    assert.match(promtool('check', 'rules', 'queries.yml'), new RegExp(`SUCCESS: ${QUERIES.length} rules found`));
  });

  /** A value a minute, in promtool's notation. */
  const answered = (status: number, perMinute: string) => ({
    series: `swath_requests_total{job="swath", instance="a", route="${PREDICTIONS}", status="${status}"}`,
    values: perMinute,
  });
  const FAILING = ['SwathErrors', 'SwathErrorsOfServer', 'SwathErrorsOfDays'];
  const up = (values: string, instance = 'a') => ({ series: `up{job="swath", instance="${instance}"}`, values });
  const started = (values: string) => ({ series: 'process_start_time_seconds{job="swath", instance="a"}', values });
  const probes = (well: string, ill: string) =>
    [
      ['/readyz', '503', ill],
      ['/readyz', '200', well],
      ['/healthz', '200', well],
      ['/metrics', '200', well],
    ].map(([route, status, values]) => ({
      series: `swath_requests_total{job="swath", instance="a", route="${route}", status="${status}"}`,
      values: values!,
    }));
  /** Of a histogram of requests: so many a minute within a second, and so many in all. */
  const seconds = (quick: number, all: number) => [
    ...[
      ['0.5', quick],
      ['1', quick],
      ['2.5', all],
      ['+Inf', all],
    ].map(([le, count]) => ({
      series: `swath_request_seconds_bucket{job="swath", instance="a", route="${PREDICTIONS}", le="${le}"}`,
      values: `0+${count}x60`,
    })),
  ];
  const uncounted = (values: string) => ({
    series: 'swath_counted_inputs_total{job="swath", instance="a", model="m", version="1", counted="no"}',
    values,
  });
  type Case = [what: string, series: { series: string; values: string }[], alerts: string[], at?: string];
  const cases: Case[] = [
    ['all is well', [up('1x60'), answered(200, '0+6000x60'), ...seconds(100, 100)], []],
    ['nobody asks', [up('1x60')], []],
    ['whoever asks makes mistakes', [up('1x60'), answered(200, '0+10x60'), answered(422, '0+90x60')], []],
    ['one in fifty fails', [up('1x60'), answered(200, '0+98x60'), answered(500, '0+2x60')], FAILING],
    [
      'one in two thousand fails',
      [up('1x60'), answered(200, '0+1999x60'), answered(503, '0+1x60')],
      ['SwathErrorsOfDays'],
    ],
    [
      'all predictions of a quiet service fail, and its probes and scrapes do not',
      [up('1x60'), ...probes('0+20x60', '0x60'), answered(200, '0x60'), answered(500, '0+1x60')],
      FAILING,
    ],
    [
      'one of six an hour is asked, and all fail',
      [up('1x400'), ...probes('0+20x400', '0x400'), answered(500, '0x9 1x9 2x9 3x9 4x9 5x9 6x9 7x9 8x9 9x9')],
      FAILING,
      '95m',
    ],
    ['a start is slow', [up('1x60'), ...probes('0x20 0+20x40', '0+12x20 240x40')], [], '10m'],
    ['one request got a 503', [up('1x900'), answered(200, '0+1x900'), answered(503, '0x30 1x870')], [], '40m'],
    [
      'one request got a 503 hours ago',
      [up('1x900'), answered(200, '0+1x900'), answered(503, '0x30 1x870')],
      [],
      '12h',
    ],
    [
      'what failed is over',
      [up('1x90'), answered(200, '0+10x90'), answered(500, '0+10x20 200x70')],
      ['SwathErrorsOfDays'],
      '60m',
    ],
    ['one of three does not answer', [up('0x60'), up('1x60', 'b'), up('1x60', 'c')], ['SwathServerDown']],
    ['one of three starts', [up('0x3 1x60'), up('1x60', 'b'), up('1x60', 'c')], [], '4m'],
    ['one starts again and again', [up('1x60'), started('1x9 600x5 1200x5 1500x40')], ['SwathRestarts'], '30m'],
    ['one in ten takes longer than a second', [up('1x60'), ...seconds(90, 100)], ['SwathSlow']],
    ['all is counted', [up('1x60'), uncounted('0x60')], []],
    ['one request was not counted', [up('1x60'), uncounted('0x20 3x40')], ['SwathUncounted']],
    ['the first request was not counted', [up('1x60'), uncounted('_x20 3x40')], ['SwathUncounted']],
    ['some were not counted two hours ago', [up('1x200'), uncounted('0x9 3x200')], [], '3h'],
    ['none answers', [up('0x60')], ['SwathDown']],
    ['there is none', [answered(200, '0+1x60')], ['SwathDown']],
  ];
  test('finds that the alerts fire when they should, and only then', () => {
    const testOf = ([, series, alerts, at = '30m']: Case) => ({
      interval: '1m',
      input_series: series,
      alert_rule_test: ALERTS.map(({ alert: id, labels, annotations }) => ({
        eval_time: at,
        alertname: id,
        exp_alerts: alerts.includes(id)
          ? [
              {
                exp_labels: {
                  ...labels,
                  ...(id.startsWith('SwathErrors') && { route: PREDICTIONS }),
                  ...((id === 'SwathErrorsOfServer' || id === 'SwathRestarts' || id === 'SwathServerDown') && {
                    instance: 'a',
                  }),
                  ...((id === 'SwathRestarts' || id === 'SwathServerDown') && { job: 'swath' }),
                  ...(id === 'SwathDown' && series.every(({ series }) => !series.startsWith('up')) && { job: 'swath' }),
                },
                exp_annotations: annotations,
              },
            ]
          : [],
      })),
    });
    // What is asked hours later takes most of the time: there, the rules are looked at less often.
    const isLate = ([, , , at = '']: Case) => at.endsWith('h');
    for (const [every, some] of [
      ['1m', cases.filter((one) => !isLate(one))],
      ['10m', cases.filter(isLate)],
    ] as const) {
      const tests = { rule_files: ['alerts.yml'], evaluation_interval: every, tests: some.map(testOf) };
      writeFileSync(join(folder, `every-${every}.yml`), stringify(tests));
    }
    const args = ['test', 'rules', 'every-1m.yml', 'every-10m.yml'];
    const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: folder });
    assert.equal(status, 0, `${stdout}${stderr}`);
  });
});
