import type { ModelPackage } from '../models/package.ts';
import { classification } from './classification/classification.ts';

/** What the numbers of a model mean: of whichever package, classes, as there is no other task yet. */
export function taskOf(_model: ModelPackage): typeof classification {
  return classification;
}
