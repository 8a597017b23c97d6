import { citedStart } from '../../cited.ts';
import { InvalidSceneFile } from '../../errors.ts';
import { slug } from '../../models/names.ts';
import { listed } from '../../models/problems.ts';
import type { MakeReadLater } from '../truthLater.ts';
import { NO_LABEL, SEPARATOR } from './labelNames.ts';

/** Between the labels of a chip, where a text says them. No name has it. */
const BETWEEN = ';';

/**
 * The labels that a chip truly has: a list of their names, or a text with ";" between them, whose capital letters and spaces do not matter;
 * and an empty list, or "no label", of one that has none. They are kept as the predictions have theirs: the names in the package's order, so that
 * the same labels are the same text.
 */
export const readLabels: MakeReadLater = ({ classes }) => {
  const byName = new Map(classes.map(({ name }) => [slug(name), name]));
  for (const { name } of classes) byName.set(name, name); // two may differ in nothing but their capital letters
  const names = classes.map(({ name }) => name);

  return (says, where) => {
    const said = typeof says === 'object' ? says : labelsIn(String(says));
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
};

function labelsIn(text: string): string[] {
  return text.trim() === NO_LABEL ? [] : text.split(BETWEEN);
}
