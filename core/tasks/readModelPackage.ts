import type { ModelPackage } from '../models/package.ts';
import { type ReadPackageFile, readPackage } from '../models/readPackage.ts';
import { TASKS } from './registry.ts';

/** Reads a model package, whose task is one of the registry's. See `readPackage` for its errors. */
export function readModelPackage(readFile: ReadPackageFile): Promise<ModelPackage> {
  return readPackage(readFile, TASKS);
}
