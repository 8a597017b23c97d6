import type { Executions } from '../core/base/executions.ts';
import type { SceneRef } from '../core/base/messages.ts';
import type * as store from '../core/base/objectStore.ts';
import type { HttpRequest, HttpResponse } from '../core/doors/online/http.ts';
import type { AddressOf } from '../core/doors/requests/answer.ts';
import type { TruthPorts } from '../core/doors/truth/tellTruths.ts';
import type { MetricsTable } from '../core/drift/metricsTable.ts';
import type { FeatureSource } from '../core/features/contract.ts';
import type { Features } from '../core/features/featureTable.ts';
import type { ListInventory } from '../core/feeds/inventory.ts';
import type { Ledger } from '../core/ledger/contract.ts';
import type { Models } from '../core/releases/contract.ts';
import type { RemovePredictionsPorts } from '../core/results/removePredictions.ts';
import type { AlarmState, Email } from '../observability/alarms.ts';
import type { LogReader } from '../observability/logs.ts';
import type { ObservedParameters } from '../observability/parameters.ts';
import type { MetricsReader } from '../observability/readMetrics.ts';

export type SendOptions = {
  keyPrefix?: string;
  /** Called with the number of the file's bytes uploaded so far. */
  onProgress?: (bytes: number) => void;
  /** Aborts the upload, which then leaves nothing. */
  signal?: AbortSignal;
};
/** A scene that was sent, and whether an event follows that starts its run. */
export type Sent = { scene: SceneRef; eventFollows: boolean };

/** A running Swath: the embedded stack of a data folder, or a deployed stage with the caller's credentials. */
export type Service = Pick<TruthPorts, 'findObject' | 'inboxBucket' | 'onceBucket' | 'resultsBucket'> & {
  /** `local` for the embedded stack. */
  stage: string;
  parameters: ObservedParameters;
  /** The service's clock: on a laptop it may differ from the machine's. */
  now: () => Date;
  ledger: Ledger;
  executions: Executions;
  metrics: MetricsTable;
  features: Features;
  /** Where a stage looks up what inputs name, if not in its own table. */
  featureSource?: FeatureSource;
  models: Models;
  modelBucket: store.Bucket;
  /** The size and date (ISO) of an object of the model bucket; null if there is none. */
  findModelFile: (key: string) => Promise<Pick<store.ListedScene, 'size' | 'lastModified'> | null>;
  /** The caller: an ARN, or on a laptop the user's name. */
  caller: () => Promise<string | null>;
  /** A model's versions in the model bucket, in order; by default those of the stage's own model. */
  listVersions: (name?: string) => Promise<string[]>;
  readResult: store.ReadObject;
  /** The same for results of any size: maps. */
  openResult: store.OpenObject;
  writeResult: store.WriteObject;
  listResults: store.ListKeys;
  /** The results by their versions, for what is replaced or has to be forgotten. */
  objects: store.VersionedObjects & RemovePredictionsPorts;
  /** Returns where results outside of S3 can be opened. */
  addressOf?: AddressOf;
  /** Reads some bytes of a scene file with one ranged read. */
  readRange: store.ReadRange;
  /** Opens a scene file, with the files that it names. */
  openScene: store.OpenScene;
  readMetrics: MetricsReader;
  readLogs: LogReader;
  readAlarms: () => Promise<AlarmState[]>;
  /** The e-mails, the newest first; null if they are really sent. */
  readOutbox: (() => Promise<Email[]>) | null;
  inbox: Pick<store.Bucket, 'list' | 'replaceVersion'>;
  inboxPrefix: string;
  /** Lists archives' buckets for feeds; absent on a laptop. */
  listInventory?: ListInventory;
  /** The prefix of bulk files, which the sweep classifies in batches. */
  bulkPrefix: string;
  /** The versions in the inbox whose keys begin with a prefix. */
  listScenes: (prefix: string) => store.ListScenes;
  /** The number of running executions, up to a thousand. */
  onTheirWay: () => Promise<number>;
  /** Sends a file into the inbox under a key of `keyPrefix`, its content and its name, unless it is there already. */
  send: (file: string, options?: SendOptions) => Promise<Sent>;
  /** Sends requests for predictions; null if the service takes none. */
  requests: { url: string; send: (body: string) => Promise<void> } | null;
  /** Sends predictions that were answered over HTTP, or truths, to be counted; null if the service counts none. */
  count: ((body: string) => Promise<void>) | null;
  /** Predicts in this process what a person tries, which counts nowhere; null if it does not. */
  tryOut: ((request: HttpRequest) => Promise<HttpResponse>) | null;
  /** The path of the results bucket, if it is a folder on this machine. */
  results: string | null;
  /** Resolves when everything that this process started has ended. */
  idle: () => Promise<void>;
  close: () => Promise<void>;
};
