import type { Ledger } from '../core/ledger/ledger.ts';
import type { LedgerRow, State } from '../core/ledger/ledgerRow.ts';
import { latestWritten } from '../core/time/clocks.ts';
import type { Alarm } from '../observability/alarms.ts';

/** How many files are named; the ledger has all of them. */
const MOST_NAMED = 5;
/** An error's message may be 4,000 letters long; its beginning says what is wrong. */
const MESSAGE_LETTERS = 200;

/** The alarms that are about files, and the state in which those are. */
const STATES: Readonly<Record<string, State>> = { 'failed-runs': 'FAILED', 'invalid-files': 'INVALID' };

/** The newest files that an alarm is about, within its evaluation time: name, error and time. */
export async function alarmCauses(
  { ledger, now }: { ledger: Pick<Ledger, 'byState'>; now: () => Date },
  { id, periodSeconds, evaluationPeriods }: Pick<Alarm, 'id' | 'periodSeconds' | 'evaluationPeriods'>,
): Promise<string[]> {
  const state = STATES[id];
  if (state === undefined) return [];
  const at = now();
  const since = new Date(at.getTime() - periodSeconds * evaluationPeriods * 1000);
  const { rows } = await ledger.byState(state, { since, until: latestWritten(at), limit: MOST_NAMED });
  return rows.map(causeOf);
}

function causeOf({ scene, run, changed, error }: LedgerRow): string {
  const message =
    error === undefined ? '' : `: ${error.name}: ${error.message.slice(0, MESSAGE_LETTERS).toWellFormed()}`;
  return `${scene.key} (run ${run}, ${changed})${message}`;
}
