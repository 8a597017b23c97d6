import { printable } from '../core/base/text/printable.ts';
import type { AlarmNotice, Place } from './alarmNotice.ts';

/**
 * A message for Slack's incoming webhooks. Slack shows the blocks; Mattermost and other compatible services show only `text`, so
 * that contains everything as well. https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
export type SlackMessage = { text: string; blocks: Block[] };
type Mrkdwn = { type: 'mrkdwn'; text: string };
type Block =
  | { type: 'header'; text: { type: 'plain_text'; text: string; emoji: false } }
  | { type: 'section'; text: Mrkdwn }
  | { type: 'context'; elements: Mrkdwn[] };

/** Slack's limits of a header and a section: https://docs.slack.dev/reference/block-kit/blocks */
const MOST_HEADER_LETTERS = 150;
const MOST_SECTION_LETTERS = 3000;
/** Leaves room for our own text before an external one. */
const MOST_LETTERS = MOST_SECTION_LETTERS - 100;
/** Five of them fit into a section. */
const MOST_CAUSE_LETTERS = 500;

export function slackMessage({ subject, meaning, firstStep, causes, change, states, time, places }: AlarmNotice) {
  const lines = causes.map((cause) => `\n• ${mrkdwn(cause, MOST_CAUSE_LETTERS)}`).join('');
  return messageOf(
    subject,
    [
      mrkdwn(meaning),
      firstStep === undefined ? '' : `*First:* ${mrkdwn(firstStep)}`,
      lines === '' ? '' : `*In particular:*${lines}`,
      mrkdwn(change),
    ],
    [mrkdwn(`${states}, ${time}`), ...places.map(shown)],
  );
}

export const plainMessage = (subject: string, text: string): SlackMessage => messageOf(subject, [mrkdwn(text)], []);

function messageOf(subject: string, parts: string[], about: string[]): SlackMessage {
  const sections = parts.filter((part) => part.trim() !== '');
  const header = cut(printable(subject), MOST_HEADER_LETTERS);
  const elements = about.map((text): Mrkdwn => ({ type: 'mrkdwn', text }));
  return {
    text: [`*${mrkdwn(header)}*`, ...sections, ...about].join('\n'),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: header, emoji: false } },
      ...sections.map((text): Block => ({ type: 'section', text: { type: 'mrkdwn', text } })),
      ...(elements.length === 0 ? [] : [{ type: 'context' as const, elements }]),
    ],
  };
}

function shown({ name, at, url }: Place): string {
  if (url === undefined) return `${name}: ${mrkdwn(at)}`;
  return `<${url.replace(/[<>|]/g, encodeURIComponent).replaceAll('&', '&amp;')}|${name}>`;
}

/** Escapes Slack's control characters: https://docs.slack.dev/messaging/formatting-message-text */
const ESCAPED: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/**
 * Escapes an external text for mrkdwn and Markdown: no mentions, no code, no links. It is cut between characters, so that no
 * entity is split.
 */
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

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).toWellFormed()}…`;
}
