import { SERVICE_LEVELS, shareInWords } from './serviceLevels.ts';

/**
 * Defines the monitoring of a prediction server once: its Grafana dashboard and its Prometheus alert rules in
 * deployment/monitoring are generated from here. Its metrics are those of server/serverMetrics.ts.
 */
export type ServerPanel = {
  id: string;
  title: string;
  /** How to read it, in a sentence. */
  meaning: string;
  /** The unit's name in Grafana. */
  unit: 'reqps' | 'percentunit' | 's' | 'short' | 'bytes';
  series: readonly { label: string; promql: string }[];
};

export type ServerAlert = {
  id: string;
  title: string;
  /** Whether somebody is woken, or reads it the next day. */
  severity: 'page' | 'ticket';
  /** The condition in PromQL. */
  promql: string;
  /** How long the condition must hold. */
  forMinutes: number;
  meaning: string;
  firstStep: string;
};

const { failedOfDay, failedOfMinutes, burnRates, fast, taken } = SERVICE_LEVELS;
const [MINUTES, DAY] = [`${failedOfMinutes.seconds / 60}m`, `${failedOfDay.seconds / 86_400}d`];

const PREDICTIONS = 'route="/v1/models/{model}/predictions"';
const BY_MODEL = 'sum by (model, version)';

const UNCOUNTED = 'swath_counted_inputs_total{counted="no"}';

/** What callers ask for; probes and scrapes, of which a quiet service has more, tell nothing. */
const ASKED = 'route=~"/v1/.+/(predictions|truth)"';
const FAILED = `swath_requests_total{${ASKED}, status=~"5.."}`;

/** The share of callers' requests that failed with 5xx; no value without requests. */
const errorShare = (range: string, sum = 'sum') =>
  `${sum} (rate(${FAILED}[${range}])) / ${sum} (rate(swath_requests_total{${ASKED}}[${range}]))`;
/** Whether the budget burns too fast, for each value of some labels. */
const burns = (rates: readonly { rate: number; long: string; short: string }[], labels: string) => {
  const sum = `sum by (${labels})`;
  return rates
    .map(({ rate, long, short }) => {
      const most = Number((rate * failedOfDay.share).toPrecision(6));
      const enough = `${sum} (increase(${FAILED}[${long}])) >= ${burnRates.leastFailures}`;
      return `(${errorShare(long, sum)} > ${most} and ${errorShare(short, sum)} > ${most} and ${enough})`;
    })
    .join(' or ');
};
const windows = (rates: readonly { rate: number; long: string; short: string }[]) =>
  rates
    .map(({ rate, long, short }) => `${shareInWords(rate * failedOfDay.share)} over ${long} and over ${short}`)
    .join(', or ');
const quantile = (share: number, histogram: string, labels = '') =>
  `histogram_quantile(${share}, sum by (le) (rate(${histogram}_bucket${labels}[5m])))`;
const PERCENTILES = [
  [0.5, 'half of them within'],
  [0.95, '95 % within'],
  [0.99, '99 % within'],
] as const;

export const SERVER_PANELS: readonly ServerPanel[] = [
  {
    id: 'requests',
    title: 'Requests',
    meaning: 'By status: 4xx are errors of the client, 5xx errors of the server.',
    unit: 'reqps',
    series: [{ label: '{{status}}', promql: 'sum by (status) (rate(swath_requests_total[5m]))' }],
  },
  {
    id: 'errors',
    title: 'Requests without an answer',
    meaning: `The share of 5xx. In a day ${shareInWords(failedOfDay.share)} are allowed.`,
    unit: 'percentunit',
    series: [
      { label: 'in 5 minutes', promql: errorShare(MINUTES) },
      { label: 'in a day', promql: errorShare(DAY) },
    ],
  },
  {
    id: 'latency',
    title: 'How long predictions take',
    meaning: 'From the whole request to its answer.',
    unit: 's',
    series: PERCENTILES.map(([share, label]) => ({
      label,
      promql: quantile(share, 'swath_request_seconds', `{${PREDICTIONS}}`),
    })),
  },
  {
    id: 'inputs',
    title: 'Inputs',
    meaning: 'Inputs that the models were asked to predict, per second.',
    unit: 'short',
    series: [{ label: '{{model}} {{version}}', promql: `${BY_MODEL} (rate(swath_inputs_total[5m]))` }],
  },
  {
    id: 'odd-inputs',
    title: 'Inputs that were converted or refused',
    meaning: 'The share of the inputs: a rise points to a change in a client.',
    unit: 'percentunit',
    series: [
      {
        label: 'with a warning, {{model}} {{version}}',
        promql: `${BY_MODEL} (rate(swath_input_warnings_total[5m])) / ${BY_MODEL} (rate(swath_inputs_total[5m]))`,
      },
      {
        label: 'with an error, {{model}} {{version}}',
        promql: `${BY_MODEL} (rate(swath_input_errors_total[5m])) / ${BY_MODEL} (rate(swath_inputs_total[5m]))`,
      },
    ],
  },
  {
    id: 'counting',
    title: 'Inputs whose predictions were sent to be counted',
    meaning:
      '"no" marks those that could not be sent: the server\'s log says why. Empty for a server that counts none.',
    unit: 'short',
    series: [{ label: '{{counted}}', promql: 'sum by (counted) (rate(swath_counted_inputs_total[5m]))' }],
  },
  {
    id: 'shadows',
    title: 'Inputs for a shadow',
    meaning:
      '"no" marks those for which no thread was idle in time, or that the shadow could not get: the server\'s log says why. Empty if no version shadows another.',
    unit: 'short',
    series: [
      {
        label: '{{model}} {{version}}, {{seen}}',
        promql: 'sum by (model, version, seen) (rate(swath_shadowed_inputs_total[5m]))',
      },
    ],
  },
  {
    id: 'batches',
    title: 'Inputs a batch',
    meaning: 'One while threads are idle; the more inputs wait, the larger.',
    unit: 'short',
    series: [
      {
        label: '{{model}} {{version}}',
        promql: `${BY_MODEL} (rate(swath_batch_inputs_sum[5m])) / ${BY_MODEL} (rate(swath_batch_inputs_count[5m]))`,
      },
    ],
  },
  {
    id: 'waiting',
    title: 'How long inputs wait for a thread',
    meaning: 'The first input of each batch. If it grows, add threads or servers.',
    unit: 's',
    series: PERCENTILES.map(([share, label]) => ({ label, promql: quantile(share, 'swath_batch_wait_seconds') })),
  },
  {
    id: 'in-flight',
    title: 'Requests under way',
    meaning: 'Accepted, and not answered yet.',
    unit: 'short',
    series: [{ label: '{{instance}}', promql: 'swath_requests_in_flight' }],
  },
  {
    id: 'processor',
    title: 'Processor',
    meaning: 'Processor seconds per second: the number of cores is full load.',
    unit: 'short',
    series: [{ label: '{{instance}}', promql: 'rate(process_cpu_seconds_total{job="swath"}[5m])' }],
  },
  {
    id: 'memory',
    title: 'Memory',
    meaning: 'Memory of the whole process, with the models of each thread.',
    unit: 'bytes',
    series: [{ label: '{{instance}}', promql: 'process_resident_memory_bytes{job="swath"}' }],
  },
];

export const SERVER_ALERTS: readonly ServerAlert[] = [
  {
    id: 'SwathDown',
    severity: 'page',
    title: 'No server of predictions answers',
    promql: 'sum(up{job="swath"}) == 0 or absent(up{job="swath"})',
    forMinutes: 1,
    meaning: 'Prometheus has had no answer from any of them for a minute.',
    firstStep: 'look at the log of the container: a model package that cannot be loaded is named there.',
  },
  {
    id: 'SwathServerDown',
    severity: 'ticket',
    title: 'One server of predictions does not answer',
    promql: 'up{job="swath"} == 0 and on () sum(up{job="swath"}) > 0',
    forMinutes: 5,
    meaning: 'Prometheus has had no answer from it for five minutes, while others answer.',
    firstStep: 'look at the log of that container, also of its former run: what ended it is told there.',
  },
  {
    id: 'SwathRestarts',
    severity: 'ticket',
    title: 'A server of predictions starts again and again',
    promql: 'changes(process_start_time_seconds{job="swath"}[30m]) > 2',
    forMinutes: 0,
    meaning: 'It has started more than twice within half an hour.',
    firstStep: 'look why its container ended: 137 is too little memory, or a liveness probe without an answer.',
  },
  {
    id: 'SwathErrors',
    severity: 'page',
    title: 'Predictions fail',
    promql: burns(burnRates.page, 'route'),
    forMinutes: 0,
    meaning: `Of the requests of a route, more than ${windows(burnRates.page)} had a status of 5xx, ${burnRates.leastFailures} of them at least: what a month may have is used up within days.`,
    firstStep: 'look at the log for unexpected errors; only 503 means that too many inputs wait for the models.',
  },
  {
    id: 'SwathErrorsOfServer',
    severity: 'ticket',
    title: 'Predictions of one server fail',
    promql: burns(burnRates.page, 'route, instance'),
    forMinutes: 0,
    meaning: `Of the requests of a route to one server, more than ${windows(burnRates.page)} had a status of 5xx, ${burnRates.leastFailures} of them at least.`,
    firstStep: 'compare it with the others on the dashboard; if they are well, look at its log and end it.',
  },
  {
    id: 'SwathErrorsOfDays',
    severity: 'ticket',
    title: 'The service level is missed',
    promql: burns(burnRates.ticket, 'route'),
    forMinutes: 0,
    meaning: `Of the requests of a route, more than ${windows(burnRates.ticket)} had a status of 5xx, ${burnRates.leastFailures} of them at least.`,
    firstStep: 'see on the dashboard when they failed, and in the log why.',
  },
  {
    id: 'SwathSlow',
    severity: 'page',
    title: 'Predictions are slow',
    promql: `${quantile(fast.percentile / 100, 'swath_request_seconds', `{${PREDICTIONS}}`)} > ${fast.serverSeconds} and sum(increase(swath_request_seconds_bucket{${PREDICTIONS}, le="+Inf"}[5m])) >= 10`,
    forMinutes: 5,
    meaning: `For five minutes, more than ${100 - fast.percentile} % of the requests have taken longer than ${fast.serverSeconds} s.`,
    firstStep: 'compare with how long inputs wait: if that has grown as well, add threads or servers.',
  },
  {
    id: 'SwathWaiting',
    severity: 'page',
    title: 'Inputs wait for the models',
    promql: `${quantile(taken.percentile / 100, 'swath_batch_wait_seconds')} > ${taken.seconds}`,
    forMinutes: 5,
    meaning: `For five minutes, more than ${100 - taken.percentile} % of the batches have waited longer than ${taken.seconds} s for a thread.`,
    firstStep: 'add threads or servers: otherwise requests will soon be answered with 503.',
  },
  {
    id: 'SwathUncounted',
    severity: 'page',
    title: 'Predictions are not counted',
    // For a series that did not exist an hour ago, take its whole value: Prometheus sees no increase in a first sample.
    promql: `sum(increase(${UNCOUNTED}[1h])) > 0 or (sum(${UNCOUNTED}) > 0 unless sum(${UNCOUNTED} offset 1h))`,
    forMinutes: 0,
    meaning:
      'Predictions that were answered within the last hour could not be sent to be counted: drift, reports and tables lack them. The answers are not affected.',
    firstStep:
      'look at the log: each such request is there with the reason. Servers of a stage need permission to send to its queue of requests.',
  },
];
