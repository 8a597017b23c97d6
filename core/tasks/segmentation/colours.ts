import type { ModelClass } from '../../models/package.ts';
import type { MapClass } from '../task.ts';

/**
 * Colours of classes whose package names none, which are told apart by most people: P. Tol's scheme "muted", and then "light".
 * https://personal.sron.nl/~pault/
 */
const COLOURS = [
  ...['332288', '88ccee', '44aa99', '117733', '999933', 'ddcc77', 'cc6677', '882255', 'aa4499'],
  ...['77aadd', 'ee8866', 'eedd88', 'ffaabb', '99ddff', '44bb99', 'bbcc33', 'aaaa00', 'dddddd'],
];

/** Each class with a colour: the package's, else one of a list, which comes round. */
export function coloured(classes: readonly ModelClass[]): MapClass[] {
  return classes.map(({ value, name, colourHint }, place) => {
    const hex = Number.parseInt(colourHint ?? COLOURS[place % COLOURS.length]!, 16);
    return { value, name, colour: [(hex >> 16) & 255, (hex >> 8) & 255, hex & 255] };
  });
}
