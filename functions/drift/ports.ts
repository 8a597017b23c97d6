import type { ReadObject, ReadPiece, WriteObject } from '../../core/base/objectStore.ts';
import type { MetricsTable } from '../../core/drift/metricsTable.ts';
import type { Limits } from '../../core/drift/window.ts';
import type { Ledger } from '../../core/ledger/contract.ts';
import type { DueDays } from '../../core/ledger/dueDays.ts';
import type { Publish } from '../../core/metrics/metrics.ts';
import type { Settings } from '../../core/parameters/settings.ts';
import type { Models } from '../../core/releases/contract.ts';
import type { StartShadowPorts } from '../../core/releases/startShadow.ts';
import type { HrefOf } from '../../core/results/maps/itemOfRun.ts';
import type { LastWordPorts } from './recent/lastWord.ts';

export type DriftPorts = Limits &
  LastWordPorts &
  StartShadowPorts & {
    ledger: DueDays &
      Pick<Ledger, 'get' | 'advance' | 'ofDay' | 'byState' | 'openBatches' | 'rowsOf' | 'grantAttempt' | 'ofScene'>;
    /** Reads results: the summaries of parts, and the lines of manifests. */
    readResult: ReadObject;
    readPiece: ReadPiece;
    writeResult: WriteObject;
    hrefOf: HrefOf;
    metrics: MetricsTable;
    models: Pick<Models, 'load' | 'serving' | 'isTrial' | 'shadow'>;
    publish: Publish;
    now: () => Date;
  } & Pick<Settings, 'requestDays' | 'driftWindow'>;
