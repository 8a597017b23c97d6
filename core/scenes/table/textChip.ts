import type { Chip } from '../../package/chip.ts';
import type { ModelPackage } from '../../package/package.ts';
import type { Fill } from '../../package/text/textFacts.ts';
import { tokenizerOf } from '../../package/text/tokenizerOf.ts';

/** What a chip has of its texts; with no text at all it is without data, and so blank. */
export type TextChip = Required<Pick<Chip, 'planes' | 'texts' | 'nodataShare'>>;

export type TextChipOf = (texts: readonly string[]) => TextChip;

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
    const values: Record<Fill, (i: number) => number> = {
      ids: (i) => ids[i] ?? padId,
      attention_mask: (i) => (i < ids.length ? 1 : 0),
      type_ids: (i) => typeIds[i] ?? 0,
    };
    const planes = fills.map((fill) => Int32Array.from({ length: maxTokens }, (_, i) => values[fill](i)));
    const measured = [tokens, tokens === 0 ? 0 : unknown / tokens, ...scriptShares(texts)];
    const nodataShare = tokens === 0 ? 1 : 0;
    return { planes: [...planes, ...measured.map((value) => Float32Array.of(value))], texts, nodataShare };
  };
}

/** The shares of the letters that are of each script, and of all others. */
function scriptShares(texts: readonly string[]): number[] {
  const counted = texts.map((text) => text.slice(0, MOST_COUNTED)).join(' ');
  const count = (script: RegExp) => counted.match(script)?.length ?? 0;
  const letters = Math.max(1, count(/\p{Letter}/gu));
  const shares = SCRIPTS.map((script) => count(script) / letters);
  const others = 1 - shares.reduce((sum, share) => sum + share, 0);
  return [...shares, count(/\p{Letter}/gu) === 0 ? 0 : Math.max(0, others)];
}
