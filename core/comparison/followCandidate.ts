import { DAY_MILLISECONDS } from '../days.ts';
import { NotPromotable, RefusedByGate } from '../errors.ts';
import type { ModelRef } from '../messages.ts';
import { isOpen, parseGate, strictest } from '../models/gateRules.ts';
import { makeModels } from '../models/models.ts';
import { readPromotions } from '../models/promotionHistory.ts';
import { makePromotions } from '../models/promotions.ts';
import { makeShadowing } from '../models/shadowing.ts';
import type { Follow, Followed } from '../models/watchAlias.ts';
import type { GatedPorts } from './gatedPromotions.ts';
import { type GatePorts, makeJudgeCandidate } from './judgeCandidate.ts';

const UNUSED = 'classifies nothing until somebody promotes it';

/** So long a candidate shadows the live version before its gate is asked: a week has each of its days once. */
export const SHADOWED_DAYS = 7;

export type FollowPorts = Omit<GatePorts, 'models'> & Pick<GatedPorts, 'modelBucket' | 'tryModel'>;

/**
 * What becomes of a candidate without anybody's doing, where the stage or the live version has a gate: it shadows the live version for a week,
 * and then the gate decides. It is asked once, when there is data enough: a gate that is asked every day lets a version pass on its lucky day.
 *
 * @param from what the candidate came by; the history of promotions names it
 */
export function makeFollowCandidate({ modelBucket, tryModel, ...gate }: FollowPorts, from: string): Follow {
  const { promotionGate, now } = gate;

  /** Has a candidate shadow the live version. */
  async function begin({ name, version }: ModelRef): Promise<Followed> {
    if (!(await isGated(name))) return { state: 'left', said: `It ${UNUSED}.` };
    try {
      await makeShadowing(modelBucket, name, tryModel).begin(version, 1, now());
    } catch (error) {
      if (!(error instanceof NotPromotable)) throw error;
      return { state: 'left', said: `It ${UNUSED}: ${error.message}` };
    }
    const said = `It classifies beside the live version from now on, and counts nowhere. After ${SHADOWED_DAYS} days the gate is asked: what it lets pass is promoted.`;
    return { state: 'shadows', said };
  }

  /** Asks the gate, once the shadow has lasted; whoever has promoted it meanwhile, or ended the shadow, has decided. */
  async function judge({ name, version }: ModelRef): Promise<Followed> {
    const models = makeModels(modelBucket.read, name);
    const live = await models.promotion();
    if (live?.version === version) return promotedBefore({ name, version });
    const shadow = await models.shadow();
    if (live === null || shadow?.version !== version)
      return { state: 'left', said: 'It shadows the live version no longer, so it is for people to promote.' };
    const due = new Date(Date.parse(shadow.since) + SHADOWED_DAYS * DAY_MILLISECONDS);
    if (now() < due)
      return { state: 'shadows', said: `It shadows ${live.version}; the gate is asked from ${due.toISOString()} on.` };
    const refusals = await makeJudgeCandidate({ ...gate, models })(await models.load({ name, version }), live);
    if (refusals.some(({ rule }) => rule === 'min_chips'))
      return {
        state: 'waits',
        said: `It shadows ${live.version} until there is data enough. ${refusals[0]!.sentence}`,
      };
    const reason = `It has shadowed ${live.version} since ${shadow.since}, and the gate lets it pass.`;
    try {
      const note = refusals.length === 0 ? { by: from, reason } : { by: from };
      await makePromotions(modelBucket, name, tryModel, async () => refusals).promote(version, now(), note);
      return { state: 'promoted', said: reason };
    } catch (error) {
      if (!(error instanceof RefusedByGate || error instanceof NotPromotable)) throw error;
      await makeShadowing(modelBucket, name, tryModel).end();
      const what = error instanceof RefusedByGate ? [error.what, ...error.refusals] : [error.message];
      return { state: 'refused', said: [...what, 'Its shadow has ended.'].join('\n\n') };
    }
  }

  /** Whether the stage or the live version has a rule. The candidate's own do not suffice: no package is promoted on its own word. */
  async function isGated(name: string): Promise<boolean> {
    const models = makeModels(modelBucket.read, name);
    const live = await models.promotion();
    const ofLive = live && (await models.load(live)).gate;
    return !isOpen(strictest([ofLive ?? {}, parseGate(promotionGate)]));
  }

  /** It is live: by the gate, where nobody came to tell of it, or by somebody. */
  async function promotedBefore({ name, version }: ModelRef): Promise<Followed> {
    const [latest] = await readPromotions(modelBucket, name, 1);
    if (latest?.by !== from || latest.version !== version) return { state: 'left', said: 'Somebody has promoted it.' };
    return { state: 'promoted', said: latest.reason ?? '' };
  }

  return { begin, judge };
}
