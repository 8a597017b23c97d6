import { makeBatchFile } from '../bulk/batchFile.ts';
import { leftMark } from '../shared/dueDays.ts';
import { TransientTrouble } from '../shared/errors.ts';
import type { FormerVersion } from '../shared/formerVersions.ts';
import type { Ledger } from '../shared/ledger.ts';
import type { LedgerRow } from '../shared/ledgerRow.ts';
import type { RunRef } from '../shared/messages.ts';
import type { Models } from '../shared/models.ts';
import { isNearlyClosed } from '../shared/nearlyClosed.ts';
import type { ReadVersion, ReplaceVersion } from '../shared/objectStore.ts';
import { makePassOn, type PassOnPorts } from '../shared/passOn.ts';
import { type RemovePredictionsPorts, removePredictions } from '../shared/removePredictions.ts';
import { isUnassigned, modelId } from '../shared/run.ts';

export type SupersedePorts = PassOnPorts &
  RemovePredictionsPorts & {
    ledger: PassOnPorts['ledger'] & Pick<Ledger, 'takeOver' | 'advance' | 'renew' | 'markDue' | 'isOpen'>;
    models: Pick<Models, 'load'>;
    readVersion: ReadVersion;
    replaceVersion: ReplaceVersion;
    leaseSeconds: number;
  };

/** The run of the whole file. */
export type Successor = Pick<RunRef, 'id' | 'model' | 'execution'>;

/** A version whose bytes are the beginning of a later version's. */
export type Prefix = Required<FormerVersion>;

export type Supersede = (prefix: Prefix, by: Successor) => Promise<void>;

/** Duplicates that are tried at once in the place of a superseded run; `swath sweep --full` tries the others. */
const FEW_DUPLICATES = 100;

/**
 * Takes the runs of an unfinished copy out of everything that counts, by whichever model version they are: they end as
 * `DUPLICATE` of the run of the version that their bytes are the beginning of. See docs/decisions/0013.
 *
 *   time → the day is marked ── taken over, counts no more ── predictions removed ── DUPLICATE ── its own duplicates tried
 *                                 └ whoever was at work on it has lost its claim
 *
 * Each step may be repeated: where it is interrupted, the next attempt of `by` does it again.
 */
export function makeSupersede(ports: SupersedePorts): Supersede {
  const { ledger, now } = ports;
  const { passOn } = makePassOn(ports);

  return async (prefix, by) => {
    const rows = (await ledger.ofScene(prefix.scene)).filter(({ model }) => !isUnassigned(model));
    if (!rows.some(({ model }) => modelId(model) === modelId(by.model))) rows.push(await claimUnseen(prefix, by));
    for (const row of rows) await supersedeRun(row, prefix, by);
  };

  /** A file whose event is still on its way, or was lost, must find its run at its end. */
  async function claimUnseen({ scene }: Prefix, { model, execution }: Successor): Promise<LedgerRow> {
    const { leaseSeconds, attemptLimit } = ports;
    const { row } = await ledger.claim({ scene, model, execution, now: now(), leaseSeconds, attemptLimit });
    return row;
  }

  async function supersedeRun(row: LedgerRow, prefix: Prefix, by: Successor): Promise<void> {
    if (row.state === 'INVALID') return; // it counts nothing already, and is never tried again
    const isDone = row.state === 'DUPLICATE' && row.prefix === true;
    const ended = isDone ? row : await endAsPrefix(row, prefix, by);
    await passOn(ended, FEW_DUPLICATES);
  }

  async function endAsPrefix(row: LedgerRow, { size, digest }: Prefix, by: Successor): Promise<LedgerRow> {
    if (row.batch !== undefined && (await ledger.isOpen(row.batch)))
      throw new TransientTrouble(`The batch ${row.batch} is still at work on ${row.scene.key}, an unfinished copy.`);
    await markDay(row);
    const isOurs = row.state === 'CLAIMED' && row.execution === by.execution;
    const taken = isOurs ? row : await ledger.takeOver(row, by.execution, now(), ports.leaseSeconds);
    const assertOurs = async () => void (await ledger.renew(taken, now(), ports.leaseSeconds));
    if (taken.batch !== undefined) await removeFromBatch(taken, taken.batch, digest, assertOurs);
    else await removePredictions(ports, { ...taken, id: taken.run, day: taken.day ?? '' }, assertOurs);
    return ledger.advance(taken, 'DUPLICATE', now(), {
      duplicateOf: by.id,
      prefix: true,
      size,
      digest,
      batch: undefined,
    });
  }

  /** Written before the run stops counting, so that none does without the day's next judgement. */
  async function markDay({ state, day, run, attempt, scene, model }: LedgerRow): Promise<void> {
    const at = now();
    if ((state !== 'DONE' && state !== 'EMPTY') || day === undefined || !isNearlyClosed(day, at)) return;
    await ledger.markDue({ day, mark: leftMark(run, attempt), at: at.toISOString(), landing: { scene, model } });
  }

  async function removeFromBatch(row: LedgerRow, batch: string, digest: string, assertOurs: () => Promise<void>) {
    const { model, day = '', attempt, execution } = row;
    const classesOf = async () => (await ports.models.load(model)).classes;
    const holder = { batch: { id: batch, model, day }, attempt, execution };
    const file = makeBatchFile({ ...ports, needHeld: assertOurs }, holder, classesOf);
    await file.read();
    await file.remove(digest);
  }
}
