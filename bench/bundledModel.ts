import { fileURLToPath } from 'node:url';
import { readPackageFolder } from '../cli/publishModel.ts';

/** The package that comes with the project, by which everything is measured. */
export const PACKAGE = fileURLToPath(new URL('../models/droughtwatch-baseline/1.0.0', import.meta.url));

export const model = await readPackageFolder(PACKAGE);
