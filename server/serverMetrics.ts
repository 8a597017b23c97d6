import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ModelRef } from '../core/base/messages.ts';
import type { Answered } from '../core/doors/online/answer.ts';
import type { Batched } from '../core/doors/online/batcher.ts';
import type { Counted } from '../core/doors/online/counter.ts';
import type { ShadowedAnswer } from '../core/doors/online/onlineShadow.ts';

/** Seconds from half a millisecond to 30 s, which is how long a request may take. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const INPUTS = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/** What a server counts since it began, as Prometheus reads it. */
export function makeServerMetrics() {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    ...{ name: 'swath_requests_total', help: 'Requests by route and status.', registers },
    labelNames: ['route', 'status'],
  });
  // From the start on: Prometheus sees no increase in a series that was not there before.
  for (const what of ['predictions', 'truth'])
    for (const status of [200, 500, 503]) requests.inc({ route: `/v1/models/{model}/${what}`, status }, 0);
  const seconds = new Histogram({
    ...{ name: 'swath_request_seconds', help: 'From the whole request to its answer.', registers },
    ...{ labelNames: ['route'], buckets: SECONDS },
  });
  const ofModel = ['model', 'version'] as const;
  const inputs = new Counter({
    name: 'swath_inputs_total',
    help: 'Inputs of requests.',
    labelNames: ofModel,
    registers,
  });
  const errors = new Counter({
    ...{ name: 'swath_input_errors_total', help: 'Inputs without a prediction, for an error.', registers },
    labelNames: ofModel,
  });
  const warnings = new Counter({
    ...{
      name: 'swath_input_warnings_total',
      help: 'Inputs that were converted, or not classified, with a warning.',
      registers,
    },
    labelNames: ofModel,
  });
  const batchInputs = new Histogram({
    ...{ name: 'swath_batch_inputs', help: 'Inputs that a model was run on together.', registers },
    ...{ labelNames: ofModel, buckets: INPUTS },
  });
  const waited = new Histogram({
    ...{ name: 'swath_batch_wait_seconds', help: 'How long the first input of a batch waited for it.', registers },
    ...{ labelNames: ofModel, buckets: SECONDS },
  });
  const counted = new Counter({
    ...{
      name: 'swath_counted_inputs_total',
      help: 'Inputs whose predictions were sent to be counted (counted="yes"), or could not be.',
      registers,
    },
    labelNames: [...ofModel, 'counted'],
  });
  const shadowed = new Counter({
    ...{
      name: 'swath_shadowed_inputs_total',
      help: 'Inputs of the share of a shadow: those that it has seen (seen="yes"), and those that it could not, or had no time for.',
      registers,
    },
    labelNames: [...ofModel, 'seen'],
  });
  const inFlight = new Gauge({ name: 'swath_requests_in_flight', help: 'Requests without an answer yet.', registers });

  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    onAsked: () => inFlight.inc(),
    onAnswered: (answered: Answered) => {
      inFlight.dec();
      const route = answered.route ?? 'none';
      requests.inc({ route, status: answered.status });
      seconds.observe({ route }, answered.seconds);
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
    onBatch: ({ name: model, version }: ModelRef, { chips, waitedSeconds }: Batched) => {
      batchInputs.observe({ model, version }, chips);
      waited.observe({ model, version }, waitedSeconds);
    },
  };
}
