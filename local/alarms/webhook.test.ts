import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { makePost } from '../../functions/webhook/postToWebhook.ts';
import { alarmNotice } from '../../observability/alarmNotice.ts';
import { slackMessage } from '../../observability/slackMessage.ts';
import { startChat } from '../../test/benches/chat.ts';
import { startSideWork } from '../stack/sideWork.ts';
import { webhookOf } from './webhook.ts';

const noticeOf = (name: string) =>
  alarmNotice({ description: '' }, 'OK', { name, state: 'ALARM', since: '2026-03-01T10:00:00.000Z', reason: '' });

const MINUTE = 60_000;

/** A laptop's webhook, which a stop waits for as long as is said, and what is said of its trouble. */
async function makeBench(t: TestContext, graceMilliseconds = MINUTE) {
  const chat = await startChat();
  t.after(chat.close);
  const errors: string[] = [];
  const messages = startSideWork((error) => errors.push(String(error)), graceMilliseconds);
  const tell = webhookOf(makePost('--alarm-webhook', MINUTE), chat.address, messages);
  return { chat, errors, tell, close: messages[Symbol.asyncDispose] };
}

test('messages are those of the function, in their order', async (t) => {
  const { chat, errors, tell, close } = await makeBench(t);
  const notices = ['a', 'b', 'c'].map(noticeOf);
  for (const notice of notices) tell(notice);
  await close();
  assert.deepEqual(
    chat.posted.map(({ message }) => message),
    notices.map(slackMessage),
  );
  assert.deepEqual(errors, []);
});

test('a message says nothing of what a file holds', async (t) => {
  const { chat, tell, close } = await makeBench(t);
  tell({ ...noticeOf('a'), causes: ['north/a: InvalidSceneFile: found “confidential” and “conf'] });
  await close();
  assert.match(chat.posted[0]!.message.text, /• north\/a: InvalidSceneFile: found “…” and “…”\n/);
  assert.doesNotMatch(JSON.stringify(chat.posted), /conf/);
});

test('a refused message is reported in a sentence, and the next one is posted all the same', async (t) => {
  const { chat, errors, tell, close } = await makeBench(t);
  chat.answerWith({ status: 404, body: 'no_service' });
  tell(noticeOf('a'));
  tell(noticeOf('b'));
  await close();
  assert.equal(chat.posted.length, 2);
  assert.match(errors[0]!, /^InvalidWebhook: The webhook answers 404 \(no_service\): .* into --alarm-webhook\.$/);
  assert.equal(errors.length, 2);
});

test('a chat that does not answer holds no stop up', async (t) => {
  const { chat, tell, close } = await makeBench(t, 50);
  chat.answerWith('nothing');
  tell(noticeOf('a'));
  const began = performance.now();
  await close();
  assert.ok(performance.now() - began < MINUTE / 2);
});
