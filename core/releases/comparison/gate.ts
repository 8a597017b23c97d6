import { ObjectNotFound, onError } from '../../base/errors.ts';
import type { ModelRef } from '../../base/messages.ts';
import type { Bucket } from '../../base/objectStore.ts';
import { precise } from '../../base/text/numbers.ts';
import { DAY_MILLISECONDS } from '../../base/time/days.ts';
import { answerable, type GateRules, isOpen, parseGate, type Refusal, strictest } from '../../package/gateRules.ts';
import type { ModelPackage } from '../../package/package.ts';
import type { MeanOfScenes } from '../../statistics/meanOfScenes.ts';
import type { DifferenceSummary } from '../../tasks/shown.ts';
import type { Models } from '../contract.ts';
import { noneIfUnusable } from '../models.ts';
import { type Judged, makePromotions, type TryModel } from '../promotions.ts';
import { type Asked, nextQuestion } from '../questions.ts';
import { accuracyDifference } from './accuracyDifference.ts';
import { type ComparedRuns, type ComparePorts, compareRuns } from './compareRuns.ts';
import { cutApart, incomparable } from './compareVersions.ts';
import { mostWorse } from './errorDifference.ts';
import { counted } from './numbers.ts';

const DEFAULT_CONFIDENCE = 0.95;
const LEAST_CHIPS = 100;

/** What two versions are judged by, the live one first. */
export type Evidence = Pick<ComparedRuns, 'chips' | 'alone' | 'rightByOne' | 'errors' | 'milliseconds'> & {
  first: Pick<ModelPackage, 'name' | 'version'>;
  second: Pick<ModelPackage, 'name' | 'version'>;
  difference: Pick<DifferenceSummary, 'agreement' | 'meanAbsoluteDifference' | 'counted'> | null;
};

const HOW =
  'Have both classify the same files that were held out from training: "swath model diff FOLDER FOLDER --data FILES", or let it shadow the live one for a while: "swath model shadow".';

const TELL = 'Send truths with "swath truth", or have both classify files that contain them.';

/** A sentence with figures for each rule that the second version breaks, or that cannot be judged; empty if it may replace. */
export function refusalsOf(rules: GateRules, evidence: Evidence): Refusal[] {
  const { chips, alone, first, second } = evidence;
  const least = rules.min_chips ?? LEAST_CHIPS;
  if (chips < least) {
    const sentence = `Data: ${first.version} and ${second.version} have both classified ${counted(chips, 'chip')}, needed are ${least.toLocaleString('en')} (min_chips). ${cutApart(evidence) ?? HOW}`;
    return [{ rule: 'min_chips', sentence }];
  }
  return JUDGES.flatMap(([rule, judgeBy]) => {
    const limit = rules[rule];
    if (limit === undefined) return [];
    // Of a value that is not predicted, nobody knows how far it is off.
    const isOfValues = rule === 'max_error_rise' || rule === 'max_mean_absolute_difference';
    const fewer = `Data: ${second.version} predicts ${counted(chips + alone.second, 'chip')}, and ${first.version} ${(chips + alone.first).toLocaleString('en')} (${rule} ${limit}).`;
    if (isOfValues && alone.second < alone.first) return [{ rule, sentence: fewer }];
    const sentence = judgeBy(limit, evidence, rules.confidence ?? DEFAULT_CONFIDENCE);
    return sentence === undefined ? [] : [{ rule, sentence }];
  });
}

/** Each says how a version breaks a rule; undefined if it does not. */
const JUDGES = [
  ['max_accuracy_drop', accuracy],
  ['max_error_rise', errors],
  ['min_agreement', agreement],
  ['max_mean_absolute_difference', apart],
  ['max_time_ratio', time],
] as const;

/**
 * Judges a version as the next question about it. Only a test can err by chance, so a comparison without enough chips or
 * without truths is no question, nor are plain figures against plain limits.
 * @param former the questions that were asked about it before
 */
export function judge(rules: GateRules, evidence: Evidence, former: readonly Asked[]): Judged {
  const { confidence = DEFAULT_CONFIDENCE, min_chips: least = LEAST_CHIPS, max_accuracy_drop, max_error_rise } = rules;
  const { chips, first, rightByOne, errors } = evidence;
  const tested =
    (max_accuracy_drop !== undefined && (rightByOne ?? errors)) || (max_error_rise !== undefined && errors) || null;
  if (chips < least || tested === null) return { refusals: refusalsOf(rules, evidence) };
  const asked = nextQuestion(former, 1 - confidence, [first.version, tested]);
  return { refusals: refusalsOf({ ...rules, confidence: 1 - asked.chance }, evidence), asked };
}

function accuracy(drop: number, evidence: Evidence, confidence: number) {
  const rule = `(max_accuracy_drop ${drop})`;
  const { rightByOne, errors: pixels, chips, first, second } = evidence;
  const most = pixels && mostWorse(pixels, confidence); // of maps, accuracy falls as the share of wrong pixels rises
  const { low: few } = accuracyDifference(rightByOne ?? { first: 0, second: 0, chips: pixels?.chips ?? 1 }, confidence); // of chips that are alike, too
  const low = rightByOne ? few : most === null ? null : Math.max(-1, Math.min(-most, few - pixels!.difference));
  const known = rightByOne ?? pixels;
  if (known === null || low === null)
    return `Accuracy: ${known === null ? 'none' : 'only one'} of the ${counted(chips, 'chip')} that both have classified has a known truth, so it is not known whether it is lower ${rule}. ${TELL}`;
  if (low >= -drop) return undefined;
  const right = rightByOne
    ? [rightByOne.second, rightByOne.first].map((one) => (rightByOne.both + one).toLocaleString('en'))
    : [pixels!.second, pixels!.first].map((wrong) => exact(1 - wrong));
  return `Accuracy: of ${rightByOne ? '' : 'the pixels of '}${counted(known.chips, 'chip')}${ofScenes(known)} whose truth is known, ${second.version} has ${right[0]} right and ${first.version} ${right[1]}; at ${exact(confidence)} confidence it may be lower by up to ${points(-low)}, allowed are ${points(drop)} ${rule}.`;
}

function errors(rise: number, { errors: off, chips, first, second }: Evidence, confidence: number) {
  const rule = `(max_error_rise ${rise})`;
  const most = off && mostWorse(off, confidence);
  if (off === null || most === null)
    return `Error: ${off === null ? 'none' : 'only one'} of the ${counted(chips, 'chip')} that both have predicted has a known truth, so it is not known whether the mean absolute error is higher ${rule}. ${TELL}`;
  if (most <= rise) return undefined;
  return `Error: over ${counted(off.chips, 'chip')}${ofScenes(off)} whose truth is known, the mean absolute error is ${precise(off.second)} with ${second.version} and ${precise(off.first)} with ${first.version}; at ${exact(confidence)} confidence it may be higher by ${Number.isFinite(most) ? `up to ${precise(most)}` : 'any amount'}, allowed are ${precise(rise)} ${rule}.`;
}

/** The chips of a scene are alike, so that few scenes say little, however many chips they have. */
function ofScenes({ byScenes }: { byScenes?: MeanOfScenes }): string {
  if (byScenes === undefined) return '';
  return byScenes.error === null
    ? ' of a single scene, which does not show how scenes differ,'
    : ` of ${counted(Math.round(byScenes.scenes), 'scene')}`;
}

function agreement(least: number, { difference, first, second }: Evidence) {
  const rule = `(min_agreement ${least})`;
  const both = `${first.version} and ${second.version}`;
  if (difference?.agreement === undefined)
    return `Agreement: there are no maps of both ${both} to compare, so it is not known how far they agree ${rule}. Have both classify the same rasters.`;
  if (difference.agreement >= least) return undefined;
  const { of, n, alone } = difference.counted;
  const ofOne = alone === 0 ? '' : ` (${alone.toLocaleString('en')} of which one alone predicts)`;
  return `Agreement: ${both} say the same of ${exact(difference.agreement)} of ${counted(n + alone, of)}${ofOne}, allowed are at least ${exact(least)} ${rule}.`;
}

function apart(most: number, { difference, first, second }: Evidence) {
  const found = difference!.meanAbsoluteDifference!;
  if (found <= most) return undefined;
  const { of, n } = difference!.counted;
  return `Agreement: ${first.version} and ${second.version} have a mean absolute difference of ${precise(found)} over ${counted(n, of)}; allowed are ${precise(most)} (max_mean_absolute_difference ${most}).`;
}

function time(most: number, { milliseconds, first, second }: Evidence) {
  const rule = `(max_time_ratio ${most})`;
  const { first: one, second: other } = milliseconds;
  if (one === null || other === null || one === 0)
    return `Time: no run of ${one ? second.version : first.version} says how long a chip takes, so it is not known whether it is slower ${rule}. Bulk files have no times of their own: have both classify other files.`;
  if (other <= most * one) return undefined;
  return `Time: to infer a chip takes ${precise(other)} ms with ${second.version} and ${precise(one)} ms with ${first.version}, ${precise(other / one)} times as long; allowed are ${precise(most)} times ${rule}.`;
}

/** Formats a share in per cent to four digits: a refused figure should not look allowed, nor 99.9 % like 100 %. */
const exact = (share: number): string => `${precise(100 * share)}\u00a0%`;

const points = (share: number): string => `${precise(100 * share)} percentage points`;

/** Runs of this many days are compared: an older version has been live, or was forgotten. */
const GATE_DAYS = 30;

export type GatePorts = ComparePorts & {
  models: Pick<Models, 'load'>;
  now: () => Date;
  /** The stage's own rules, as in its parameter. */
  promotionGate: string;
};

/**
 * Makes the gate: the function that says why a version must not replace a live one. The rules are those of both packages
 * and the stage, the strictest of each: a version cannot loosen the rules it is judged by, and its own promises apply, too.
 */
export function makeGate({ models, now, promotionGate, ...ports }: GatePorts) {
  return async (candidate: ModelPackage, ref: ModelRef, former: () => Promise<Asked[]>): Promise<Judged> => {
    const live = await models.load(ref).catch(noneIfUnusable);
    const rules = rulesFor(candidate, live, parseGate(promotionGate));
    if (isOpen(rules)) return { refusals: [] };
    if (live === null)
      return refusal(`${ref.version}, which is live, cannot be read, so it is not known how far they differ.`);
    const reason = incomparable(live, candidate);
    if (reason !== undefined) return refusal(`${reason}.`);
    const since = new Date(now().getTime() - GATE_DAYS * DAY_MILLISECONDS);
    const gone = onError(ObjectNotFound, ({ message }) =>
      refusal(`predictions of both versions no longer exist: ${message}`),
    );
    const comparing = compareRuns(ports, { first: live, second: candidate, since });
    return comparing.then(async (compared) => judge(rules, compared, await former())).catch(gone);
  };
}

/** The rules that a version must keep to replace the live one; of the stage's, only those that its task can answer. */
export const rulesFor = (candidate: ModelPackage, live: ModelPackage | null, ofStage: GateRules): GateRules =>
  answerable(strictest([candidate.gate ?? {}, live?.gate ?? {}, ofStage]), candidate.task);

const refusal = (why: string): Judged => ({ refusals: [{ rule: 'comparison', sentence: `Comparison: ${why}` }] });

export type GatedPorts = GatePorts & { modelBucket: Bucket; tryModel: TryModel };

/** Promotes versions through the gate: for people at a terminal or in the console, and for automatic promotion. */
export const makeGatedPromotions = ({ modelBucket, tryModel, ...gate }: GatedPorts, name: string) =>
  makePromotions(modelBucket, name, tryModel, makeGate(gate));
