/** Separates the names of a chip's labels. */
export const SEPARATOR = ', ';
/** Stands for a chip without labels. No label has this name, because names have no spaces. */
export const NO_LABEL = 'no label';

/** Splits joined label names, as stored or as shown in a prediction. */
export function namesIn(text: string): string[] {
  return text === '' || text === NO_LABEL ? [] : text.split(SEPARATOR);
}
