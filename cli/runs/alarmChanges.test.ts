import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AlarmState } from '../../observability/alarmState.ts';
import { followAlarms } from './alarmChanges.ts';

test('two alarms that go off at once each have their own e-mail, although one name ends with the other', async () => {
  let state: AlarmState['state'] = 'OK';
  const emails = ['band-drift', 'drift'].map((id) => `2026-11-19T12-05-00-137Z-${id}-ALARM`);
  const email = { time: '', to: '', subject: '', text: '' };
  const look = await followAlarms({
    readAlarms: async () =>
      ['drift', 'band-drift'].map((id) => ({ id, name: `swath-local-${id}`, state, reason: '', since: '' })),
    readOutbox: async () => (state === 'OK' ? [] : emails.map((id) => ({ ...email, id }))),
  });
  state = 'ALARM';
  assert.deepEqual(
    (await look()).map((change) => [change.id, change.email]),
    [
      ['drift', emails[1]],
      ['band-drift', emails[0]],
    ],
  );
  assert.deepEqual(await look(), []);
});
