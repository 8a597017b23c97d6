import { eventWiring } from './canary.ts';
import type { Check } from './check.ts';
import type { EmbeddedPorts } from './embeddedPorts.ts';
import { alarms, buckets, model, outbox, tables, watching } from './serviceChecks.ts';
import { arrivalsRule, credentials, deadLetters, inboxEvents, stack, subscription, sweepRule } from './stageChecks.ts';
import type { StagePorts } from './stagePorts.ts';

/** The checks of a stage, in order: each comes after those that it needs. */
export const STAGE_CHECKS: Check<StagePorts>[] = [
  credentials,
  stack,
  buckets,
  tables,
  model,
  subscription,
  arrivalsRule,
  sweepRule,
  inboxEvents,
  deadLetters,
  alarms,
  eventWiring,
];

export const EMBEDDED_CHECKS: Check<EmbeddedPorts>[] = [watching, buckets, tables, model, outbox, alarms, eventWiring];
