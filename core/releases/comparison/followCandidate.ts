import { NotPromotable, RefusedByGate } from '../../base/errors.ts';
import type { ModelRef } from '../../base/messages.ts';
import { DAY_MILLISECONDS } from '../../base/time/days.ts';
import { isOpen, parseGate } from '../../package/gateRules.ts';
import { makeModels, type Promotion } from '../models.ts';
import { questionsAbout, readPromotions } from '../promotionHistory.ts';
import { type Gate, makePromotions } from '../promotions.ts';
import { endShadowOf, type Shadow } from '../shadow.ts';
import { makeShadowing } from '../shadowing.ts';
import type { Follow, Followed } from '../watchAlias.ts';
import { type GatedPorts, type GatePorts, makeGate, rulesFor } from './gate.ts';

const UNUSED = 'classifies nothing until somebody promotes it';

/** How long a candidate shadows the live version before its gate is asked: a week includes each weekday once. */
export const SHADOWED_DAYS = 7;

export type FollowPorts = Omit<GatePorts, 'models'> & Pick<GatedPorts, 'modelBucket' | 'tryModel'>;

/**
 * Handles a candidate automatically, if the stage or the live version has a gate: it shadows the live version for a week,
 * then the gate decides. It is asked once, with enough data: asked daily, it would let a version pass on a lucky day.
 * @param from the origin of the candidate, which the history of promotions names
 * @param askGate tells whether the candidate may take the live version's place
 */
export function makeFollowCandidate(
  { modelBucket, tryModel, ...gate }: FollowPorts,
  from: string,
  askGate: Gate = makeGate({ ...gate, models: makeModels(modelBucket.read, '') }),
): Follow {
  const { promotionGate, now } = gate;

  /** Has a candidate shadow the live version, in place of the alias's earlier target; it waits for others' shadows. */
  async function begin({ name, version }: ModelRef): Promise<Followed> {
    if (!(await isGated({ name, version }))) return { state: 'left', said: `It ${UNUSED}.` };
    const then = `After ${SHADOWED_DAYS} days the gate is asked: what it lets pass is promoted.`;
    const isOurs = (one: Shadow) => one.version !== version && one.by === from;
    try {
      const shadowing = makeShadowing(modelBucket, name, tryModel);
      const { shadow, former } = await shadowing.begin(version, 1, now(), from, isOurs);
      if (shadow.version !== version) return { state: 'queues', said: turnOf(name, shadow, then) };
      if (shadow === former)
        return { state: 'shadows', said: `It shadows the live version already, since ${shadow.since}. ${then}` };
      const replaced = former === null ? '' : ` in the place of ${former.version}`;
      const said = `It classifies beside the live version from now on${replaced}, and counts nowhere. ${then}`;
      return { state: 'shadows', said };
    } catch (error) {
      if (!(error instanceof NotPromotable)) throw error;
      return { state: 'left', said: `It ${UNUSED}: ${error.message}` };
    }
  }

  /** Asks the gate once the shadow has run long enough, unless someone has meanwhile promoted it or ended the shadow. */
  async function decide({ name, version }: ModelRef): Promise<Followed> {
    const models = makeModels(modelBucket.read, name);
    await makePromotions(modelBucket, name, tryModel, askGate).settle();
    const live = await models.promotion();
    if (live?.version === version) return promotedAs(live);
    const shadow = await models.shadow();
    if (live === null || shadow?.version !== version)
      return { state: 'left', said: 'It no longer shadows the live version, so a person has to promote it.' };
    const shadowed = `It has shadowed the live version since ${shadow.since.slice(0, 16)}Z`; // which may have been another one then
    const [latest] = await readPromotions(modelBucket, name, 1);
    const isRefused = latest !== undefined && 'isRefused' in latest && latest.before === live.version;
    if (isRefused && latest.version === version && latest.reason === `${shadowed}.`)
      return refused(`${name} ${version} is not promoted.`, latest.refusals); // a former look was interrupted
    if (!(await isGated({ name, version })))
      return { state: 'left', said: 'No gate rule applies to it any more, so a person has to promote it.' };
    const due = new Date(Date.parse(shadow.since) + SHADOWED_DAYS * DAY_MILLISECONDS);
    if (now() < due)
      return { state: 'shadows', said: `It shadows ${live.version}; the gate is asked from ${due.toISOString()} on.` };
    const former = () => questionsAbout(modelBucket, { name, version });
    const judged = await askGate(await models.load({ name, version }), live, former);
    const lack = judged.refusals.find(({ rule }) => rule === 'min_chips');
    if (lack !== undefined)
      return { state: 'waits', said: `It shadows ${live.version} until there is data enough. ${lack.sentence}` };
    const reason = judged.refusals.length === 0 ? `${shadowed}, and the gate lets it pass.` : `${shadowed}.`;
    try {
      const asked = makePromotions(modelBucket, name, tryModel, async () => judged);
      return promotedAs(await asked.promote(version, now(), { by: from, reason, over: live }));
    } catch (error) {
      if (error instanceof RefusedByGate) return refused(error.what, error.refusals);
      if (!(error instanceof NotPromotable)) throw error;
      const isLiveStill = (await models.promotion())?.nth === live.nth;
      return isLiveStill ? refused(error.message, []) : { state: 'shadows', said: error.message };
    }
  }

  function promotedAs({ by, reason }: Promotion): Followed {
    if (by === from) return { state: 'promoted', said: reason ?? '' };
    return { state: 'left', said: 'Somebody has promoted it.' };
  }

  const end = (candidate: ModelRef) => endShadowOf(modelBucket, candidate);

  /** Whether the stage or the live version has a rule that the task can answer: a candidate's own do not suffice. */
  async function isGated(candidate: ModelRef): Promise<boolean> {
    const models = makeModels(modelBucket.read, candidate.name);
    const ref = await models.promotion();
    const live = ref && (await models.load(ref));
    const { gate: _, ...others } = await models.load(candidate);
    return !isOpen(rulesFor(others, live, parseGate(promotionGate)));
  }

  return { begin, decide, end };
}

const turnOf = (name: string, { version, since, by = 'somebody' }: Shadow, then: string): string =>
  `${version} shadows the live version now: ${by} has begun that at ${since}. It goes on until it is promoted or ended ("swath model shadow ${name} --end"); this candidate shadows the live version from the next look after that. ${then}`;

function refused(what: string, sentences: readonly string[]): Followed {
  return { state: 'refused', said: [what, ...sentences, 'Its shadow ends.'].join('\n\n') };
}
