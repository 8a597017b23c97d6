import type { Service } from '../console/service.ts';
import { NotPromotable } from '../core/errors.ts';
import { printable } from './text.ts';
import { commandFor, type Where } from './where.ts';

/** 1.9.0 comes before 1.10.0. */
export function inOrder(versions: string[]): string[] {
  return versions.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

/** Where a version is refused, those that there are, are worth a word. */
export function withVersions(listVersions: Service['listVersions'], name: string, where: Where) {
  return async (error: unknown): Promise<never> => {
    if (!(error instanceof NotPromotable)) throw error;
    const versions = inOrder(await listVersions(name));
    const there =
      versions.length === 0
        ? `No version of ${printable(name)} is published: ${commandFor(where, 'model publish FOLDER')}`
        : `Published are ${versions.map(printable).join(', ')}: "${commandFor(where, 'model list')}" says more.`;
    throw new NotPromotable(`${error.message} ${there}`, { cause: error });
  };
}
