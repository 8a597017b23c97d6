import type { Chip, ModelPackage } from '../../package/package.ts';
import type { Fill } from '../../package/text/textFacts.ts';
import { tokenizerOf } from '../../package/text/tokenizerOf.ts';

/** Returns what a chip has of its texts; with no text at all it is without data, and so blank. */
export type TextChipOf = (texts: readonly string[]) => Required<Pick<Chip, 'planes' | 'texts' | 'nodataShare'>>;

/** Letters are counted by script so far into a text. */
const MOST_COUNTED = 10_000;
const SCRIPTS = ['Latin', 'Cyrillic', 'Arabic', 'Han'].map((name) => new RegExp(`\\p{Script=${name}}`, 'gu'));

/**
 * Makes what turns the texts of a row into the planes of its chip: tokens, padded to the most that the model takes, and what is measured of
 * them, one value each, see `textAsBands`. Undefined for models that take no texts.
 */
export async function makeTextChip(model: ModelPackage): Promise<TextChipOf | undefined> {
  if (model.text === undefined) return undefined;
  const { fills, maxTokens } = model.text;
  const { padId, encode } = await tokenizerOf(model.text);
  return (texts) => {
    const { ids, typeIds, tokens, unknown } = encode(texts);
    const padded = (values: ArrayLike<number>, padding: number) => {
      const plane = new Int32Array(maxTokens).fill(padding);
      plane.set(values);
      return plane;
    };
    const filled: Record<Fill, () => Int32Array> = {
      ids: () => padded(ids, padId),
      attention_mask: () => new Int32Array(maxTokens).fill(1, 0, ids.length),
      type_ids: () => padded(typeIds, 0),
    };
    const planes = fills.map((fill) => filled[fill]());
    const measured = [tokens, tokens === 0 ? 0 : unknown / tokens, ...scriptShares(texts)];
    const nodataShare = tokens === 0 ? 1 : 0;
    return { planes: [...planes, ...measured.map((value) => Float32Array.of(value))], texts, nodataShare };
  };
}

/** The shares of the letters that are of each script, and of all others. */
function scriptShares(texts: readonly string[]): number[] {
  const counted = texts.map((text) => text.slice(0, MOST_COUNTED)).join(' ');
  const count = (script: RegExp) => counted.match(script)?.length ?? 0;
  const letters = count(/\p{Letter}/gu);
  if (letters === 0) return [...SCRIPTS.map(() => 0), 0];
  const shares = SCRIPTS.map((script) => count(script) / letters);
  return [...shares, Math.max(0, 1 - shares.reduce((sum, share) => sum + share, 0))];
}
