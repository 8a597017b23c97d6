import { stringify } from 'yaml';
import { SERVER_ALERTS, SERVER_PANELS, type ServerPanel } from './serverPanels.ts';

/** The first line of generated files whose format has comments. */
const MADE = '# Written by `npm run docs`, from observability/serverPanels.ts.\n';

/** The generated files of deployment/monitoring, by name. */
export function monitoringFiles(): Record<string, string> {
  return {
    'alerts.yml': `${MADE}${stringify(alertRules(), { lineWidth: 0 })}`,
    'dashboard.json': `${JSON.stringify(grafanaDashboard(), null, 2)}\n`,
  };
}

/** https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/ */
function alertRules() {
  const rules = SERVER_ALERTS.map(({ id, title, severity, promql, forMinutes, meaning, firstStep }) => ({
    alert: id,
    expr: promql,
    for: `${forMinutes}m`,
    labels: { severity },
    annotations: { summary: title, description: `${meaning} First: ${firstStep}` },
  }));
  return { groups: [{ name: 'swath', rules }] };
}

const COLUMNS = 24;
const WIDTH = 12;
const HEIGHT = 8;

/** https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/ */
function grafanaDashboard() {
  return {
    uid: 'swath',
    title: 'Swath: predictions over HTTP',
    tags: ['swath'],
    timezone: 'utc',
    schemaVersion: 39,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    panels: SERVER_PANELS.map(grafanaPanel),
  };
}

function grafanaPanel({ title, meaning, unit, series }: ServerPanel, i: number) {
  const x = (i * WIDTH) % COLUMNS;
  return {
    id: i + 1,
    type: 'timeseries',
    ...{ title, description: meaning },
    datasource: { type: 'prometheus', uid: 'prometheus' },
    gridPos: { x, y: Math.floor((i * WIDTH) / COLUMNS) * HEIGHT, w: WIDTH, h: HEIGHT },
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    targets: series.map(({ label, promql }, at) => ({
      refId: String.fromCharCode('A'.charCodeAt(0) + at),
      ...{ expr: promql, legendFormat: label },
    })),
  };
}
