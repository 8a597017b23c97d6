import type { ModelPackage } from './package.ts';
import { listed } from './problems.ts';

/** The keys of our own that an item's properties may have; item.ts says what of. */
export const OWN_KEYS: readonly string[] = [
  'swath:blank_max',
  'swath:nodata_share',
  'swath:source_shape',
  'swath:truth',
];

/** The files of a package as they stand: JSON that was read before; whether a model card is there. */
type Files = { item: unknown; reference: unknown; hasCard: boolean };

/** What is worth a word of a package that can run: what in it is not read though it was meant, and what it lacks. */
export function notesOn({ item, reference, hasCard }: Files, { classes }: Pick<ModelPackage, 'classes'>): string[] {
  const { properties } = item as { properties: object };
  const own = Object.keys(properties).filter((key) => key.startsWith('swath:'));
  const unknown = own.filter((key) => !OWN_KEYS.includes(key));
  const counted = Object.keys((reference as { classes?: object }).classes ?? {});
  const uncounted = classes.map(({ name }) => name).filter((name) => !counted.includes(name));
  return [
    ...unknown.map(
      (key) => `item.json: properties has ${JSON.stringify(key)}, which is not read; known are ${OWN_KEYS.join(', ')}`,
    ),
    ...[...elsewhere(item, properties)].map(
      (key) => `item.json: ${JSON.stringify(key)} stands elsewhere than in properties, where it is not read`,
    ),
    ...(uncounted.length === 0
      ? []
      : [`reference.json: has no count for ${listed(uncounted)}, so drift is measured as if none were expected`]),
    ...(hasCard ? [] : ['README.md: there is none; a model card says where a model comes from and what it is for']),
  ];
}

/** Keys of our own anywhere else in an item. It may be nested as deep as it is long. */
function elsewhere(item: unknown, properties: object): Set<string> {
  const found = new Set<string>();
  const within = [item];
  for (let node = within.pop(); node !== undefined; node = within.pop()) {
    if (typeof node !== 'object' || node === null) continue;
    for (const [key, value] of Object.entries(node)) {
      if (key.startsWith('swath:') && node !== properties) found.add(key);
      if (typeof value === 'object' && value !== null) within.push(value);
    }
  }
  return found;
}
