import { companionEnding } from '../../../keys.ts';

/**
 * Whether a member of an archive is none of its images, as its name says: a folder, a hidden file such as `.DS_Store` or what
 * macOS keeps in `__MACOSX/`, or what comes beside scenes, such as notes.
 */
export function isPassedOver(name: string): boolean {
  const parts = name.split('/');
  const last = parts.at(-1)!;
  return last === '' || last.startsWith('.') || parts.includes('__MACOSX') || companionEnding(name) !== undefined;
}
