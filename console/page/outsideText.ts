import { printable } from '../../core/base/text/printable.ts';

/** Text from outside (a file's name, an error, a class), as a line that cannot pose as another. Preact lets it be no markup. */
export const outsideText = printable;

/** The same for text of several lines, such as an e-mail's. */
export const outsideLines = (text: string): string =>
  text.replaceAll('\r\n', '\n').replaceAll(/[^\n\t]+/g, (part) => printable(part));
