import type { Ledger } from '../../core/ledger/ledger.ts';
import type { Models } from '../../core/models/models.ts';

export type LedgerWidgetPorts = {
  ledger: Pick<Ledger, 'byState' | 'countByState' | 'ofDay'>;
  models: Pick<Models, 'promotion' | 'load'>;
  now: () => Date;
  threshold: number;
  /** With fewer predictions there is no verdict. */
  minimum: number;
  driftWindow: number;
  /** This function, which the filter's button calls, and the one that the button of a failed run calls. */
  widgetArn: string;
  retryArn: string;
};
