/**
 * Quotes a part of a file's contents in a message. The sender of a file needs it to see what is wrong, so it is kept in the
 * ledger. The log, which more people read and which is stored elsewhere, omits it. The quotation marks identify it there:
 * no other part of our messages contains them.
 */
export const cited = (text: string): string => `“${text.replaceAll(/[“”]/g, "'")}”`;

/** Quotes the beginning of a text from a file on one line; unusual characters are escaped as in JSON. */
export const citedStart = (text: string, letters: number): string =>
  cited(JSON.stringify(text.slice(0, letters)).slice(1, -1));

/** Returns a message without its citations, including one that is cut off in the middle. */
export const withoutCitations = (message: string): string => message.replaceAll(/“[^”]*(”|$)/g, '“…”');

export const errorForLog = (error: unknown): string =>
  withoutCitations(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
