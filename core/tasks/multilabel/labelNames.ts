/** Between the names of a chip's labels. */
export const SEPARATOR = ', ';
/** What is said of a chip that has none. No label is called so: names have no spaces. */
export const NO_LABEL = 'no label';

/** The names of labels that are kept so, or that a prediction shows. */
export function namesIn(text: string): string[] {
  return text === '' || text === NO_LABEL ? [] : text.split(SEPARATOR);
}
