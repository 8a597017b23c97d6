import { COLUMNS, dim, fitting, printable } from './output.ts';

const NONE = { end: () => {}, above: (print: () => void) => print() };
let line = NONE;

/** Removes the line that is shown, if there is one: whoever is interrupted says how to go on in its place. */
export const endProgress = (): void => line.end();

/** Prints above the line that is shown, if there is one, and counts anew. */
export const aboveProgress = (print: () => void): void => line.above(print);

/** Shows a line of progress on stderr, if a terminal. Calling or disposing removes it. */
export function showProgress(describe: () => string) {
  const isShown = process.stderr.isTTY === true && process.env['TERM'] !== 'dumb';
  let started = Date.now();
  const draw = () => {
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    // Cut after making it printable: a line that is too long would wrap, and its first part would not be erased.
    const text = fitting(printable(`${describe()}  ${seconds} s`), (process.stderr.columns ?? COLUMNS) - 1);
    process.stderr.write(`\r\u001b[2K${dim(text)}`);
  };
  const erase = () => {
    if (isShown) process.stderr.write('\r\u001b[2K');
  };
  const timer = isShown ? setInterval(draw, 200) : undefined;
  if (isShown) draw();
  const end = () => {
    clearInterval(timer);
    erase();
    line = NONE;
  };
  const above = (print: () => void) => {
    erase();
    print();
    started = Date.now();
    if (isShown) draw();
  };
  line = { end, above };
  return Object.assign(end, { [Symbol.dispose]: end });
}
