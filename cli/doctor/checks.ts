import { credentials, stack } from './access.ts';
import { alarms } from './alarms.ts';
import { eventWiring } from './canary.ts';
import type { Check } from './check.ts';
import { deadLetters } from './deadLetters.ts';
import type { EmbeddedPorts } from './embeddedPorts.ts';
import { model } from './model.ts';
import type { StagePorts } from './stagePorts.ts';
import { buckets, tables } from './storage.ts';
import { outbox, subscription } from './told.ts';
import { arrivalsRule, inboxEvents, sweepRule } from './triggers.ts';
import { watching } from './watching.ts';

/** What is looked at on a stage, in this order: whatever needs another comes after it. */
export const STAGE_CHECKS: Check<StagePorts>[] = [
  ...[credentials, stack, buckets, tables, model, subscription],
  ...[arrivalsRule, sweepRule, inboxEvents, deadLetters, alarms, eventWiring],
];

/** What is looked at of the embedded stack. */
export const EMBEDDED_CHECKS: Check<EmbeddedPorts>[] = [
  ...[watching, buckets, tables, model, outbox, alarms, eventWiring],
];
