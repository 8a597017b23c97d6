import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ModelRef } from '../core/base/messages.ts';
import type { Answered } from '../core/doors/online/answer.ts';
import type { Batched } from '../core/doors/online/batcher.ts';
import type { Counted } from '../core/doors/online/counter.ts';
import { FAILURES } from '../core/doors/online/engine.ts';
import type { ShadowedAnswer } from '../core/doors/online/onlineShadow.ts';

/** Seconds from half a millisecond to 30 s, which is how long a request may take. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const INPUTS = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/** What a server counts since it began, as Prometheus reads it. */
export function makeServerMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const about = (name: string, help: string) => ({ name: `swath_${name}`, help, registers: [registry] });
  const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Counter({ ...about(name, help), labelNames });
  const histogram = <Label extends string>(name: string, help: string, buckets: number[], ...labelNames: Label[]) =>
    new Histogram({ ...about(name, help), labelNames, buckets });
  const ofModel = ['model', 'version'] as const;

  const requests = counter('requests_total', 'Requests by route and status.', 'route', 'status');
  const failures = counter('request_failures_total', 'Requests that failed, by whose fault it is.', 'route', 'type');
  // From the start on: Prometheus sees no increase in a series that was not there before.
  const infer = ['', '/versions/{version}'].map((version) => `/v2/models/{model}${version}/infer`);
  for (const route of ['/v1/models/{model}/predictions', '/v1/models/{model}/truth', ...infer]) {
    for (const status of [200, 500, 503]) requests.inc({ route, status }, 0);
    for (const type of ['busy', 'internal', 'model', ...Object.values(FAILURES)]) failures.inc({ route, type }, 0);
  }
  const seconds = histogram('request_seconds', 'From the whole request to its answer.', SECONDS, 'route');
  const inputs = counter('inputs_total', 'Inputs of requests for predictions.', ...ofModel);
  const errors = counter('input_errors_total', 'Inputs without a prediction, for an error.', ...ofModel);
  const warningsHelp = 'Inputs that were converted, or not classified, with a warning.';
  const warnings = counter('input_warnings_total', warningsHelp, ...ofModel);
  const batchInputs = histogram('batch_inputs', 'Inputs that a model was run on together.', INPUTS, ...ofModel);
  const waitHelp = 'How long the first input of a batch waited for it.';
  const waited = histogram('batch_wait_seconds', waitHelp, SECONDS, ...ofModel);
  const countedHelp = 'Inputs whose predictions were sent to be counted (counted="yes"), or could not be.';
  const ranHelp = 'How long a model took for a batch, with the way to its thread and back.';
  const ran = histogram('batch_seconds', ranHelp, SECONDS, ...ofModel);
  const failed = counter('batch_failures_total', 'Batches that failed, by the type of failure.', ...ofModel, 'type');
  const counted = counter('counted_inputs_total', countedHelp, ...ofModel, 'counted');
  const shadowedHelp =
    'Inputs of the share of a shadow: those that it has seen (seen="yes"), and those that it could not, or had no time for.';
  const shadowed = counter('shadowed_inputs_total', shadowedHelp, ...ofModel, 'seen');
  const inFlight = new Gauge(about('requests_in_flight', 'Requests without an answer yet.'));

  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    onAsked: () => inFlight.inc(),
    onAnswered: (answered: Answered) => {
      inFlight.dec();
      const route = answered.route ?? 'none';
      requests.inc({ route, status: answered.status });
      seconds.observe({ route }, answered.seconds);
      if (answered.failure !== null) failures.inc({ route, type: answered.failure });
      if (answered.model === null) return;
      const { name: model, version } = answered.model;
      inputs.inc({ model, version }, answered.inputs);
      errors.inc({ model, version }, answered.errors);
      warnings.inc({ model, version }, answered.warnings);
    },
    onCounted: ({ model: { name: model, version }, inputs: those, error }: Counted) => {
      // Both from the first one on: Prometheus sees no increase in a series that was not there before.
      counted.inc({ model, version, counted: 'yes' }, error === null ? those : 0);
      counted.inc({ model, version, counted: 'no' }, error === null ? 0 : those);
    },
    onShadowed: ({ model: { name: model, version }, inputs: those, isSeen }: ShadowedAnswer) => {
      shadowed.inc({ model, version, seen: 'yes' }, isSeen ? those : 0);
      shadowed.inc({ model, version, seen: 'no' }, isSeen ? 0 : those);
    },
    onBatch: ({ name: model, version }: ModelRef, { chips, waitedSeconds, ...batch }: Batched) => {
      batchInputs.observe({ model, version }, chips);
      waited.observe({ model, version }, waitedSeconds);
      ran.observe({ model, version }, batch.seconds);
      for (const type of ['model', ...Object.values(FAILURES)]) failed.inc({ model, version, type }, 0);
      if (batch.failure !== null) failed.inc({ model, version, type: FAILURES[batch.failure] ?? 'model' });
    },
  };
}
