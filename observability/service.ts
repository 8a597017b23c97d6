import type { MetricsTable } from '../functions/drift/metricsTable.ts';
import type { Executions } from '../functions/shared/executions.ts';
import type { Ledger } from '../functions/shared/ledger.ts';
import type { SceneRef } from '../functions/shared/messages.ts';
import type { Models } from '../functions/shared/models.ts';
import type { ListScenes, ReadObject, ReadRange, WriteObject } from '../functions/shared/objectStore.ts';
import type { AlarmState, Email } from './alarmState.ts';
import type { ObservedParameters } from './parameters.ts';
import type { MetricsReader } from './readMetrics.ts';

/**
 * A running Swath, as the command line, the console and the reports see it: the embedded stack of a data folder, or a
 * deployed stage with the caller's own credentials.
 */
export type Service = {
  /** `local` for the embedded stack. */
  stage: string;
  /** As it was deployed. */
  parameters: ObservedParameters;
  /** The service's own time: on a laptop it may be another one than the machine's. */
  now: () => Date;
  ledger: Ledger;
  executions: Executions;
  /** How each window was judged. */
  metrics: MetricsTable;
  models: Models;
  /** The versions of the service's model in the model bucket, in order. */
  listVersions: () => Promise<string[]>;
  readResult: ReadObject;
  writeResult: WriteObject;
  /** The keys of the results bucket under a prefix, in order. */
  listResults: (prefix: string) => Promise<string[]>;
  /** Some bytes of a scene file, by one ranged read. */
  readRange: ReadRange;
  readMetrics: MetricsReader;
  readAlarms: () => Promise<AlarmState[]>;
  /** The e-mails, the newest first; null where they really are sent. */
  readOutbox: (() => Promise<Email[]>) | null;
  /** Where in its bucket the inbox begins; keys below it are scene files'. */
  inboxPrefix: string;
  /** The versions in the inbox whose keys begin so. */
  listScenes: (prefix: string) => ListScenes;
  /** How many executions have not ended; of more than a thousand, a thousand. */
  onTheirWay: () => Promise<number>;
  /** Puts a file into the inbox under a key; its event follows. */
  put: (file: string, key: string) => Promise<SceneRef>;
  /** The results bucket as a path, where there is one on this machine. */
  results: string | null;
  /** Resolves when nothing that this process started is on its way any more. */
  idle: () => Promise<void>;
  close: () => Promise<void>;
};
