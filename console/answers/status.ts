import { newestInStates } from '../../core/ledger/ledgerQueries.ts';
import { RUNNING } from '../../core/ledger/states.ts';
import { noneIfInvalid } from '../../core/releases/models.ts';
import { type AlarmState, alarmsOf, runbookSection } from '../../observability/alarms.ts';
import type { ObservedParameters } from '../../observability/parameters.ts';
import type { Status, WindowNumbers } from '../api.ts';
import type { Service } from '../service.ts';
import { summaryOf } from './runSummary.ts';

export async function statusOf(service: Service, recent: WindowNumbers | null): Promise<Status> {
  const { parameters } = service;
  const [live, alarms, running] = await Promise.all([
    service.models.promotion().catch(noneIfInvalid),
    service.readAlarms(),
    newestInStates(service.ledger, RUNNING, { limit: 50 }),
  ]);
  return {
    stage: service.stage,
    now: service.now().toISOString(),
    model: live && { name: live.name, version: live.version, promotedAt: live.promotedAt },
    alarms: explained(alarms, parameters),
    running: await Promise.all(running.map((row) => summaryOf(service.listResults, row))),
    recent,
    threshold: parameters.driftThreshold,
    accuracyLimit: parameters.accuracyLimit,
    outbox: service.readOutbox !== null,
    predicts: service.tryOut !== null,
  };
}

const URGENCY: Record<AlarmState['state'], number> = { ALARM: 0, INSUFFICIENT_DATA: 1, OK: 2 };

function explained(states: AlarmState[], parameters: ObservedParameters): Status['alarms'] {
  const definitions = new Map(alarmsOf(parameters).map((alarm) => [alarm.id, alarm]));
  return states
    .map((state) => {
      const { title = state.name, meaning = '', firstStep = '', page = null } = definitions.get(state.id) ?? {};
      return { ...state, title, meaning, firstStep, page, runbook: runbookSection(state.id) };
    })
    .sort((a, b) => URGENCY[a.state] - URGENCY[b.state]);
}
