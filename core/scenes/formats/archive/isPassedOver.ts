import { companionOfName } from '../../../base/keys.ts';
import { isJunk } from './ofProduct.ts';

/** Returns whether an archive's member is not one of its images, judged by its name: junk, or an accompanying file such as notes. */
export const isPassedOver = (name: string): boolean => isJunk(name) || companionOfName(name) !== undefined;
