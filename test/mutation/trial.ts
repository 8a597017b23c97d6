import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a process of tests is told: which tests, by their paths, and what is changed before, if anything. */
export type Run = {
  tests: readonly string[];
  change?: { url: string; start: number; end: number; to: string };
  /** Whether the tests have tables in memory. */
  isInMemory: boolean;
};

export type Ended = { how: 'passed' | 'failed' | 'timed out'; milliseconds: number };

const RUN_TESTS = fileURLToPath(new URL('./runTests.ts', import.meta.url));
const PRELOAD = new URL('./preload.ts', import.meta.url).href;
const COMPILED = join(tmpdir(), 'swath-mutants-compiled');

/** Runs tests in a process of its own, which is ended after a time; with `coverage`, what they reach is written there. */
export function runTests(run: Run, timeoutMilliseconds: number, coverage?: string): Promise<Ended> {
  const started = performance.now();
  // What is compiled already is counted less precisely.
  const {
    NODE_V8_COVERAGE: _1,
    NODE_COMPILE_CACHE: _2,
    NODE_TEST_CONTEXT: _3,
    NODE_OPTIONS = '',
    ...inherited
  } = process.env;
  const own = coverage === undefined ? { NODE_COMPILE_CACHE: COMPILED } : { NODE_V8_COVERAGE: coverage };
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', RUN_TESTS], {
    // Threads and processes that the tests start inherit both.
    env: {
      ...inherited,
      ...own,
      NODE_OPTIONS: `${NODE_OPTIONS} --import=${PRELOAD}`,
      SWATH_MUTATION: JSON.stringify(run),
    },
    stdio: 'ignore',
  });
  return new Promise((resolve, reject) => {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      child.kill('SIGKILL');
    }, timeoutMilliseconds);
    child.once('error', reject);
    child.once('exit', (code) => {
      clearTimeout(timer);
      const how = isLate ? 'timed out' : code === 0 ? 'passed' : 'failed';
      resolve({ how, milliseconds: performance.now() - started });
    });
  });
}
