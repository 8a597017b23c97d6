import assert from 'node:assert/strict';
import { it } from 'node:test';
import { SECRET } from '../../benches/chat.ts';
import { WITH_ALL } from '../package.ts';
import type { Service } from './service.ts';

/** What the alarms' topic hands over. */
function alarmed(state: 'ALARM' | 'OK', id = 'drift') {
  const message = {
    AlarmName: `swath-dev-${id}`,
    AlarmDescription: 'It drifts.',
    StateChangeTime: '2026-11-14T12:05:00.159+0000',
    NewStateValue: state,
    OldStateValue: state === 'OK' ? 'ALARM' : 'OK',
    NewStateReason: 'Threshold Crossed.',
  };
  const TopicArn = 'arn:aws:sns:us-east-1:123456789012:swath-dev-alarms';
  return { Records: [{ Sns: { TopicArn, Subject: 'ALARM', Message: JSON.stringify(message) } }] };
}

/** What a chat is told of alarms. */
export function tellOfWebhook(service: () => Service): void {
  const deliver = (...what: Parameters<typeof alarmed>) => service().answerOf('webhook', alarmed(...what));

  it('the webhook gets an alarm, over TLS, at the address in the SSM parameter', async () => {
    const { aws, chat } = service();
    await assert.rejects(deliver('ALARM'), /InvalidWebhook.*There is no SSM parameter \/swath\/dev\/alarm-webhook, /);
    aws.secrets.set(WITH_ALL.alarmWebhook, 'http://127.0.0.1/hook');
    await assert.rejects(deliver('ALARM'), /InvalidWebhook.*begins with https:/);
    aws.secrets.set(WITH_ALL.alarmWebhook, chat.address.href);
    await deliver('ALARM');
    await deliver('OK');
    await deliver('ALARM', 'webhook');
    assert.deepEqual(chat.subjects(), [
      'ALARM: swath-dev-drift: Predictions drift',
      'OK: swath-dev-drift (was: Predictions drift)',
    ]);
    assert.match(
      chat.posted[0]!.message.text,
      /<https:\/\/us-east-1\.console\.aws\.amazon\.com\/[^|]*#dashboards\/dashboard\/swath-dev-us-east-1\|Dashboard>/,
    );
  });

  it('a webhook that was removed gives way to the one that the parameter names by then, and fails aloud until then', async () => {
    const { aws, chat } = service();
    chat.posted.length = 0;
    chat.answerWith({ status: 410, body: 'no_service' });
    for (let tries = 0; tries < 3; tries += 1) {
      const failed = await deliver('ALARM').then(() => assert.fail('it was taken'), String);
      assert.match(
        failed,
        /"errorType":"InvalidWebhook".*410 \(no_service\).*the SSM parameter \/swath\/dev\/alarm-webhook/,
      );
      assert.ok(!failed.includes(SECRET));
    }
    assert.equal(chat.posted.length, 3, 'once in each of the tries that Lambda has');
    chat.answerWith({});
    aws.secrets.set(WITH_ALL.alarmWebhook, new URL('/services/T0/B0/another', chat.address).href);
    await deliver('OK');
    assert.deepEqual(
      chat.posted.map(({ path }) => path.split('/').at(-1)),
      [SECRET, SECRET, SECRET, 'another'],
    );
    chat.answerWith({ status: 503 });
    await assert.rejects(deliver('ALARM'), /"errorType":"TransientTrouble".*503/);
  });
}
