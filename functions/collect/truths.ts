import { inOrder } from '../../core/base/concurrency/inOrder.ts';
import { InvalidMessage, onError } from '../../core/base/errors.ts';
import { makeTellTruths, type TruthPorts, type Unknown } from '../../core/doors/truth/tellTruths.ts';
import { chipInWords, encodeTruths, parseTruths } from '../../core/doors/truth/truth.ts';
import { type Gather, makeDeal, orRefused } from './gather.ts';
import { MOST_SECONDS, PATIENCE_MILLISECONDS } from './notes.ts';
import type { RequestQueue } from './requests.ts';

export type TruthsPorts = TruthPorts & { requestQueue: RequestQueue };

type Came = { readonly messageId: string; readonly body: string; readonly said: ReturnType<typeof parseTruths> };

/** The first wait before unknown chips are retried; it then doubles. */
const FIRST_SECONDS = 60;
const AT_ONCE = 4;
const MOST_TOLD = 3;

/**
 * Joins truths from the queue to predictions. A message is deleted when its truths are joined. Truths whose chips may still be
 * predicted are sent again with a delay; those of chips that were never predicted become a dead letter. Joining is idempotent.
 */
export function makeTruths(ports: TruthsPorts): Gather {
  const { requestQueue: queue } = ports;
  const tellTruths = makeTellTruths(ports);

  return async (records, log, refused) => {
    const came: Came[] = [];
    const counts = { truths: 0, truthsJoined: 0, truthsLater: 0 };
    const { deal, bury, buried } = makeDeal(queue, refused);
    for (const { messageId, body } of records)
      await deal({ messageId, body }, async () => came.push({ messageId, body, said: parseTruths(body) }));
    const idsOf = (those: readonly Came[]) => those.map(({ messageId }) => messageId);
    const dealt = inOrder(Map.groupBy(came, ({ said }) => said.model).values(), AT_ONCE, (those) =>
      orRefused(idsOf(those), refused, async () => {
        // One by one, so that an error in one does not refuse the others.
        const apart = async () => {
          for (const one of those) await deal(one, () => tell([one]));
        };
        await tell(those).catch(onError(InvalidMessage, apart));
      }),
    );
    await Array.fromAsync(dealt);
    Object.assign(log, counts, { truthsBuried: buried() });

    async function tell(those: readonly Came[]): Promise<void> {
      const all = those.flatMap(({ said }) => said.read);
      const { joined, corrected, known, unknown } = await tellTruths(all, those[0]!.said.model);
      counts.truths += all.length;
      counts.truthsJoined += joined + corrected + known;
      const reasons = new Map(unknown.map((one) => [one.truth, one]));
      for (const { said } of those) {
        const left = said.read.flatMap((truth) => reasons.get(truth) ?? []);
        const hasPatience = ports.now().getTime() - Date.parse(said.again?.since ?? said.at) < PATIENCE_MILLISECONDS;
        const { later = [], never = [] } = Object.groupBy(left, ({ isOnItsWay }) =>
          isOnItsWay && hasPatience ? 'later' : 'never',
        );
        if (later.length > 0) {
          counts.truthsLater += later.length;
          await leave(said, later);
        }
        if (never.length > 0) await bury(bodyOf(said, never), reasonOf(never));
      }
    }
  };

  /** Sends truths of chips without predictions again, with a delay. */
  async function leave({ again, ...said }: Came['said'], unknown: readonly Unknown[]): Promise<void> {
    const delaySeconds = Math.min(MOST_SECONDS, again === undefined ? FIRST_SECONDS : 2 * again.delaySeconds);
    const since = again?.since ?? ports.now().toISOString();
    await queue.send(queue.url, bodyOf({ ...said, again: { since, delaySeconds } }, unknown), delaySeconds);
  }
}

function bodyOf({ read, truths, ...said }: Came['said'], unknown: readonly Unknown[]): string {
  const left = new Set(unknown.map(({ truth }) => truth));
  return encodeTruths({ ...said, truths: truths.filter((_, i) => left.has(read[i]!)) });
}

function reasonOf(unknown: readonly Unknown[]): string {
  const told = unknown.slice(0, MOST_TOLD).map(({ truth: { chip }, why }) => `${chipInWords(chip)}: ${why}`);
  const more = unknown.length > MOST_TOLD ? ` and ${unknown.length - MOST_TOLD} more` : '';
  return `Truths cannot be joined, as nobody has predicted ${unknown.length === 1 ? 'the chip' : 'these chips'}: ${told.join('; ')}${more}.`;
}
