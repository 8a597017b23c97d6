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
  /** The ARNs of this function, for the filter's button, and of the function retry, for the button of a failed run. */
  widgetArn: string;
  retryArn: string;
};
