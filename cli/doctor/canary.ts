import { randomUUID } from 'node:crypto';
import { counted } from '../../charts/format.ts';
import { CANARY_FOLDER } from '../../core/base/keys.ts';
import type { SceneRef } from '../../core/base/messages.ts';
import { LOCAL_STAGE } from '../../local/alarms/observing.ts';
import { type Check, type Finding, fine, notice, type WithService, wrong } from './check.ts';

/** A canary: a small object whose event takes the same way as every scene file's. */
export type Canary = {
  inboxPrefix: string;
  /** Why no canary can be sent; null if one can. */
  obstacle: () => Promise<Finding | null>;
  put: (key: string, bytes: Uint8Array) => Promise<SceneRef>;
  findExecution: (scene: SceneRef) => Promise<string | undefined>;
  remove: (scene: SceneRef) => Promise<void>;
  patienceMilliseconds: number;
  lookEveryMilliseconds: number;
};

/** The clock and timer of a canary; `wait` rejects on an interruption. */
export type Time = { clock: () => number; wait: (milliseconds: number) => Promise<void> };

type Ports = WithService<'executions' | 'onTheirWay' | 'stage'> & Time & { canary: () => Promise<Canary> };

const CONTENT =
  'A canary of "swath doctor", which tests that events arrive. It is no scene file, and may be deleted.\n';

const SEE = "Look at the execution's history.";

/** Checks that a file's event starts an execution, with an object that ends before classification and counts nowhere. */
export const wiring: Check<Ports> = {
  id: 'canary',
  title: 'event wiring',
  needs: ['buckets', 'tables', 'inbox events', 'arrivals rule'],
  look: async (ports) => {
    const canary = await ports.canary();
    const obstacle = await canary.obstacle();
    if (obstacle !== null) return obstacle;
    const time = new Date(ports.clock()).toISOString().replaceAll(':', '-').replace('.', '-');
    const key = `${canary.inboxPrefix}${CANARY_FOLDER}${time}-${randomUUID().slice(0, 8)}`;
    const scene = await canary.put(key, Buffer.from(CONTENT));
    const finding = await follow(scene, canary, ports).catch(async (error: unknown) => {
      await canary.remove(scene).catch(() => {}); // the earlier error says more
      throw error;
    });
    await canary.remove(scene).catch((error: Error) => {
      throw new Error(`The canary ${scene.key} could not be removed: ${error.message}`);
    });
    return finding;
  },
};

async function follow(scene: SceneRef, canary: Canary, { service, clock, wait }: Ports): Promise<Finding> {
  const { patienceMilliseconds, lookEveryMilliseconds, findExecution } = canary;
  const { executions, onTheirWay, stage } = await service();
  const began = clock();
  let execution: string | undefined;
  while (clock() < began + patienceMilliseconds) {
    execution ??= await findExecution(scene);
    const { status, error, cause } =
      execution === undefined ? { status: 'RUNNING' } : await executions.describe(execution);
    if (status === 'SUCCEEDED') {
      const seconds = Number(((clock() - began) / 1000).toFixed(1));
      return { ...fine(`a canary's event started its execution, and that ended, after ${seconds} s`), seconds };
    }
    if (status !== 'RUNNING')
      return wrong(
        `the canary's execution ${execution} ended as ${[status, error, cause].filter(Boolean).join(': ')}`,
        SEE,
      );
    await wait(lookEveryMilliseconds);
  }
  const seconds = patienceMilliseconds / 1000;
  const others = (await onTheirWay()) - (execution === undefined ? 0 : 1);
  // On a stage, executions in progress are no reason for an event that does not come.
  if (others > 0 && (execution !== undefined || stage === LOCAL_STAGE))
    return notice(
      `the canary still waits after ${seconds} s, as ${counted(others, 'other execution is', 'other executions are')} waiting or in progress`,
      'Check again when they have ended. If their number does not fall, something is wrong.',
    );
  if (execution !== undefined) return wrong(`the canary's execution ${execution} still runs after ${seconds} s`, SEE);
  return wrong(
    `the event of ${scene.key} started no execution within ${seconds} s`,
    "If the stage was just deployed for the first time, check again: S3 takes about five minutes before it sends events. Otherwise look at the dead-letter queue and at the rule's FailedInvocations: its role may lack permission to start the state machine. Until events arrive, the sweep finds new files.",
  );
}
