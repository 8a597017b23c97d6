import type { ModelPackage } from '../package/package.ts';
import type { ReadPackageFile } from '../package/packageFile.ts';
import { readPackage } from '../package/readPackage.ts';
import { TASKS } from './registry.ts';

/** Reads a model package, whose task is one of the registry's. See `readPackage` for its errors. */
export const readModelPackage = (readFile: ReadPackageFile): Promise<ModelPackage> => readPackage(readFile, TASKS);
