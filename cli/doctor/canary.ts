import { randomUUID } from 'node:crypto';
import { CANARY_FOLDER } from '../../core/keys.ts';
import type { SceneRef } from '../../core/messages.ts';
import { type Check, type Finding, fine, type WithService, wrong } from './check.ts';

/** How a small object takes the way that every scene file's event takes. */
export type Canary = {
  /** Where in its bucket the inbox begins. */
  inboxPrefix: string;
  /** What keeps one from being sent; null where nothing does. */
  obstacle: () => Promise<Finding | null>;
  put: (key: string, bytes: Uint8Array) => Promise<SceneRef>;
  /** The execution that the event of the scene has started, once there is one. */
  findExecution: (scene: SceneRef) => Promise<string | undefined>;
  /** Takes that version away again: it is no scene file. */
  remove: (scene: SceneRef) => Promise<void>;
  /** So long, its event may take. */
  patienceMilliseconds: number;
  lookEveryMilliseconds: number;
};

/** Time as a canary needs it; `wait` rejects when somebody interrupts. */
export type Time = { clock: () => number; wait: (milliseconds: number) => Promise<void> };

type Ports = WithService<'ledger' | 'executions'> & Time & { canary: () => Promise<Canary> };

const CONTENT = 'A canary of "swath doctor", to see that events arrive. It is no scene file, and may be deleted.\n';

const HISTORY = "Look at the execution's history.";

/** Whether a file's event starts an execution: with an object that ends before classification and counts nowhere. */
export const eventWiring: Check<Ports> = {
  id: 'canary',
  title: 'event wiring',
  needs: ['buckets', 'tables', 'inbox events', 'arrivals rule'],
  look: async (ports) => {
    const canary = await ports.canary();
    const obstacle = await canary.obstacle();
    if (obstacle !== null) return obstacle;
    const scene = await canary.put(keyFor(canary.inboxPrefix, ports.clock()), Buffer.from(CONTENT));
    let isFollowed = false;
    try {
      const finding = await follow(scene, canary, ports);
      isFollowed = true;
      return finding;
    } finally {
      // What went wrong before says more than that it could not be taken away either.
      await canary.remove(scene).catch((error: Error) => {
        if (isFollowed) throw new Error(`The canary ${scene.key} could not be removed: ${error.message}`);
      });
    }
  },
};

async function follow(scene: SceneRef, canary: Canary, { service, clock, wait }: Ports): Promise<Finding> {
  const { patienceMilliseconds, lookEveryMilliseconds, findExecution } = canary;
  const { ledger, executions } = await service();
  const began = clock();
  let execution: string | undefined;
  while (clock() < began + patienceMilliseconds) {
    execution ??= await findExecution(scene);
    const { status, error, cause } =
      execution === undefined ? { status: 'RUNNING' } : await executions.describe(execution);
    if (status === 'SUCCEEDED') {
      const seconds = Number(((clock() - began) / 1000).toFixed(1));
      // Whatever else an execution does with a file, it leaves a row.
      if ((await ledger.ofScene(scene)).length > 0)
        return wrong(
          `the canary ${scene.key} was taken for a scene file, by ${execution}`,
          'The deployed state machine is of another version of Swath. Deploy the stage again.',
        );
      return { ...fine(`a canary's event started its execution, and that ended, after ${seconds} s`), seconds };
    }
    if (status !== 'RUNNING')
      return wrong(
        `the canary's execution ${execution} ended as ${[status, error, cause].filter(Boolean).join(': ')}`,
        HISTORY,
      );
    await wait(lookEveryMilliseconds);
  }
  const seconds = patienceMilliseconds / 1000;
  if (execution !== undefined)
    return wrong(`the canary's execution ${execution} still runs after ${seconds} s`, HISTORY);
  return wrong(
    `no execution was started by the event of ${scene.key} within ${seconds} s`,
    "Where the stage was deployed for the first time just now, look again: S3 takes about five minutes to begin with its events. Else look at the dead-letter queue and at the rule's FailedInvocations: its role may not start the state machine. Until events come, the sweep finds new files.",
  );
}

function keyFor(inboxPrefix: string, now: number): string {
  const time = new Date(now).toISOString().replaceAll(':', '-').replace('.', '-');
  return `${inboxPrefix}${CANARY_FOLDER}${time}-${randomUUID().slice(0, 8)}`;
}
