import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import PostalMime from 'postal-mime';
import { printable } from '../../core/base/text/printable.ts';
import { alarmsOf } from '../../observability/alarms.ts';
import { HOSTILE_NAMES } from '../../test/hostileNames.ts';
import { temporaryFolder } from '../../test/swath.ts';
import { alarmEmail } from './alarmEmail.ts';
import { observedParameters } from './observing.ts';
import { readOutbox, writeEmail } from './outbox.ts';

const TIME = '2026-03-01T10:00:00.000Z';
const OURS = [
  'content-transfer-encoding',
  'content-type',
  'date',
  'from',
  'message-id',
  'mime-version',
  'subject',
  'to',
];

describe('an e-mail', () => {
  test('is read as it was written, and is stored under its time and subject', async () => {
    const folder = temporaryFolder();
    const email = {
      time: TIME,
      to: 'a@example.org',
      subject: 'ALARM: drift é 🛰️',
      text: 'One line.\n\nAnother – one.\n',
    };
    await writeEmail(folder, { ...email, about: 'drift-ALARM' });
    assert.deepEqual(readdirSync(folder), ['2026-03-01T10-00-00-000Z-drift-ALARM.eml']);
    const [found] = await readOutbox(folder);
    assert.deepEqual(
      { ...found, text: found?.text.trimEnd() },
      { id: '2026-03-01T10-00-00-000Z-drift-ALARM', ...email, text: email.text.trimEnd() },
    );
  });

  test('gets no header and no part from the names in it', async () => {
    const [alarm] = alarmsOf(observedParameters());
    for (const { name } of HOSTILE_NAMES) {
      const folder = temporaryFolder();
      const metric = { ...alarm!.metric, dimensions: { Version: name } };
      const state = { id: 'x', name, state: 'ALARM', since: TIME, reason: `${name}\r\n.\r\n--boundary` } as const;
      const { subject, text } = alarmEmail({ ...alarm!, title: name, metric }, 'OK', state as never);
      await writeEmail(folder, { time: TIME, to: 'a@example.org', subject, text, about: 'drift-ALARM' });
      const [file] = readdirSync(folder);
      const bytes = readFileSync(join(folder, file!));
      const [head = ''] = bytes.toString('latin1').split('\r\n\r\n');
      assert.match(head, /^[\x20-\x7e\r\n]*$/, 'a header is ASCII');
      const { headers, attachments } = await PostalMime.parse(bytes);
      assert.deepEqual(headers.map(({ key }) => key).sort(), OURS);
      assert.equal(attachments.length, 0);
      const [read] = await readOutbox(folder);
      assert.equal(read!.subject.replace(/\s+/g, ' ').trim(), printable(subject).replace(/\s+/g, ' ').trim()); // where it is folded
      assert.doesNotMatch(read!.text, /[[\p{Cc}\p{Cf}]--\n]/v);
    }
  });
});
