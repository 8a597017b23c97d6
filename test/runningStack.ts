import { join } from 'node:path';
import { after, before } from 'node:test';
import { type OwnStack, startStack } from '../local/stack/stack.ts';

/**
 * For the tests of a suite: the stack of a folder's `.swath` runs in this process, as beside `swath start`. So the commands
 * in that folder share its workers, and none starts any of its own, which takes half a second of processor time each.
 * The folder is the file's, not the suite's: it is removed after the stack is closed.
 * @returns the stack, once the tests run
 */
export function runningStack(cwd: string): () => OwnStack {
  let stack: OwnStack | undefined;
  before(async () => {
    stack = await startStack({ dataDir: join(cwd, '.swath'), command: 'a test' });
  });
  after(() => stack?.close());
  return () => stack!;
}
