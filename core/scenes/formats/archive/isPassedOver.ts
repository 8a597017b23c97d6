import { companionOfName } from '../../../base/keys.ts';

/**
 * Returns whether an archive's member is not one of its images, judged by its name: a folder, a hidden file such as
 * `.DS_Store`, macOS's `__MACOSX/`, or an accompanying file such as notes.
 */
export function isPassedOver(name: string): boolean {
  const parts = name.split('/');
  const last = parts.at(-1)!;
  return last === '' || last.startsWith('.') || parts.includes('__MACOSX') || companionOfName(name) !== undefined;
}
