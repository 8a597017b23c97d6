import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { readParameters } from '../deployment/defaults.ts';
import { exampleParameters } from '../test/documents/exampleParameters.ts';
import { alarmsOf, dashboardUrl } from './alarms.ts';
import { observabilityResources, templateOf } from './cloudformation.ts';
import { dashboardOf } from './dashboard.ts';
import { COLOURS, dashboardBody, reference } from './dashboardBody.ts';
import type { ChartPanel } from './panel.ts';
import { observedOf } from './parameters.ts';

const { Resources } = templateOf(exampleParameters, 'us-east-1');

describe('alarms in CloudFormation', () => {
  const of = (id: string) => {
    const resource = Resources[id];
    assert.equal(resource?.Type, 'AWS::CloudWatch::Alarm');
    return resource.Properties;
  };
  const told = [{ Ref: 'AlarmTopic' }];

  it('drift: a plain alarm on a published score, which holds until the next score', () => {
    const { AlarmDescription, ...properties } = of('DriftAlarm');
    const dimensions = { Stage: 'dev', Model: 'droughtwatch-baseline', Window: 'recent' };
    assert.deepEqual(properties, {
      AlarmName: 'swath-dev-drift',
      ...{ Namespace: 'Swath', MetricName: 'Drift', Statistic: 'Maximum' },
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      ...{ Period: 60, EvaluationPeriods: 1, DatapointsToAlarm: 1 },
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: exampleParameters.driftThreshold,
      TreatMissingData: 'ignore',
      ActionsEnabled: true,
      AlarmActions: told,
      OKActions: told,
    });
    assert.match(
      textOf(AlarmDescription),
      /First: hold back maps.* \(npx swath report --day today --stage dev\).* Runbook: docs\/runbook\.md#drift Dashboard: https:\/\/eu-central-1\.console\.aws\.amazon\.com\/cloudwatch\/home\?region=eu-central-1#dashboards\/dashboard\/swath-dev-eu-central-1$/,
    );
  });

  it('failed runs: one e-mail, and none when an hour has gone by', () => {
    const { AlarmActions, OKActions, EvaluationPeriods, TreatMissingData } = of('FailedRunsAlarm');
    assert.deepEqual([AlarmActions, OKActions], [told, undefined]);
    assert.deepEqual([EvaluationPeriods, TreatMissingData], [12, 'notBreaching']);
  });

  it('no sweep: silence is what it is about', () => {
    const { Period, EvaluationPeriods, DatapointsToAlarm, TreatMissingData } = of('NoSweepAlarm');
    assert.deepEqual([Period, EvaluationPeriods, DatapointsToAlarm, TreatMissingData], [3600, 26, 26, 'breaching']);
  });

  it('a slow function: by a percentile, at four fifths of its time-out', () => {
    const { Statistic, ExtendedStatistic, Threshold, Dimensions } = of('SlowInferAlarm');
    assert.deepEqual([Statistic, ExtendedStatistic], [undefined, 'p95']);
    assert.equal(Threshold, exampleParameters.timeouts['infer']! * 800);
    assert.deepEqual(Dimensions, [{ Name: 'FunctionName', Value: 'swath-dev-infer' }]);
  });

  it('are the eleven that an idle stage pays for, with the defaults: docs/deploy.md, and bench/bill.test.ts', () => {
    const { stage, stateMachineArn } = exampleParameters;
    const plain = templateOf(observedOf({ stage, stateMachineArn }, readParameters()), 'us-east-1').Resources;
    assert.equal(Object.values(plain).filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm').length, 11);
    const document = readFileSync(new URL('../docs/deploy.md', import.meta.url), 'utf8');
    assert.match(document, /^\| eleven alarms \| 1\.10 \|$/m);
  });

  it('have the one of the expected accuracy where a limit or its own parameter asks for it', () => {
    for (const [accuracyLimit, expectedAccuracyAlarm, isThere] of [
      [0, 'false', false],
      [0, 'true', true],
      [0.5, 'false', true],
    ] as const) {
      const { Resources } = templateOf({ ...exampleParameters, accuracyLimit, expectedAccuracyAlarm }, 'us-east-1');
      const names = Object.values(Resources).map(({ Properties }) => Properties['AlarmName']);
      assert.equal(names.includes('swath-dev-accuracy-below'), isThere);
    }
  });

  it('are those that are on, each within the limits of CloudWatch', () => {
    const quiet = { ...exampleParameters, quietDaysLimit: 0, blankShareLimit: 1, accuracyLimit: 0 };
    for (const parameters of [exampleParameters, quiet]) {
      const resources = Object.values(templateOf(parameters, 'us-east-1').Resources);
      const all = resources.filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm');
      const on = alarmsOf(parameters).filter(({ isOn }) => isOn);
      const names = all.map(({ Properties }) => Properties['AlarmName']);
      assert.equal(names.join(), on.map(({ id }) => `swath-dev-${id}`).join());
      for (const { Properties } of all) {
        // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
        assert.ok(textOf(Properties['AlarmDescription']).length <= 1024);
        const seconds = Number(Properties['Period']) * Number(Properties['EvaluationPeriods']);
        assert.ok(seconds <= (Number(Properties['Period']) >= 3600 ? 7 : 1) * 86_400);
      }
    }
    assert.equal(alarmsOf(quiet).length - alarmsOf(quiet).filter(({ isOn }) => isOn).length, 4);
  });
});

type Area = { x: number; y: number; width: number; height: number };
type Widget = Area & { type: string; properties: Record<string, unknown> };

/** What CloudWatch completes in a legend, as it stands in `Fn::Sub`. */
const [last, ofClass] = ['LegendLast', 'LegendOfClass'].map(reference);

describe('the dashboard in CloudFormation', () => {
  const { DashboardBody, DashboardName } = Resources['Dashboard']!.Properties;
  const [body, variables] = (DashboardBody as { 'Fn::Sub': [string, Record<string, string>] })['Fn::Sub'];
  const { widgets } = JSON.parse(body) as { widgets: Widget[] };
  const byTitle = (title: string) => widgets.find(({ properties }) => properties['title'] === title)?.properties;

  it('is JSON before anything is put into it, and after', () => {
    const after = body.replace(/\$\{([^}]+)\}/g, (_, name) => variables[name] ?? `arn:${name}`);
    assert.equal(JSON.parse(after).widgets.length, widgets.length);
    assert.deepEqual(DashboardName, { 'Fn::Sub': `swath-dev-${reference('AWS::Region')}` });
  });

  it('refers to nothing but the resources of the template, by name, and to what CloudWatch completes', () => {
    const references = new Set([...body.matchAll(/\$\{([^}]+)\}/g)].map(([, name]) => name));
    const alarms = Object.keys(Resources).filter((id) => id.endsWith('Alarm'));
    const arns = ['LedgerWidgetLambdaFunction', ...alarms].map((id) => `${id}.Arn`);
    assert.deepEqual([...references].sort(), ['AWS::Region', ...arns, ...Object.keys(variables)].sort());
    assert.deepEqual(variables, {
      LegendLast: reference('LAST'),
      LegendOfClass: reference("PROP('Dim.Class')"),
      LegendOfKind: reference("PROP('Dim.Kind')"),
      LegendOfState: reference("PROP('Dim.State')"),
      LegendOfVersion: reference("PROP('Dim.Version')"),
    });
  });

  it('has its widgets on the grid, none above another', () => {
    const taken = new Set<string>();
    for (const { x, y, width, height } of widgets) {
      assert.ok(x >= 0 && x + width <= 24);
      assert.ok([x, y, width, height].every(Number.isInteger));
      for (let column = x; column < x + width; column += 1) {
        for (let row = y; row < y + height; row += 1) {
          assert.ok(!taken.has(`${column},${row}`));
          taken.add(`${column},${row}`);
        }
      }
    }
  });

  it('divides a panel of any width between its series and their reference by whole columns', () => {
    const { panels } = dashboardOf(exampleParameters).find((group) => group.panels.some(({ id }) => id === 'classes'))!;
    const usual = panels.filter(({ id }) => id === 'classes').map((panel) => ({ ...panel, id: 'of the usual width' }));
    const { widgets: drawn } = JSON.parse(dashboardBody([{ title: 'One', panels: usual }], [])[0]) as {
      widgets: Widget[];
    };
    assert.deepEqual(
      drawn.slice(1, 3).map(({ width }) => width),
      [5, 3],
    );
  });

  it('answers on one screen', () => {
    const second = widgets.findIndex(({ properties }) => properties['markdown'] === '## Day by day');
    const ends = widgets.slice(0, second).map(({ y, height }) => y + height);
    assert.ok(Math.max(...ends) <= 16);
    const titles = widgets.slice(0, second).map(({ type, properties }) => properties['title'] ?? type);
    const shares = ['Prediction drift', 'Class shares', 'Reference', 'Chips and predictions', 'Blank chips'];
    assert.deepEqual(titles, ['text', 'Live', 'Alarms', ...shares, 'Confidence and accuracy of the model']);
  });

  it('draws a metric by its dimensions, with what it is measured against in grey and the line of the alarm', () => {
    const { metrics, view, period, annotations } = byTitle('Prediction drift')!;
    const dimensions = ['Stage', 'dev', 'Model', 'droughtwatch-baseline', 'Window', 'recent'];
    const noise = { label: `noise floor: ${last}`, stat: 'Maximum', color: COLOURS.reference };
    assert.deepEqual(metrics, [
      ['Swath', 'Drift', ...dimensions, { label: `drift: ${last}`, stat: 'Maximum' }],
      ['Swath', 'NoiseFloor', ...dimensions, noise],
    ]);
    assert.deepEqual([view, period], ['timeSeries', 300]);
    const level = { label: 'alarm above', value: exampleParameters.driftThreshold, color: COLOURS.level };
    assert.deepEqual(annotations, { horizontal: [level] });
  });

  it('searches for the classes, and draws their reference beside them in the same order', () => {
    const expression = (name: string) =>
      `SEARCH('{Swath,Stage,Model,Window,Class} MetricName="${name}" Stage="dev" Model="droughtwatch-baseline" Window="recent"', 'Maximum', 300)`;
    const drawn = (name: string, label: string) => [
      [{ expression: expression(name), label: `${label} ${ofClass}: ${last}` }],
    ];
    const [predicted, beside] = [byTitle('Class shares')!, byTitle('Reference')!];
    assert.deepEqual(predicted['metrics'], drawn('ClassShare', 'predicted'));
    assert.deepEqual(beside['metrics'], drawn('ReferenceShare', 'reference'));
    assert.deepEqual([predicted['view'], beside['view']], ['timeSeries', 'bar']);
    assert.deepEqual(predicted['yAxis'], beside['yAxis']);
  });

  it('shows every alarm, and the ledger by its function', () => {
    assert.equal((byTitle('Alarms')!['alarms'] as string[]).length, alarmsOf(exampleParameters).length);
    for (const [title, view] of [
      ['Live', 'status'],
      ['Runs', 'ledger'],
    ] as const) {
      const { endpoint, params } = byTitle(title)!;
      assert.match(String(endpoint), /LedgerWidgetLambdaFunction\.Arn/);
      assert.deepEqual(params, { view });
    }
  });

  it('explains each panel', () => {
    const explanation = String(widgets.at(-1)?.properties['markdown']);
    for (const { title, meaning } of dashboardOf(exampleParameters).flatMap(({ panels }) => panels))
      assert.ok(explanation.includes(`- **${title}**: ${meaning}`));
  });

  it('stays within what CloudWatch draws', () => {
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
    assert.ok(widgets.length <= 500);
    for (const { properties } of widgets) {
      for (const [first] of (properties['metrics'] ?? []) as [{ expression?: string }][])
        assert.ok((first.expression ?? '').length <= 1024);
    }
  });

  for (const ground of ['#ffffff', '#161d26']) {
    it(`has colours that stand out from ${ground}`, () => {
      for (const colour of Object.values(COLOURS)) assert.ok(contrast(colour, ground) >= 3, colour);
    });
  }
});

it('a panel that fits no row begins a new one', () => {
  const series = { metric: { namespace: 'N', name: 'M', dimensions: {} }, statistic: 'Sum', label: 'm' } as const;
  const lines = { kind: 'lines', meaning: '', unit: 'count', periodSeconds: 60 } as const;
  const panel = (id: string): ChartPanel => ({ ...lines, id, title: id, levels: [], series: [series] });
  const group = { title: 'Four', panels: ['a', 'b', 'c', 'd'].map(panel) };
  const [text] = dashboardBody([group], []);
  const { widgets } = JSON.parse(text);
  assert.equal(widgets.map(({ x, y }: Widget) => `${x},${y}`).join(' '), '0,0 0,1 8,1 16,1 0,7 0,13');
});

for (const [region, host] of [
  ['eu-central-1', 'eu-central-1.console.aws.amazon.com'],
  ['us-gov-east-1', 'us-gov-east-1.console.amazonaws-us-gov.com'],
  ['cn-northwest-1', 'cn-northwest-1.console.amazonaws.cn'],
] as const)
  it(`the dashboard of a stage in ${region} is in the console of that partition`, () => {
    const { DashboardUrl } = templateOf(exampleParameters, region).Outputs;
    const { 'Fn::Sub': url } = DashboardUrl!.Value as { 'Fn::Sub': string };
    const at = `https://${host}/cloudwatch/home?region=${region}#dashboards/dashboard/swath-dev-${region}`;
    assert.equal(url.replaceAll(reference('AWS::Region'), region), at);
    assert.equal(dashboardUrl('dev', region), at);
  });

it('the Serverless Framework hands over its parameters, as numbers or as the text of its command line', async () => {
  const numbers = { driftThreshold: '0.3', driftWindow: '100', blankShareLimit: 0.5, quietDaysLimit: 2 };
  const parameters = Object.entries({ modelName: 'm', ...numbers });
  const named = parameters.map(([name, value]) => [`param:${name}`, value]);
  const given: Record<string, unknown> = {
    'sls:stage': 'prod',
    'aws:region': 'cn-north-1',
    ...Object.fromEntries(named),
  };
  const { Resources: made, Outputs } = await observabilityResources({ resolveVariable: async (name) => given[name] });
  const { Threshold, AlarmName } = made['DriftAlarm']!.Properties;
  assert.deepEqual([Threshold, AlarmName], [0.3, 'swath-prod-drift']);
  assert.equal(made['NothingArrivedAlarm']?.Properties['Threshold'], 2);
  assert.deepEqual(Object.keys(Outputs), ['ObservedParameters', 'DashboardUrl']);
  assert.match(JSON.stringify(Outputs['DashboardUrl']), /console\.amazonaws\.cn/);
  assert.match(JSON.stringify(made['Dashboard']), /"StateMachineArn\\",\\"\$\{Pipeline\}/);
});

/** https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrast(one: string, other: string): number {
  const luminance = (colour: string) => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
      const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** A description as CloudFormation makes it. */
function textOf(description: unknown): string {
  return (description as { 'Fn::Sub': string })['Fn::Sub'].replaceAll(reference('AWS::Region'), 'eu-central-1');
}
