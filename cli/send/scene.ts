import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { companionEnding } from '../../core/base/keys.ts';
import { type ModelRef, runId, type SceneRef, sceneInput } from '../../core/base/messages.ts';
import type { LedgerRow, RunError } from '../../core/ledger/ledgerRow.ts';
import { isRunning } from '../../core/ledger/states.ts';
import { sentName } from '../../core/scenes/sentKey.ts';
import { versionsInFolder } from '../../local/buckets/folderBucket.ts';
import { companionRule } from '../../local/buckets/inboxKey.ts';
import { sceneFileAt } from '../../local/buckets/sceneFolder.ts';
import { settleLost } from '../../local/stack/recoveredClaims.ts';
import type { Stack } from '../../local/stack/stack.ts';
import { quoted } from '../service/where.ts';
import { WrongUse } from '../terminal/output.ts';

const FIRST_LOOK_MILLISECONDS = 10;
const LAST_LOOK_MILLISECONDS = 200;

/** Checks that a path is a file, or a folder that is a scene, that the pipeline can take; throws `WrongUse` before any work. */
export function checkFile(path: string): void {
  const file = sceneFileAt(path);
  const about = statSync(file, { throwIfNoEntry: false });
  if (about === undefined) throw new WrongUse(`${file}: no such file.`);
  if (about.isDirectory() && /\.zarr\/?$/i.test(file))
    throw new WrongUse(
      `${file}: found no zarr.json or .zmetadata, allowed are Zarr stores with consolidated metadata. Write them: python -c "import zarr; zarr.consolidate_metadata('${file}')"`,
    );
  if (about.isDirectory())
    throw new WrongUse(
      `${file} is a folder; name the files in it, such as ${quoted(file.replace(/\/$/, '').replace(/^-/, './-'))}/*`,
    );
  if (!about.isFile()) throw new WrongUse(`${file} is not a file.`);
  if (companionEnding(sentName(file)) !== undefined)
    throw new WrongUse(`${file}: ${companionRule}. Leave it out, or rename it if it is one.`);
}

/** Checks a file that is read at once: unlike a scene file, it may have any name and come through a pipe. */
export function checkNoFolder(file: string, allowed: string): void {
  const about = statSync(file, { throwIfNoEntry: false });
  if (about === undefined) throw new WrongUse(`${file}: no such file.`);
  if (about.isDirectory()) throw new WrongUse(`${file} is a folder, allowed is ${allowed}.`);
}

/** A run at its end, and whether it had already ended, so that nothing was done now. */
export type Ended = { row: LedgerRow; wasSettledBefore: boolean };

type Here = Pick<Stack, 'executions' | 'ended' | 'ledger' | 'folder' | 'now'>;

/** Starts the run of a scene and waits for its end. A run that failed before gets another attempt, since the user asks. */
export async function runScene(stack: Here, scene: SceneRef, model: ModelRef): Promise<Ended> {
  const name = randomUUID();
  await stack.executions.start(name, sceneInput(scene, model));
  const execution = stack.executions.arnOf(name);
  const ended = await stack.ended(execution);
  // Another execution may have claimed the run before this one; then its end counts.
  const isOver = (found: LedgerRow | undefined) => found === undefined || !isRunning(found.state);
  const row = await until(() => settledOrLost(stack, scene, model), isOver);
  if (row === undefined) {
    const { error: name = 'Unknown', cause: message = 'no details are known' } = ended;
    return unwritten(scene, model, { name, message, step: 'Settle', attempt: 1 });
  }
  const wasSettledBefore = row.execution !== execution;
  if (row.state !== 'FAILED' || !wasSettledBefore || ended.status !== 'SUCCEEDED') return { row, wasSettledBefore };
  await stack.ledger.grantAttempt(row, stack.now());
  return runScene(stack, scene, model);
}

/** The run's current row. A run whose execution was lost in a crash is settled first. */
async function settledOrLost({ executions, ledger, folder, now }: Here, scene: SceneRef, model: ModelRef) {
  const row = await ledger.get(scene, model);
  if (row === undefined || !isRunning(row.state)) return row;
  if ((await executions.describe(row.execution)).status === 'RUNNING') return row;
  const ports = { ledger, ...versionsInFolder(folder.results) };
  return settleLost(ports, row, now()).catch(() => row); // it has ended by itself meanwhile
}

/** Describes a run that never began, or that could not be written to the ledger, which therefore has no failure of it. */
export function unwritten(scene: SceneRef, model: ModelRef, failure: Omit<RunError, 'at'>): Ended {
  const [at, { attempt }] = [new Date().toISOString(), failure];
  const id = { run: runId(scene, model), scene, model, execution: '', attempt, attemptLimit: attempt };
  const row: LedgerRow = { ...id, state: 'FAILED', changed: at, claimedAt: at, error: { ...failure, at } };
  return { row, wasSettledBefore: false };
}

/** Looks again and again, ever less often, until it is enough. */
export async function until<Value>(
  look: () => Promise<Value>,
  isEnough: (value: Value) => boolean,
  mostMilliseconds = LAST_LOOK_MILLISECONDS,
): Promise<Value> {
  for (let wait = FIRST_LOOK_MILLISECONDS; ; wait = Math.min(wait * 1.5, mostMilliseconds)) {
    const value = await look();
    if (isEnough(value)) return value;
    await setTimeout(wait);
  }
}
