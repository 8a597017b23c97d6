import { jsonIn } from '../base/errors.ts';
import { preparedBands } from './bands.ts';
import type { ModelPackage } from './package.ts';
import type { TextFacts } from './text/textFacts.ts';

const PREPARATION: Readonly<Record<string, (model: ModelPackage) => unknown>> = {
  'source bands': ({ source }) => source.bands.map(({ commonName: _, ...band }) => band),
  'size of source chips': ({ source, overlap, isOfPictures }) => [source.height, source.width, overlap, isOfPictures],
  bands: (model) => [model.bands, preparedBands(model).map(({ dataType }) => dataType)],
  'resize and size': ({ resize, tensor }) => [resize, tensor.height, tensor.width],
  'rule for blank chips': ({ blankMax, nodataLimit }) => [blankMax, nodataLimit],
  mask: ({ mask }) => mask,
  tokenizer: ({ text }) => text && [text.columns, text.maxTokens, ...tokenizerContent(text.files)],
  truth: (model) => [model.truth, model.task.truth.type],
  'features that are passed through': ({ carry = [] }) => carry,
  'pixels of its output': ({ output }) => output.pixels,
};

/** How the preparation of chips differs, in words; empty if not. Scaling is done afterwards, so it does not matter. */
export const preparedUnlike = (one: ModelPackage, other: ModelPackage): string[] =>
  Object.entries(PREPARATION).flatMap(([name, of]) =>
    JSON.stringify(of(one)) === JSON.stringify(of(other)) ? [] : [name],
  );

/** What of a package's tokenizer decides its tokens: not how texts are cut or padded, nor where the files came from. */
function tokenizerContent({ tokenizer, config }: TextFacts['files']): unknown[] {
  const jsonOf = (bytes: Uint8Array | null): Record<string, unknown> =>
    Object(bytes && jsonIn(new TextDecoder().decode(bytes)));
  const { truncation: _, ...deciding } = jsonOf(tokenizer);
  return [deciding, jsonOf(config)['pad_token']];
}
