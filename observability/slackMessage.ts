import { printable } from '../core/base/text/printable.ts';
import type { AlarmNotice, Place } from './alarmNotice.ts';

/**
 * A message for Slack's incoming webhooks, which Mattermost and other compatible services take as well.
 * https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
export type SlackMessage = { text: string };

/** Mattermost takes 16,383 letters, Slack 40,000: all parts together are fewer. */
const MOST_LETTERS = 2900;
const MOST_SUBJECT_LETTERS = 150;
const MOST_CAUSE_LETTERS = 500;
const MOST_CAUSES = 10;

export function slackMessage({ subject, meaning, firstStep, causes, change, states, time, places }: AlarmNotice) {
  const named = causes.slice(0, MOST_CAUSES);
  const lines = named.map((cause) => `\n• ${mrkdwn(cause, MOST_CAUSE_LETTERS)}`).join('');
  return messageOf(subject, [
    mrkdwn(meaning),
    firstStep === undefined ? '' : `*First:* ${mrkdwn(firstStep)}`,
    lines === '' ? '' : `*In particular:*${lines}`,
    mrkdwn(change),
    mrkdwn(`${states}, ${time}`),
    ...places.map(shown),
  ]);
}

export const plainMessage = (subject: string, text: string): SlackMessage => messageOf(subject, [mrkdwn(text)]);

function messageOf(subject: string, parts: string[]): SlackMessage {
  const header = `*${mrkdwn(printable(subject), MOST_SUBJECT_LETTERS)}*`;
  return { text: [header, ...parts.filter((part) => part.trim() !== '')].join('\n') };
}

function shown({ name, at }: Place): string {
  if (!URL.canParse(at)) return `${name}: ${mrkdwn(at)}`;
  return `<${at.replace(/[<>|]/g, encodeURIComponent).replaceAll('&', '&amp;')}|${name}>`;
}

/** Escapes Slack's control characters: https://docs.slack.dev/messaging/formatting-message-text */
const ESCAPED: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Escapes an external text for mrkdwn and Markdown (no mentions, code or links), cut so that no entity is split. */
function mrkdwn(text: string, most = MOST_LETTERS): string {
  const plain = text
    .split('\n')
    .map(printable)
    .join('\n')
    .replaceAll('`', "'") // it cannot be escaped
    .replace(/@(?=(all|channel|everyone|here)\b)/gi, '@\u2060') // in Mattermost, these words mention everybody
    .replaceAll('](', '] ('); // a Markdown link
  let escaped = '';
  for (const letter of plain) {
    const next = ESCAPED[letter] ?? letter;
    if (escaped.length + next.length > most - 1) return `${escaped}…`;
    escaped += next;
  }
  return escaped;
}
