/**
 * What a message cites of a file's contents. Whoever sent the file needs it to see what is wrong, so it stands in the
 * ledger; the log, which more people read and which is kept elsewhere, leaves it out. It knows it by its quotation marks,
 * which no other part of our messages has, wherever the message comes from by then.
 */
export function cited(text: string): string {
  return `“${text.replaceAll(/[“”]/g, "'")}”`;
}

/** The beginning of a text from a file, in one line: what is no plain character is escaped as in JSON. */
export function citedStart(text: string, letters: number): string {
  return cited(JSON.stringify(text.slice(0, letters)).slice(1, -1));
}

/** A message without what it cites; one that was cut off in the middle of it, too. */
export function withoutCitations(message: string): string {
  return message.replaceAll(/“[^”]*(”|$)/g, '“…”');
}
