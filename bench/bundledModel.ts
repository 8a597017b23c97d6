import { fileURLToPath } from 'node:url';
import { readPackageFolder } from '../cli/models/publishModel.ts';

/** The package that a new data folder serves, by which everything is measured: it has a profile of its bands. */
export const PACKAGE = fileURLToPath(new URL('../models/droughtwatch-baseline/1.1.0', import.meta.url));

export const model = await readPackageFolder(PACKAGE);
