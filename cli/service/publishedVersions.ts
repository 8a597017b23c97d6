import type { Service } from '../../console/service.ts';
import { NotPromotable, onError } from '../../core/base/errors.ts';
import type { ModelRef } from '../../core/base/messages.ts';
import { printable, WrongUse } from '../terminal/output.ts';
import { commandFor, type Where } from './where.ts';

/** `NAME/VERSION`, or a `VERSION` of the stack's own model. Throws `WrongUse` for anything else, with what is allowed. */
export function versionIn(asked: string | undefined, own: string, allowed: string): ModelRef {
  const [name, version, ...more] = asked?.includes('/') ? asked.split('/') : [own, asked];
  if (name && version && more.length === 0) return { name, version };
  throw new WrongUse(`found ${asked === undefined ? 'no version' : JSON.stringify(asked)}, allowed are ${allowed}.`);
}

/** Sorts versions: 1.9.0 comes before 1.10.0-rc.1, and that before 1.10.0, as a comma comes behind hyphens and before dots. */
export const inOrder = (versions: string[]) =>
  versions.toSorted((a, b) => `${a},`.localeCompare(`${b},`, 'en', { numeric: true }));

/** Lists the published versions, for an error about an unknown one. */
export const withVersions = (listVersions: Service['listVersions'], name: string, where: Where) =>
  onError(NotPromotable, async (error): Promise<never> => {
    const versions = inOrder(await listVersions(name));
    const there =
      versions.length === 0
        ? `No version of ${printable(name)} is published: ${commandFor(where, 'model publish FOLDER')}`
        : `Published are ${versions.map(printable).join(', ')}: "${commandFor(where, 'model list')}" says more.`;
    throw new NotPromotable(`${error.message} ${there}`, { cause: error });
  });
