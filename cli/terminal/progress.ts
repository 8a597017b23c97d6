import { COLUMNS, dim, fitting, printable } from './output.ts';

let endLine = () => {};

/** Removes the line that is shown, if there is one: whoever is interrupted says how to go on in its place. */
export const endProgress = (): void => endLine();

/** Shows a line of progress on stderr, if a terminal. Calling or disposing removes it; `above` prints above it, and counts anew. */
export function showProgress(describe: () => string) {
  const isShown = process.stderr.isTTY === true && process.env['TERM'] !== 'dumb';
  let started = Date.now();
  const draw = () => {
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    // Cut after making it printable: a line that is too long would wrap, and its first part would not be erased.
    const line = fitting(printable(`${describe()}  ${seconds} s`), (process.stderr.columns ?? COLUMNS) - 1);
    process.stderr.write(`\r\u001b[2K${dim(line)}`);
  };
  const erase = () => {
    if (isShown) process.stderr.write('\r\u001b[2K');
  };
  const timer = isShown ? setInterval(draw, 200) : undefined;
  if (isShown) draw();
  const end = () => {
    clearInterval(timer);
    erase();
  };
  endLine = end;
  const above = (print: () => void) => {
    erase();
    print();
    started = Date.now();
    if (isShown) draw();
  };
  return Object.assign(end, { above, [Symbol.dispose]: end });
}
