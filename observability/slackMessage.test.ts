import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { exampleParameters } from '../test/documents/exampleParameters.ts';
import { HOSTILE_NAMES } from '../test/hostileNames.ts';
import { alarmNotice } from './alarmNotice.ts';
import { alarmsOf, describeAlarm } from './alarms.ts';
import { plainMessage, type SlackMessage, slackMessage } from './slackMessage.ts';

const alarms = alarmsOf(exampleParameters);
const drift = alarms.find(({ id }) => id === 'drift')!;
const now = { name: 'swath-dev-drift', since: '2026-11-14T12:05:00.159Z', reason: '0.421 > 0.25 & more.' } as const;
const dashboardUrl = 'https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#dashboards/dashboard/d';

const linesOf = ({ text }: SlackMessage): string[] => text.split('\n');

describe('a message', () => {
  test('of an alarm says what it means and what to do first, why, and where to look', () => {
    const message = slackMessage(alarmNotice(drift, 'OK', { ...now, state: 'ALARM' }, { causes: [], dashboardUrl }));
    assert.deepEqual(linesOf(message), [
      '*ALARM: swath-dev-drift: Predictions drift*',
      drift.meaning,
      `*First:* ${drift.firstStep}`,
      'The alarm swath-dev-drift has entered the ALARM state. 0.421 &gt; 0.25 &amp; more.',
      'OK -&gt; ALARM, 2026-11-14T12:05:00.159Z',
      `<${dashboardUrl}|Dashboard>`,
      'Console: npx swath console --stage dev, then #/drift at its address',
      'Runbook: docs/runbook.md#drift',
    ]);
  });

  test('of an alarm that is over says so, and nothing to do', () => {
    const [subject, meaning, change] = linesOf(slackMessage(alarmNotice(drift, 'ALARM', { ...now, state: 'OK' })));
    assert.equal(subject, '*OK: swath-dev-drift (was: Predictions drift)*');
    assert.equal(meaning, 'This is over: Predictions drift.');
    assert.match(change!, /has entered the OK state/);
  });

  test('of an alarm without data says that', () => {
    const [subject, meaning] = linesOf(
      slackMessage(alarmNotice(drift, 'ALARM', { ...now, state: 'INSUFFICIENT_DATA' })),
    );
    assert.equal(subject, '*INSUFFICIENT_DATA: swath-dev-drift: Predictions drift*');
    assert.equal(meaning, 'There are no data to tell whether this is so: Predictions drift.');
  });

  test('on a laptop leads to the console that is up, its runbook and the newest files', () => {
    const failed = alarms.find(({ id }) => id === 'failed-runs')!;
    const beside = { causes: ['north/a: DiskFull', 'b'], url: 'http://127.0.0.1:4680/' };
    const { text } = slackMessage(alarmNotice(failed, 'OK', { ...now, state: 'ALARM' }, beside));
    assert.ok(text.includes('\n*In particular:*\n• north/a: DiskFull\n• b\n'));
    assert.ok(text.includes('\n<http://127.0.0.1:4680/#/runs?state=FAILED|Console>'));
    assert.ok(text.includes('\n<http://127.0.0.1:4680/#/runbook/failed-runs|Runbook>'));
  });

  test("has the words of CloudWatch's own, for every alarm", () => {
    for (const alarm of alarms) {
      const [, meaning, firstStep] = linesOf(slackMessage(alarmNotice(alarm, 'OK', { ...now, state: 'ALARM' })));
      const said = `${meaning} ${firstStep!.replaceAll('*', '')} `.replaceAll('&lt;', '<').replaceAll('&gt;', '>');
      assert.ok(describeAlarm(alarm).startsWith(said.replaceAll('&amp;', '&')), said);
    }
  });
});

describe('text from outside', () => {
  for (const [title, text, expected] of [
    [
      'calls nobody, as Slack writes it',
      '<!channel> <@U123> <!subteam^S1>',
      '&lt;!channel&gt; &lt;@U123&gt; &lt;!subteam^S1&gt;',
    ],
    ['calls nobody, as Mattermost writes it', '@channel, @all, @HERE', '@\u2060channel, @\u2060all, @\u2060HERE'],
    ['leads nowhere, as Slack writes it', '<https://evil.example|Runbook>', '&lt;https://evil.example|Runbook&gt;'],
    ['leads nowhere, as Markdown writes it', '[Runbook](https://evil.example)', '[Runbook] (https://evil.example)'],
    ['is no code', '```a``` `b`', "'''a''' 'b'"],
    ['is escaped once', '&lt;!channel&gt;', '&amp;lt;!channel&amp;gt;'],
    ['keeps what is an address', 'me@example.org', 'me@example.org'],
    ['shows what does not show', 'a\u202eb\u0007', 'a\\u202eb\\u0007'],
  ] as const)
    test(title, () => {
      const notice = alarmNotice(drift, 'OK', { ...now, reason: text, state: 'ALARM' }, { causes: [text] });
      const message = slackMessage(notice);
      assert.ok(message.text.includes(`state. ${expected}`), message.text);
      assert.ok(message.text.includes(`• ${expected}`));
      assert.equal(plainMessage('A word', text).text, `*A word*\n${expected}`);
    });

  test('makes no mark, whatever a file is called', () => {
    for (const { name } of [...HOSTILE_NAMES, { name: '<!channel>`@all`](https://x)|>' }]) {
      const notice = alarmNotice(
        { description: name },
        name,
        { ...now, name, state: 'ALARM' },
        { causes: [name, name] },
      );
      const { text } = slackMessage(notice);
      assert.doesNotMatch(text, /<|`|\]\(|@(all|channel|here)\b|[[\p{Cc}\p{Cf}]--[\n\u2060]]/v, name);
    }
  });

  test('is cut to what Slack and Mattermost take, between two letters and outside of an entity', () => {
    for (const letter of ['&', '🛰️', 'a', '<!channel>']) {
      const text = letter.repeat(5000);
      const notice = alarmNotice(
        { description: text },
        'OK',
        { ...now, name: text, reason: text, state: 'ALARM' },
        { causes: Array.from({ length: 50 }, () => text) },
      );
      for (const { text: said } of [slackMessage(notice), plainMessage(text, text)]) {
        assert.ok(said.length <= 16_383, `${said.length}`);
        assert.ok(said.isWellFormed());
        assert.doesNotMatch(said, /&(?!(amp|lt|gt);)/);
      }
    }
  });
});
