import type { ExecutionStatus } from '../core/base/executions.ts';
import type { ModelRef, SceneRef } from '../core/base/messages.ts';
import type { LedgerRow } from '../core/ledger/ledgerRow.ts';
import type { Datum } from '../core/metrics/metrics.ts';

/**
 * A running Swath as the whole-pipeline suite sees it, from outside: files go in, and what came of them is read where it
 * is kept. The suite knows nothing else, so it runs wherever these can be had.
 */
export type TestStack = {
  /** What the stack was deployed with. */
  parameters: { modelName: string; chipsPerPart: number; driftThreshold: number };

  /** A key for a file, of that name as far as this stack's events bring its characters through. */
  spell: (name: string) => string;
  /** Whether a file can have that key here; `untold` where that is for others to say, and no test asks for it. */
  takes: (key: string) => 'yes' | 'no' | 'untold';
  /** Writes an object of the model bucket. */
  writeModel: (key: string, bytes: Uint8Array) => Promise<void>;
  /** Puts a file into the inbox, whose event starts an execution; it does not wait. */
  put: (key: string, bytes: Uint8Array) => Promise<SceneRef>;
  /** Puts a file into the inbox of which no event ever comes. */
  putSilently: (key: string, bytes: Uint8Array) => Promise<SceneRef>;
  /** The same for several files, in the time of one. */
  putAllSilently: (files: { key: string; bytes: Uint8Array }[]) => Promise<SceneRef[]>;
  /** Puts a file into the inbox that comes beside scenes and is none. */
  putBeside: (key: string, bytes: Uint8Array) => Promise<void>;
  /** Delivers a file's event once more, and waits for the end of the execution that it starts. */
  announce: (scene: SceneRef) => Promise<ExecutionStatus>;
  /** Runs a sweep; resolves when it, and whatever it started, has ended. */
  sweep: () => Promise<void>;
  /** Has the function drift judge the UTC days that are closed at a point in time. */
  judgeDays: (before: Date) => Promise<void>;

  /** The runs of a scene, one for each model version, as the ledger has them now. */
  ledgerRows: (scene: SceneRef) => Promise<LedgerRow[]>;
  /** How an execution ended, as soon as it has. */
  ended: (execution: string) => Promise<ExecutionStatus>;
  /** The metrics table's row of a window, as it is stored. */
  metricsRow: (model: ModelRef, window: string) => Promise<Record<string, unknown> | undefined>;
  /**
   * Begins to watch what is published, once it can be told from what was published before; what it answers tells, asked
   * later, what came since.
   */
  watchMetrics: () => Promise<() => Promise<Datum[]>>;
  /** The keys of the results bucket under a prefix, in their order. */
  listResults: (prefix: string) => Promise<string[]>;
  readResult: (key: string) => Promise<Uint8Array>;

  close: () => Promise<void>;
};
