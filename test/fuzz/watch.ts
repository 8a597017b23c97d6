import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { printable } from '../../core/base/text/printable.ts';
import type { Target } from './target.ts';

/** What is wrong with how an input was read. */
export type Fault = { kind: 'crash' | 'wrong' | 'no reason' | 'slow' | 'memory'; what: string };

/** How an input was read. */
export type Seen = { refused: boolean; fault?: Fault };

/** Of the processor's time: far above what any input of that size needs, far below what is quadratic. */
const MOST_MILLISECONDS = 250;
const MILLISECONDS_PER_KB = 2;

/**
 * Memory that no input's size accounts for: what is compiled, caches, the megabyte that a record gets on its length's word.
 * An input whose length fields were believed asks for a multiple of it.
 */
const MOST_BYTES = 24 * 1024 ** 2;
const BYTES_PER_BYTE = 64;

/** A reason is for people, and for a ledger's row, though a package's may list each problem of a file. */
const LONGEST_PART_OF_REASON = 1500;
const LONGEST_REASON = 40_000;

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** What one input leaves would be collected while the next one is read, and make its sum wrong. */
const MUCH_BYTES = 8 * 1024 ** 2;
function clearUp(): void {
  collectGarbage();
  collectGarbage(); // arrays are given back in the background, and at the latest before the next collection
}

/** Has a target read an input, and says what is wrong with how it did. */
export async function watched(target: Target, input: Uint8Array): Promise<Seen> {
  const first = await measured(target, input);
  const kind = first.fault?.kind;
  if (kind !== 'slow' && kind !== 'memory') return first;
  const again: Seen[] = [];
  for (let i = 0; i < 2; i++) {
    clearUp();
    again.push(await measured(target, input));
  }
  const isSame = ({ fault }: Seen) => fault?.kind === kind;
  // Slow may have been the compiler, so it has to be so each time. Memory does not show where it is collected in between.
  const isSo = kind === 'slow' ? again.every(isSame) : again.some(isSame);
  return isSo ? first : { refused: first.refused };
}

async function measured(target: Target, input: Uint8Array): Promise<Seen> {
  const memory = memoryInUse();
  const started = process.threadCpuUsage();
  const seen = await outcome(target, input);
  const { user, system } = process.threadCpuUsage(started);
  const milliseconds = (user + system) / 1000;
  const bytes = memoryInUse() - memory;
  if (bytes > MUCH_BYTES) clearUp();
  if (seen.fault !== undefined) return seen;
  const { mostBytes: base = MOST_BYTES, bytesPerByte = BYTES_PER_BYTE } = target.limits;
  const { mostMilliseconds = MOST_MILLISECONDS + (MILLISECONDS_PER_KB * input.length) / 1000 } = target.limits;
  const mostBytes = base + bytesPerByte * input.length;
  if (milliseconds > mostMilliseconds)
    return { ...seen, fault: { kind: 'slow', what: `${Math.round(milliseconds)} ms for ${input.length} bytes` } };
  if (bytes > mostBytes)
    return { ...seen, fault: { kind: 'memory', what: `${bytes} bytes for ${input.length} bytes` } };
  return seen;
}

/** Of this thread alone; what is collected meanwhile makes it less, so a fault may go unseen now and then, but not always. */
function memoryInUse(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

async function outcome(target: Target, input: Uint8Array): Promise<Seen> {
  try {
    await target.read(input);
    return { refused: false };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: typeof error, message: String(error) };
    if (name === 'AssertionError') return { refused: false, fault: { kind: 'wrong', what: shortened(message) } };
    if (!target.limits.refuses.includes(name))
      return { refused: true, fault: { kind: 'crash', what: `${name}: ${shortened(message)}${placeOf(error)}` } };
    const longest = Math.max(...message.split('; ').map((part) => part.length));
    if (message.trim() === '' || longest > LONGEST_PART_OF_REASON || message.length > LONGEST_REASON)
      return {
        refused: true,
        fault: { kind: 'no reason', what: `${name} of ${message.length} letters: ${shortened(message).slice(0, 200)}` },
      };
    return { refused: true };
  }
}

/** The line of our own code that threw it. */
function placeOf(error: unknown): string {
  const [line] =
    (error instanceof Error ? (error.stack ?? '') : '').match(/(functions|local|cli|observability)\/[\w/.]+:\d+/) ?? [];
  return line === undefined ? '' : ` (${line})`;
}

/** In plain characters: it is shown in a terminal. */
function shortened(message: string): string {
  return printable(message.replace(/\s+/g, ' ').slice(0, 400));
}
