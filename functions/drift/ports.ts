import type { Results } from '../../core/base/objectStore.ts';
import type { MetricsTable } from '../../core/drift/metricsTable.ts';
import type { Limits } from '../../core/drift/window.ts';
import type { Ledger } from '../../core/ledger/contract.ts';
import type { DueDays } from '../../core/ledger/dueDays.ts';
import type { Publish } from '../../core/metrics/metrics.ts';
import type { Settings } from '../../core/parameters/settings.ts';
import type { Models } from '../../core/releases/contract.ts';
import type { StartShadowPorts } from '../../core/releases/startShadow.ts';
import type { HrefOf } from '../../core/results/maps/itemOfRun.ts';

export type DriftPorts = Limits &
  StartShadowPorts & {
    ledger: DueDays &
      Pick<Ledger, 'get' | 'advance' | 'ofDay' | 'byState' | 'openBatches' | 'rowsOf' | 'grantAttempt' | 'ofScene'>;
    hrefOf: HrefOf;
    metrics: MetricsTable;
    models: Pick<Models, 'load' | 'serving' | 'isTrial' | 'shadow'>;
    publish: Publish;
    now: () => Date;
  } & Pick<Results, 'readResult' | 'readPiece' | 'writeResult'> &
  Pick<Settings, 'requestDays' | 'driftWindow' | 'blankShareLimit' | 'accuracyLimit'>;
