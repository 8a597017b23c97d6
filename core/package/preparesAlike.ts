import type { ModelPackage } from './package.ts';
import { tokenizerContent } from './text/tokenizerContent.ts';

const PREPARATION: Readonly<Record<string, (model: ModelPackage) => unknown>> = {
  'source bands': ({ source }) => source.bands.map(({ commonName: _, ...band }) => band),
  'size of source chips': ({ source, overlap, isOfPictures }) => [source.height, source.width, overlap, isOfPictures],
  bands: ({ bands }) => bands,
  'resize and size': ({ resize, tensor }) => [resize, tensor.height, tensor.width],
  'rule for blank chips': ({ blankMax, nodataLimit }) => [blankMax, nodataLimit],
  mask: ({ mask }) => mask,
  tokenizer: ({ text }) => text && [text.columns, text.maxTokens, ...tokenizerContent(text)],
  truth: (model) => [model.truth, model.task.truth.type],
  'features that are passed through': ({ carry = [] }) => carry,
  'pixels of its output': ({ output }) => output.pixels,
};

/** How the preparation of chips differs, in words; empty if not. Scaling is done afterwards, so it does not matter. */
export function preparedUnlike(one: ModelPackage, other: ModelPackage): string[] {
  return Object.entries(PREPARATION).flatMap(([name, of]) =>
    JSON.stringify(of(one)) === JSON.stringify(of(other)) ? [] : [name],
  );
}
