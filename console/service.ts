import type { MetricsTable } from '../core/drift/metricsTable.ts';
import type { Executions } from '../core/executions.ts';
import type { Ledger } from '../core/ledger/ledger.ts';
import type { SceneRef } from '../core/messages.ts';
import type { ReplacingBucket } from '../core/models/changeServing.ts';
import type { Models } from '../core/models/models.ts';
import type {
  Bucket,
  FindObject,
  ListedScene,
  ListKeys,
  ListScenes,
  OpenObject,
  ReadObject,
  ReadRange,
  WriteObject,
} from '../core/objectStore.ts';
import type { HttpRequest, HttpResponse } from '../core/online/http.ts';
import type { AddressOf } from '../core/requests/answer.ts';
import type { TruthPorts } from '../core/truth/tellTruths.ts';
import type { AlarmState, Email } from '../observability/alarmState.ts';
import type { LogReader } from '../observability/logs.ts';
import type { ObservedParameters } from '../observability/parameters.ts';
import type { MetricsReader } from '../observability/readMetrics.ts';

export type SendOptions = {
  keyPrefix?: string;
  /** Hears how many of the file's bytes are there by now. */
  onProgress?: (bytes: number) => void;
  /** Ends it in the middle; nothing of the file is there then. */
  signal?: AbortSignal;
};
/** A scene that was sent, and whether an event follows by itself that starts its run. */
export type Sent = { scene: SceneRef; eventFollows: boolean };

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
  /** The model bucket, to publish and promote in. */
  modelBucket: Bucket & ReplacingBucket;
  /** How large an object of the model bucket is, and since when it is there (ISO); null where there is none. */
  findModelFile: (key: string) => Promise<Pick<ListedScene, 'size' | 'lastModified'> | null>;
  /** Who calls: an ARN, or on a laptop the user's name. */
  caller: () => Promise<string | null>;
  /** A model's versions in the model bucket, in order; those of the stage's own one where none is named. */
  listVersions: (name?: string) => Promise<string[]>;
  readResult: ReadObject;
  /** The same of results of any size: maps. */
  openResult: OpenObject;
  writeResult: WriteObject;
  listResults: ListKeys;
  /** Some bytes of a scene file, by one ranged read. */
  readRange: ReadRange;
  readMetrics: MetricsReader;
  readLogs: LogReader;
  readAlarms: () => Promise<AlarmState[]>;
  /** The e-mails, the newest first; null where they really are sent. */
  readOutbox: (() => Promise<Email[]>) | null;
  /** Where in its bucket the inbox begins; keys below it are scene files'. */
  inboxPrefix: string;
  /** Where in the bucket bulk files lie, which the sweep classifies in batches. */
  bulkPrefix: string;
  /** The versions in the inbox whose keys begin so. */
  listScenes: (prefix: string) => ListScenes;
  /** How many executions have not ended; of more than a thousand, a thousand. */
  onTheirWay: () => Promise<number>;
  /** Puts a file into the inbox under a key; its event follows. */
  put: (file: string, key: string) => Promise<SceneRef>;
  /**
   * Sends a file into the inbox under a key that its content and its name make, below `keyPrefix`: sent once more, it is
   * the scene that it was, and nothing is written.
   */
  send: (file: string, options?: SendOptions) => Promise<Sent>;
  /** How requests for predictions come in; null where nothing takes them. */
  requests: {
    /** Their queue's URL: an answer goes to one of the same account and region. */
    url: string;
    send: (body: string) => Promise<void>;
    /** Takes predictions that were given over HTTP, to be counted. */
    count: (body: string) => Promise<void>;
    find: FindObject;
    inboxBucket: string;
    resultsBucket: string;
    addressOf?: AddressOf;
  } | null;
  /** By what truth that comes later finds the predictions, and where it is kept. */
  truth: Pick<TruthPorts, 'findObject' | 'inboxBucket' | 'resultsBucket' | 'objects'>;
  /** Predicts over HTTP, in this process; null where it does not. */
  answer: ((request: HttpRequest) => Promise<HttpResponse>) | null;
  /** The results bucket as a path, where there is one on this machine. */
  results: string | null;
  /** Resolves when nothing that this process started is on its way any more. */
  idle: () => Promise<void>;
  close: () => Promise<void>;
};
