import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

const SWATH = fileURLToPath(new URL('../cli/swath.mjs', import.meta.url));

/** A fifth of what a short command takes is compiling, which needs to be done once only: `npm test` names a place, too. */
const { NODE_COMPILE_CACHE = join(tmpdir(), 'swath-tests-compiled') } = process.env;

export type Ended = { code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string };
/** What is undefined is not passed on. */
type Environment = Record<string, string | undefined>;

/** Runs the command line to its end, in `cwd`. */
export function swath(args: string[], cwd: string, environment: Environment = {}): Promise<Ended> {
  return startSwath(args, cwd, environment).ended;
}

/**
 * What a stop takes at most, on a machine that is busy with other tests as well. Its own deadlines (local/stack/stack.ts) come to 3 s,
 * and a little work is left after them. What could hold a stop up by mistake waits longer than this: 15 s for an answer of
 * another process, half a minute for the schedule, a minute for a call of the model.
 */
export const STOP_MILLISECONDS = 10_000;

/** Starts the command line as a process of its own, which does not outlive the tests. */
export function startSwath(args: string[], cwd: string, environment: Environment = {}) {
  // The test runner asks its children for colours where it has a terminal itself.
  const env = { ...process.env, FORCE_COLOR: '0', NODE_COMPILE_CACHE, ...environment };
  const child = spawn(process.execPath, [SWATH, ...args], { cwd, env });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      output[stream] += text;
    });
  const ended = once(child, 'close').then(([code, signal]): Ended => ({ code, signal, ...output }));
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  void ended.then(() => process.off('exit', kill));

  /** Waits until stdout says something; a process that ends without it is an error with its output. */
  async function says(pattern: RegExp): Promise<void> {
    while (!pattern.test(output.stdout)) {
      const more = once(child.stdout, 'data');
      if ('code' in (await Promise.race([more, ended])))
        throw new Error(`it ended without saying ${pattern}:\n${output.stdout}\n${output.stderr}`);
    }
  }

  return { pid: child.pid, output, ended, says, kill: (signal: NodeJS.Signals) => child.kill(signal) };
}

/** What each line of stdout says in JSON. */
export function jsonLines<Line>({ stdout }: Pick<Ended, 'stdout'>): Line[] {
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

/** A PATH on which `npx swath` is the command itself: npm's npx takes longer than most commands; one of readme.test.ts is run by that. */
export function withQuickNpx(cwd: string): string {
  const bin = join(cwd, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'npx'), `#!/bin/sh\nshift\nexec '${process.execPath}' '${SWATH}' "$@"\n`, { mode: 0o755 });
  return [bin, process.env['PATH']].join(delimiter);
}

/** A new folder, removed when the tests of this file are over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'swath-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
