import { dim, fitting, printable } from './text.ts';

/**
 * One line on stderr that says what is going on, while there is a person to read it; stdout stays with the answer. It goes
 * when what is answered is called, or disposed of.
 */
export function showProgress(describe: () => string) {
  const isShown = process.stderr.isTTY === true;
  const started = Date.now();
  const draw = () => {
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    // Cut once it is as it will show: a line that is too long would wrap, and its first part would stay.
    const line = fitting(printable(`${describe()}  ${seconds} s`), (process.stderr.columns ?? 80) - 1);
    process.stderr.write(`\r\u001b[2K${dim(line)}`);
  };
  const timer = isShown ? setInterval(draw, 200) : undefined;
  if (isShown) draw();
  const end = () => {
    clearInterval(timer);
    if (isShown) process.stderr.write('\r\u001b[2K');
  };
  return Object.assign(end, { [Symbol.dispose]: end });
}
