import type { SceneFile } from './files.ts';
import { MODEL } from './model.ts';

/** What somebody says is true of chips, after they were predicted or before, as messages of the simulated world. */

export type SentTruths = {
  body: string;
  /** When it was said: of two words on one chip, the later one counts. */
  at: string;
  words: readonly Word[];
  /** Why it can never count, where that is so. */
  reason: RegExp | null;
};

/** A word on a chip, by the id that the predictions have for it. */
export type Word = { chip: string; truth: number };

type More = { at?: string; reason?: RegExp | null };

/** Of a file that lies under a key, what is true of chips at some places. */
export function truthsOf(
  key: string,
  { digest }: Pick<SceneFile, 'digest'>,
  truths: readonly (readonly [index: number, truth: number])[],
  { at = '2026-03-03T12:00:00.000Z', reason = null }: More = {},
): SentTruths {
  const said = truths.map(([index, truth]) => ({ scene: key, index, truth }));
  return {
    body: JSON.stringify({ truth: { model: MODEL.name, at, truths: said } }),
    at,
    words: truths.map(([index, truth]) => ({ chip: `${digest.slice(0, 16)}-${index}`, truth })),
    reason,
  };
}

export function isTruthsBody(body: string): boolean {
  return body.startsWith('{"truth"');
}

/** The words of a message, as far as it names chips by the keys of files and their places. */
export function saidIn(body: string): { at: string; truths: { scene: string; index: number; truth: number }[] } {
  return JSON.parse(body).truth;
}
