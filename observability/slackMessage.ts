import { printable } from '../core/printable.ts';
import type { AlarmNotice, Place } from './alarmNotice.ts';

/**
 * A message as Slack's incoming webhooks take it. Mattermost, and others that take Slack's, show `text` alone, so all that
 * is said stands there as well; Slack shows the blocks. https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
export type SlackMessage = { text: string; blocks: Block[] };
type Mrkdwn = { type: 'mrkdwn'; text: string };
type Block =
  | { type: 'header'; text: { type: 'plain_text'; text: string; emoji: false } }
  | { type: 'section'; text: Mrkdwn }
  | { type: 'context'; elements: Mrkdwn[] };

/** What Slack takes of a header and of a section: https://docs.slack.dev/reference/block-kit/blocks */
const MOST_HEADER_LETTERS = 150;
const MOST_SECTION_LETTERS = 3000;
/** Leaves room for what we put before a text of somebody else's. */
const MOST_LETTERS = MOST_SECTION_LETTERS - 100;
/** Five of them are less than a section takes. */
const MOST_CAUSE_LETTERS = 500;

/** What is told of an alarm, as a message. */
export function slackMessage({ subject, meaning, firstStep, causes, change, states, time, places }: AlarmNotice) {
  const newest = causes.map((cause) => `\n• ${mrkdwn(cause, MOST_CAUSE_LETTERS)}`).join('');
  return messageOf(
    subject,
    [
      mrkdwn(meaning),
      firstStep === undefined ? '' : `*First:* ${mrkdwn(firstStep)}`,
      newest === '' ? '' : `*The newest:*${newest}`,
      mrkdwn(change),
    ],
    [mrkdwn(`${states}, ${time}`), ...places.map(shown)],
  );
}

/** What is no alarm, as it came. */
export function plainMessage(subject: string, text: string): SlackMessage {
  return messageOf(subject, [mrkdwn(text)], []);
}

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

/** What Slack takes for its own marks, as it wants it written: https://docs.slack.dev/messaging/formatting-message-text */
const ESCAPED: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/**
 * Text that came from outside, as text in mrkdwn and in Markdown: it calls nobody, is no code and leads nowhere. It is cut
 * between two letters, so that no entity is left half.
 */
function mrkdwn(text: string, most = MOST_LETTERS): string {
  const plain = text
    .split('\n')
    .map(printable)
    .join('\n')
    .replaceAll('`', "'") // there is no way to escape it
    .replace(/@(?=(all|channel|everyone|here)\b)/gi, '@\u2060') // Mattermost calls everybody by a plain word
    .replaceAll('](', '] ('); // a link of Markdown's
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
