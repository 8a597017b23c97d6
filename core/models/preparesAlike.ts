import { taskOf } from '../tasks/registry.ts';
import type { ModelPackage } from './package.ts';

/** What a part of prepared chips follows from, as people call it. */
const PREPARATION: Readonly<Record<string, (model: ModelPackage) => unknown>> = {
  'source bands': ({ source }) =>
    source.bands.map(({ name, dataType, bytesPerChip, physical }) => [name, dataType, bytesPerChip, physical]),
  'size of source chips': ({ source, overlap }) => [source.height, source.width, overlap],
  bands: ({ bands }) => bands,
  'resize and size': ({ resize, tensor }) => [resize, tensor.height, tensor.width],
  'rule for blank chips': ({ blankMax, nodataLimit }) => [blankMax, nodataLimit],
  truth: (model) => [model.truth, taskOf(model).truth.type],
  'features that are passed through': ({ carry = [] }) => carry,
  'pixels of its output': ({ output }) => output.pixels,
};

/**
 * What of the preparation of chips differs between two packages, in words; nothing where a part that is prepared for the one is
 * what the other would have it. Scaling comes later, as a session takes a batch, so each package has its own.
 */
export function preparedUnlike(one: ModelPackage, other: ModelPackage): string[] {
  return Object.entries(PREPARATION).flatMap(([name, of]) =>
    JSON.stringify(of(one)) === JSON.stringify(of(other)) ? [] : [name],
  );
}
