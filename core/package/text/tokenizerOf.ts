import type { TextFacts } from './textFacts.ts';
import type { Tokenizer } from './tokenizer.ts';

const made = new WeakMap<TextFacts, Promise<Tokenizer>>();

/**
 * Makes a package's tokenizer when it is first asked for: of the functions that read packages, few tokenize.
 * @throws {InvalidModelPackage} when its files cannot be used
 */
export async function tokenizerOf(text: TextFacts): Promise<Tokenizer> {
  const { makeTokenizer } = await import('./tokenizer.ts');
  const { tokenizer, config } = text.files;
  const own = made.get(text) ?? Promise.resolve(makeTokenizer(tokenizer, config, text.maxTokens));
  made.set(text, own);
  return own;
}
