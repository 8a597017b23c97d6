import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { makeServerMetrics } from '../server/serverMetrics.ts';
import { monitoringFiles } from './monitoringFiles.ts';
import { SERVER_ALERTS, SERVER_PANELS } from './serverPanels.ts';

const FOLDER = fileURLToPath(new URL('../deployment/monitoring/', import.meta.url));
const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8');
const PREDICTIONS = '/v1/models/{model}/predictions';
const QUERIES = [...SERVER_PANELS.flatMap(({ series }) => series), ...SERVER_ALERTS].map(({ promql }) => promql);

for (const [name, text] of Object.entries(monitoringFiles()))
  test(`deployment/monitoring/${name} is what the tables say; npm run docs writes it`, () => {
    assert.equal(read(name), text);
  });

test('what is watched is what a server counts', async () => {
  const metrics = makeServerMetrics();
  const counted = new Set([...(await metrics.text()).matchAll(/^# TYPE (\w+) (\w+)/gm)].flatMap(namesOf));
  const asked = new Set(QUERIES.flatMap((query) => query.match(/\b(?:swath|process)_\w+/g) ?? []));
  assert.ok(asked.size > 8);
  assert.deepEqual(
    [...asked].filter((name) => !counted.has(name)),
    [],
  );
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
    writeFileSync(join(folder, 'alerts.yml'), monitoringFiles()['alerts.yml']!);
  });
  after(() => rmSync(folder, { recursive: true }));
  const promtool = (...args: string[]) => execFileSync('promtool', args, { cwd: folder, encoding: 'utf8' });

  test('takes what a server counts', async () => {
    const metrics = makeServerMetrics();
    metrics.onAsked();
    metrics.onAnswered({
      ...{ route: PREDICTIONS, status: 200, seconds: 0.004, model: { name: 'm', version: '1' } },
      ...{ inputs: 2, errors: 1, warnings: 0 },
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
  const up = (values: string) => ({ series: 'up{job="swath", instance="a"}', values });
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
  const cases: [what: string, series: { series: string; values: string }[], alerts: string[], at?: string][] = [
    ['all is well', [up('1x60'), answered(200, '0+6000x60'), ...seconds(100, 100)], []],
    ['nobody asks', [up('1x60')], []],
    ['whoever asks makes mistakes', [up('1x60'), answered(200, '0+10x60'), answered(422, '0+90x60')], []],
    [
      'one in fifty fails',
      [up('1x60'), answered(200, '0+98x60'), answered(500, '0+2x60')],
      ['SwathErrors', 'SwathErrorsOfDay'],
    ],
    [
      'one in two thousand fails',
      [up('1x60'), answered(200, '0+1999x60'), answered(503, '0+1x60')],
      ['SwathErrorsOfDay'],
    ],
    ['one in ten takes longer than a second', [up('1x60'), ...seconds(90, 100)], ['SwathSlow']],
    ['all is counted', [up('1x60'), uncounted('0x60')], []],
    ['one request was not counted', [up('1x60'), uncounted('0x20 3x40')], ['SwathUncounted']],
    ['the first request was not counted', [up('1x60'), uncounted('_x20 3x40')], ['SwathUncounted']],
    ['some were not counted two hours ago', [up('1x200'), uncounted('0x9 3x200')], [], '3h'],
    ['none answers', [up('0x60')], ['SwathDown']],
    ['there is none', [answered(200, '0+1x60')], ['SwathDown']],
  ];
  test('finds that the alerts fire when they should, and only then', () => {
    const tests = cases.map(([, series, alerts, at = '30m']) => ({
      interval: '1m',
      input_series: series,
      alert_rule_test: SERVER_ALERTS.map(({ id, title, meaning, firstStep }) => ({
        ...{ eval_time: at, alertname: id },
        exp_alerts: alerts.includes(id)
          ? [
              {
                exp_labels: {
                  severity: 'page',
                  ...(id === 'SwathDown' && series.every(({ series }) => !series.startsWith('up')) && { job: 'swath' }),
                },
                exp_annotations: { summary: title, description: `${meaning} First: ${firstStep}` },
              },
            ]
          : [],
      })),
    }));
    writeFileSync(
      join(folder, 'tests.yml'),
      stringify({ rule_files: ['alerts.yml'], evaluation_interval: '1m', tests }),
    );
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', 'tests.yml'], { cwd: folder });
    assert.equal(status, 0, `${stdout}${stderr}`);
  });
});
