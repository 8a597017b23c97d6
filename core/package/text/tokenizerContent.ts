import { jsonIn } from '../../base/text/jsonIn.ts';
import type { TextFacts } from './textFacts.ts';

/** What of a package's tokenizer decides its tokens: not how texts are cut or padded, nor where the files came from. */
export function tokenizerContent({ files: { tokenizer, config } }: Pick<TextFacts, 'files'>): unknown[] {
  const jsonOf = (bytes: Uint8Array | null): Record<string, unknown> =>
    Object(bytes && jsonIn(new TextDecoder().decode(bytes)));
  const { truncation: _, ...deciding } = jsonOf(tokenizer);
  return [deciding, jsonOf(config)['pad_token']];
}
