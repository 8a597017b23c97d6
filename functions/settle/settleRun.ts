import { markedFolder } from '../../core/base/keys.ts';
import * as messages from '../../core/base/messages.ts';
import { UNASSIGNED } from '../../core/base/run.ts';
import type { Work } from '../../core/base/step.ts';
import type { Ledger } from '../../core/ledger/contract.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { countRecentFailures } from '../../core/ledger/recentFailures.ts';
import { falseIfLost } from '../../core/ledger/runs.ts';
import type { WaitingDuplicatesPorts } from '../../core/ledger/startAttempt.ts';
import { FEW_DUPLICATES, makeStartWaitingDuplicates } from '../../core/ledger/startAttempt.ts';
import { isRunning } from '../../core/ledger/states.ts';
import type { Publish } from '../../core/metrics/metrics.ts';
import type { Models } from '../../core/releases/contract.ts';
import { takersOf } from '../../core/releases/serving.ts';
import { type FailRunPorts, failRun } from '../../core/results/failRun.ts';
import { noted, withModel } from './readError.ts';

export type SettleRunPorts = FailRunPorts &
  WaitingDuplicatesPorts & {
    ledger: Pick<Ledger, 'byState'>;
    models: Pick<Models, 'serving'>;
    publish: Publish;
    bulkPrefix: string;
  };

/**
 * Gives the execution a cause of one sentence. It finds the run by its scene and execution alone, so that a function
 * that died silently is settled too. If the same bytes have other keys as well, those are tried in its place.
 */
export function makeSettleRun(ports: SettleRunPorts): Work<messages.SettleInput, messages.SettleResult> {
  const { startWaitingDuplicates } = makeStartWaitingDuplicates(ports);

  return async ({ step, ...ended }, _invocation, log) => {
    const thrown = noted(log, ended, step);
    const { name, message } = thrown;
    // Names that begin with this are reserved, and a Fail state may not use them: https://states-language.net/#error-names
    const answer = { error: name.replace(/^States\./, ''), cause: `${step}: ${message}` };
    const event = messages.sceneEventSchema.safeParse(ended.input);
    if (!event.success) return answer; // the sweep, or an input that names no scene: there is no run to settle
    const { key } = event.data.scene;
    log['key'] = key;
    if (markedFolder(key, ports.bulkPrefix) !== null) return answer; // a marker's sweep: it is no scene file
    const row = await findRow(event.data, ended.execution);
    if (row === undefined) return answer;
    log['run'] = row.run;
    const failure = withModel(thrown, row.model);
    answer.cause = `${step}: ${failure.message}`;
    const at = ports.now();
    const state = name === 'InvalidSceneFile' ? 'INVALID' : 'FAILED';
    if (isRunning(row.state)) {
      const isOurs = await failRun(ports, row, state, failure, at).then(() => true, falseIfLost);
      if (!isOurs) return answer; // another execution has taken it over, and will end it
    } else if (row.state !== state) return answer; // it was ended before its step died
    log['state'] = state;
    if (name === 'Interrupted') return answer; // a deliberate stop is not a failure
    if (state === 'FAILED') log['passedOn'] = (await startWaitingDuplicates(row, FEW_DUPLICATES)).started;
    await ports.publish([await countRecentFailures(ports, state, 1)]);
    return answer;
  };

  /** The row that this execution holds or held; if it died before its claim, the row is claimed now. */
  async function findRow(event: messages.SceneEvent, execution: string): Promise<LedgerRow | undefined> {
    const ours = (await ports.ledger.ofScene(event.scene)).find((row) => row.execution === execution);
    if (ours !== undefined) return ours;
    const { held, row } = await ports.ledger.claim({
      scene: event.scene,
      // The model that Preprocess would have chosen: the others have executions of their own, or the sweep starts them.
      model: event.model ?? takersOf(await ports.models.serving(), event.scene.key)[0]?.model ?? UNASSIGNED,
      execution,
      now: ports.now(),
      leaseSeconds: 0,
      attemptLimit: ports.attemptLimit,
    });
    return held ? row : undefined;
  }
}
