import type { Service } from '../../console/service.ts';
import type { AlarmState } from '../../observability/alarmState.ts';

/** An alarm that went off or is over; `email` is the id of its e-mail, if that is in an outbox. */
export type AlarmChange = AlarmState & { state: 'ALARM' | 'OK'; email?: string };

/** Follows the alarms: a look returns what has changed since the one before; an alarm that is OK at first has not. */
export async function followAlarms({ readAlarms, readOutbox }: Pick<Service, 'readAlarms' | 'readOutbox'>) {
  const seen = new Set((await readOutbox?.())?.map(({ id }) => id));
  const states = async () => new Map((await readAlarms()).map((alarm) => [alarm.id, alarm]));
  let before = await states();

  return async function look(): Promise<AlarmChange[]> {
    const now = await states();
    const changes: AlarmChange[] = [];
    for (const alarm of now.values()) {
      const { id, state } = alarm;
      const was = before.get(id)?.state;
      if (state === was || state === 'INSUFFICIENT_DATA' || (state === 'OK' && was !== 'ALARM')) continue;
      // E-mails come newest first; the ids of those of the embedded stack are the time and what they are about.
      const email = (await readOutbox?.())?.find((one) => !seen.has(one.id) && one.id.endsWith(`Z-${id}-${state}`));
      if (email !== undefined) seen.add(email.id);
      changes.push({ ...alarm, state, ...(email !== undefined && { email: email.id }) });
    }
    before = now;
    return changes;
  };
}
