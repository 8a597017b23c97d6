import type { Service } from '../../console/service.ts';
import { NotPromotable, onError } from '../../core/base/errors.ts';
import type { ModelRef } from '../../core/base/messages.ts';
import { fewNames } from '../../core/base/text/largest.ts';
import { printable, WrongUse } from '../terminal/output.ts';
import { commandFor, quoted, type Where } from './where.ts';

/** `NAME/VERSION`, or a `VERSION` of the stack's own model. Throws `WrongUse` for anything else, with what is allowed. */
export function versionIn(asked: string | undefined, own: string, allowed: string): ModelRef {
  const [name, version, ...more] = asked?.includes('/') ? asked.split('/') : [own, asked];
  if (name && version && more.length === 0) return { name, version };
  throw new WrongUse(`found ${asked === undefined ? 'no version' : JSON.stringify(asked)}, allowed are ${allowed}.`);
}

/** Sorts versions: 1.9.0 comes before 1.10.0-rc.1, and that before 1.10.0, as a comma comes behind hyphens and before dots. */
export const inOrder = (versions: string[]) =>
  versions.toSorted((a, b) => `${a},`.localeCompare(`${b},`, 'en', { numeric: true }));

/** Says which versions are published, for an error about an unknown one. */
export const withVersions = (modelBucket: Service['modelBucket'], name: string, where: Where) =>
  onError(NotPromotable, async (error): Promise<never> => {
    throw new NotPromotable(`${error.message} ${await howToPromote(modelBucket, where, `${name}/`)}`, { cause: error });
  });

/** Says which versions are published, of all models or of one, and how to promote one. */
export async function howToPromote({ list }: Service['modelBucket'], where: Where, within = ''): Promise<string> {
  const published = inOrder((await list(within)).flatMap((key) => /^(.+)\/item\.json$/.exec(key)?.[1] ?? []));
  const [first] = published;
  if (first === undefined) return `Publish one: ${commandFor(where, 'model publish FOLDER --promote')}`;
  const one = published.length === 1 ? quoted(first) : 'NAME/VERSION';
  return `Published are ${fewNames(published).map(printable).join(', ')}. To promote one: ${commandFor(where, `model promote ${one}`)}`;
}
