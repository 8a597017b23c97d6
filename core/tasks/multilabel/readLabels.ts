import { citedStart, InvalidSceneFile, listed } from '../../base/errors.ts';
import { slug } from '../../base/names.ts';
import type { PackageFacts } from '../../package/facts.ts';
import type { TruthSaid } from '../../package/task.ts';
import { SEPARATOR } from '../classes.ts';
import { NO_LABEL } from './labelTruths.ts';

/** Separates a chip's labels in a text. No name contains it. */
export const BETWEEN = ';';

/**
 * Reads the true labels of a chip: a list of names, or a text with ";" between them, ignoring case and spaces; an empty
 * list, or "no label", for a chip without labels. Returns them in the form of predictions, in the package's order, so that
 * equal labels are equal texts. Throws `InvalidSceneFile` for others; the message begins with `where`.
 */
export function readLabels({ classes }: Pick<PackageFacts, 'classes'>) {
  const byName = new Map(classes.map(({ name }) => [slug(name), name]));
  for (const { name, title = name } of classes) byName.set(name, name).set(title, name); // names may differ only in case
  const names = classes.map(({ name }) => name);

  return (says: TruthSaid, where: () => string): string => {
    const said = typeof says === 'object' ? says : String(says).trim() === NO_LABEL ? [] : String(says).split(BETWEEN);
    const found = new Set<string>();
    for (const one of said) {
      const name = byName.get(one.trim()) ?? byName.get(slug(one));
      if (name === undefined)
        throw new InvalidSceneFile(
          `${where()}: found the label ${citedStart(one, 40)}, allowed are labels of ${listed(names)}, with "${BETWEEN}" between two; or "${NO_LABEL}"`,
        );
      if (found.has(name))
        throw new InvalidSceneFile(`${where()}: found the label ${citedStart(one, 40)} twice, allowed is each once`);
      found.add(name);
    }
    return names.filter((name) => found.has(name)).join(SEPARATOR);
  };
}
