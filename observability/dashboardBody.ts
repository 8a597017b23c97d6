import layout from './dashboardLayout.json' with { type: 'json' };
import type { ChartPanel, Dashboard, Panel, Series } from './panel.ts';

type Widget = { type: 'metric' | 'alarm' | 'custom' | 'text'; width: number; height: number; properties: object };

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html */
const COLUMNS = 24;
/** Two weeks show a drift rise and fall, and SEARCH finds no older metrics. */
const TIME_RANGE = '-P14D';

/** Width and height in the grid: the first group fits on one screen, about sixteen rows. */
const SIZES: Readonly<Record<string, { width: number; height: number }>> = layout.sizes;
const USUAL_SIZE = { width: 8, height: 6 };
const HEADING_HEIGHT = 1;
const EXPLANATION_HEIGHT = 14;

/** Mid-tones, visible on a white and on a dark background. */
export const COLOURS = { reference: '#7d8998', level: '#d13212' };

const AXIS: Record<ChartPanel['unit'], { min?: number; max?: number; label: string }> = layout.axes;

/**
 * The parts of a legend that CloudWatch fills in: the last value, and the value of the open dimension. They look like references
 * themselves, so they are passed as variables (`${!LAST}` works as well, but not everywhere).
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/graph-dynamic-labels.html
 */
const LAST = 'LegendLast';
const legendOf = (dimension: string) => `LegendOf${dimension}`;

/** A CloudWatch dashboard's body, for `Fn::Sub`: a text that is JSON before the substitution as well as after it. The alarms' ARNs are such texts as well. */
export function dashboardBody(dashboard: Dashboard, alarmArns: string[]): [text: string, Record<string, string>] {
  const widgets: (Widget & { x: number; y: number })[] = [];
  let y = 0;
  const place = (row: Widget[]): void => {
    let [x, rowHeight] = [0, 0];
    for (const widget of row) {
      if (x + widget.width > COLUMNS) {
        y += rowHeight;
        [x, rowHeight] = [0, 0];
      }
      widgets.push({ ...widget, x, y });
      x += widget.width;
      rowHeight = Math.max(rowHeight, widget.height);
    }
    y += rowHeight;
  };
  const placeText = (markdown: string, height: number) =>
    place([{ type: 'text', width: COLUMNS, height, properties: { markdown, background: 'transparent' } }]);

  for (const { title, panels } of dashboard) {
    placeText(`## ${title}`, HEADING_HEIGHT);
    place(panels.flatMap((panel) => widgetsOf(panel, alarmArns)));
  }
  const panels = dashboard.flatMap((group) => group.panels);
  const meanings = panels.map(({ title, meaning }) => `- **${title}**: ${meaning}`);
  placeText(`## How to read it\n${meanings.join('\n')}`, EXPLANATION_HEIGHT);
  const series = panels.flatMap((panel) => ('series' in panel ? panel.series : []));
  const open = new Set(series.flatMap(({ each }) => each ?? []));
  const variables = Object.fromEntries([...open].map((name) => [legendOf(name), reference(`PROP('Dim.${name}')`)]));
  const text = JSON.stringify({ start: TIME_RANGE, periodOverride: 'inherit', widgets });
  return [text, { [LAST]: reference('LAST'), ...variables }];
}

function widgetsOf(panel: Panel, alarmArns: string[]): Widget[] {
  const { width, height } = SIZES[panel.id.replace(/-by-day$/, '')] ?? USUAL_SIZE;
  const { title } = panel;
  if ('series' in panel) return chartsOf(panel, width, height);
  const alarms = { title, alarms: alarmArns, sortBy: 'stateUpdatedTimestamp' };
  if (panel.kind === 'alarms') return [{ type: 'alarm', width, height, properties: alarms }];
  const updateOn = { refresh: true, resize: false, timeRange: false }; // it always shows the present
  const endpoint = reference('LedgerWidgetLambdaFunction.Arn');
  const properties = { title, endpoint, params: { view: panel.kind }, updateOn };
  return [{ type: 'custom', width, height, properties }];
}

/**
 * CloudWatch itself colours the results of a SEARCH, in order. A reference for such results is therefore a chart of its own, with
 * the same colours in the same order; as it is constant, it has a bar for each.
 */
function chartsOf(panel: ChartPanel, width: number, height: number): Widget[] {
  const isFoundReference = ({ each, isReference }: Series) => each !== undefined && isReference === true;
  const found = panel.series.filter(isFoundReference);
  const others = panel.series.filter((series) => !isFoundReference(series));
  const beside = found.length === 0 ? 0 : Math.round(width / 3);
  const charts = [{ type: 'metric' as const, width: width - beside, height, properties: chart(panel, others) }];
  const ofReference = chart({ ...panel, title: 'Reference' }, found, 'bar');
  if (found.length > 0) charts.push({ type: 'metric', width: beside, height, properties: ofReference });
  return charts;
}

function chart(panel: ChartPanel, series: Series[], view: 'timeSeries' | 'bar' = 'timeSeries') {
  const { title, kind, unit, periodSeconds, levels } = panel;
  const horizontal = levels.map((level) => ({ ...level, color: COLOURS.level }));
  return {
    title,
    region: reference('AWS::Region'),
    // CloudWatch's bars show one value of each metric without time, so bars over time become stacked areas.
    view,
    stacked: kind === 'bars',
    period: periodSeconds,
    metrics: series.map((one) => metricRow(one, panel)),
    yAxis: { left: { ...AXIS[unit], showUnits: false } },
    ...(horizontal.length > 0 && { annotations: { horizontal } }),
  };
}

/**
 * A metric by its name and dimensions, or a SEARCH for each value of the dimension that is open.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
 */
function metricRow(series: Series, { periodSeconds, unit }: ChartPanel): unknown[] {
  const { metric, each, statistic, isReference } = series;
  const { namespace, name, dimensions } = metric;
  const label = legend(series, unit);
  if (each === undefined) {
    const colour = isReference === true ? { color: COLOURS.reference } : {};
    return [namespace, name, ...Object.entries(dimensions).flat(), { label, stat: statistic, ...colour }];
  }
  const schema = [namespace, ...Object.keys(dimensions), each].join(',');
  const terms = Object.entries({ MetricName: name, ...dimensions }).map(([key, value]) => `${key}="${value}"`);
  return [{ expression: `SEARCH('{${schema}} ${terms.join(' ')}', '${statistic}', ${periodSeconds})`, label }];
}

/** A label that CloudWatch completes; for shares, distances and predictions it includes the last value. */
function legend({ label, each }: Series, unit: ChartPanel['unit']): string {
  const name = each === undefined ? label : `${label} ${reference(legendOf(each))}`;
  return ['share', 'distance', 'number'].includes(unit) ? `${name}: ${reference(LAST)}` : name;
}

/**
 * A placeholder for CloudFormation's `Fn::Sub`: it is replaced by what it names, a resource, one of its
 * attributes, a pseudo parameter, or a variable passed with the text.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-sub.html
 */
export const reference = (name: string): string => `\${${name}}`;
