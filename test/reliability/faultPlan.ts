import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../../replay/sfc32.ts';

/** What can go wrong with a call of the world outside a step. */
export const KINDS = [
  'throttled', // the tables refuse it for now, every time the client tries
  'not sent', // the connection is refused, or the disk fails, and nothing has happened
  'answer lost', // it has happened, and an error comes back
  'killed before', // the worker dies, and nothing has happened
  'killed after', // the worker dies, and it has happened
  'hung', // the worker stands still beyond its time-out, and then goes on
] as const;

export type Fault = {
  number: number;
  kind: (typeof KINDS)[number];
  /** The function whose call it is. */
  step: 'preprocess' | 'infer' | 'drift';
  /** Which of its requests and file operations, from 1 on. */
  call: number;
  /** Whether it comes with each of the client's own repetitions, or with the first only. */
  isLasting: boolean;
  /** How long a hung worker stands still. */
  milliseconds: number;
};

/** The faults by the key of the file that they are for. */
export type FaultPlan = { faults: Record<string, Fault> };

const STEPS = ['preprocess', 'infer', 'drift'] as const;
/** Each step makes at least so many calls, whatever the file. */
const CALLS = 3;

/** A fault for each of these files, every one of `kinds` in every step as often as any other. */
export function planFaults(
  keys: string[],
  kinds: readonly Fault['kind'][],
  milliseconds: number,
  random: Random,
): FaultPlan['faults'] {
  return Object.fromEntries(
    keys.map((key, number): [string, Fault] => [
      key,
      {
        number,
        kind: kinds[number % kinds.length]!,
        step: STEPS[Math.floor(number / kinds.length) % STEPS.length]!,
        call: 1 + Math.floor(random() * CALLS),
        isLasting: random() < 0.5,
        milliseconds,
      },
    ]),
  );
}

const FILE = 'faults.json';

export function writePlan(folder: string, plan: FaultPlan): void {
  writeFileSync(join(folder, FILE), JSON.stringify(plan));
}

export function readPlan(folder: string): FaultPlan {
  return JSON.parse(readFileSync(join(folder, FILE), 'utf8')) as FaultPlan;
}

/** How many faults of each kind there were, as the workers have left word of them. */
export function injectedFaults(folder: string): Record<string, number> {
  const found = readdirSync(folder).filter((name) => name.startsWith('injected-'));
  const kinds = found.map((name) => readFileSync(join(folder, name), 'utf8'));
  return Object.fromEntries(KINDS.map((kind) => [kind, kinds.filter((one) => one === kind).length]));
}
