import type { Figure } from './figure.ts';
import type { Machine } from './machine.ts';

/** What a suite is given to work with. */
export type Context = {
  /** Small files and few rounds: to see that it works, not to believe it. */
  isQuick: boolean;
  /** A folder of its own, gone afterwards. */
  folder: string;
  /** Says on stderr what is going on. */
  tell: (progress: string) => void;
  /** Something to know about the figures, which stands below them. */
  note: (text: string) => void;
};

export type Suite = {
  title: string;
  /** Whether the whole suite is to run on one core; else it sees to that itself, for each process that it starts. */
  onOneCore: boolean;
  run: (context: Context) => Promise<Figure[]>;
};

export type SuiteResult = { suite: string; title: string; seconds: number; figures: Figure[]; notes: string[] };

/** When and on what the suites ran. */
export type Run = { measuredAt: string; machine: Machine };
