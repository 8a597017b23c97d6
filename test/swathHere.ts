import { format } from 'node:util';
import { run } from '../cli/main.ts';
import type { Ended } from './swath.ts';

let former: Promise<unknown> = Promise.resolve();

/**
 * Runs the command line to its end like `swath`, in this process: its code is loaded once for all of a file's commands.
 * They come one after the other, as a process has one working directory, one output and one exit code. What is about
 * signals, or about a process that ends by itself, takes a process of its own.
 */
export function swathHere(args: string[], cwd: string): Promise<Ended> {
  const ended = former.then(() => runHere(args, cwd));
  former = ended.catch(() => {});
  return ended;
}

async function runHere(args: string[], cwd: string): Promise<Ended> {
  const { log, error } = console;
  const { write } = process.stderr;
  const { exitCode } = process;
  const home = process.cwd();
  const output = { stdout: '', stderr: '' };
  // Not process.stdout: there the test runner reports.
  console.log = (...said) => {
    output.stdout += `${format(...said)}\n`;
  };
  console.error = (...said) => {
    output.stderr += `${format(...said)}\n`;
  };
  process.stderr.write = (said: string | Uint8Array) => {
    output.stderr += said;
    return true;
  };
  process.env['FORCE_COLOR'] = '0'; // the test runner asks its children for colours where it has a terminal itself
  process.exitCode = 0;
  process.chdir(cwd);
  try {
    await run([process.execPath, 'swath', ...args]);
    return { code: Number(process.exitCode), signal: null, ...output };
  } finally {
    process.chdir(home);
    process.exitCode = exitCode;
    Object.assign(console, { log, error });
    process.stderr.write = write;
  }
}
