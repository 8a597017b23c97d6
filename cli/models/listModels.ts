import { count, orNone } from '../../charts/format.ts';
import type { Service } from '../../console/service.ts';
import { InvalidModelPackage, onError } from '../../core/base/errors.ts';
import { fewNames } from '../../core/base/text/largest.ts';
import { percent } from '../../core/base/text/numbers.ts';
import { newestInStates } from '../../core/ledger/ledgerQueries.ts';
import { ACTIVITY_RUNS, type ActivityOf, versionActivity } from '../../core/releases/comparison/versionActivity.ts';
import { noneIfInvalid, noneIfUnusable, type Promotion } from '../../core/releases/models.ts';
import { makePromotions } from '../../core/releases/promotions.ts';
import { type Publication, readPublication } from '../../core/releases/publication.ts';
import { EVERY_KEY, type Serving } from '../../core/releases/serving.ts';
import { rightnessOf } from '../../core/tasks/shownRegistry.ts';
import { type Where, withService } from '../service/ledger.ts';
import { howToPromote, inOrder } from '../service/publishedVersions.ts';
import { dim, pairs, print, printable, table } from '../terminal/output.ts';
import { shadowFigures, shadowText } from './shadow.ts';
import { tryModel } from './tryModel.ts';

type Version = {
  version: string;
  isPromoted: boolean;
  task: string | null;
  classes: string[];
  problem: string | null;
  /** What was published, when and from where; null if it came into the bucket by other means. */
  publication: Publication | null;
} & Did;
/** From the newest runs; with the accuracy where truth is known. */
type Did = Omit<ReturnType<ActivityOf>, 'sum'> & { accuracy: number | null };

export const newestRuns = (ledger: Service['ledger']) => newestInStates(ledger, ['DONE'], { limit: ACTIVITY_RUNS });

/** `swath model list [NAME]`: lists a model's versions, which one is promoted since when, their runs, and the live models. */
export async function list(named: string | undefined, where: Where): Promise<void> {
  await withService(where, async ({ modelBucket, models, parameters, listVersions, ledger }) => {
    const name = named ?? parameters.modelName;
    const [promotion, serving, found, newest] = await Promise.all([
      models.promotion(name).catch(noneIfInvalid),
      models.serving(),
      models.shadow(name).catch(noneIfInvalid),
      newestRuns(ledger),
    ]);
    const shadow = found?.version === promotion?.version ? null : found; // it has ended, and a writer died before it said so
    const figures = shadow && (await shadowFigures({ ledger }, name, shadow));
    const activityOf = versionActivity(newest);
    const { loadWhole } = makePromotions(modelBucket, name, tryModel);
    // List a promoted version even if it is gone.
    const names = new Set([...(await listVersions(name)), ...(promotion === null ? [] : [promotion.version])]);
    const versions = await Promise.all(
      inOrder([...names]).map(async (version): Promise<Version> => {
        const isPromoted = version === promotion?.version;
        const publication = await readPublication(modelBucket.read, { name, version }).catch(noneIfUnusable);
        const { sum, ...did } = activityOf({ name, version });
        const loaded = loadWhole(version).then((model) => ({ model, problem: null }));
        const invalid = onError(InvalidModelPackage, ({ message: problem }) => ({ model: null, problem }));
        const { model, problem } = await loaded.catch(invalid);
        const classes = (model?.classes ?? []).map((one) => one.name);
        const task = model?.task.name ?? null;
        const accuracy = (sum && model && rightnessOf(sum, model)?.figure.value) ?? null;
        return { version, isPromoted, task, classes, problem, publication, ...did, accuracy };
      }),
    );
    const beside = isOrdinary(serving, name) ? '' : `\n\n${liveTable(serving, activityOf)}`;
    const next = versions.length === 0 ? await howToPromote(modelBucket, where) : '';
    const told = { versions, isCut: newest.length === ACTIVITY_RUNS, shadow: shadow && shadowText(shadow, figures!) };
    const live = serving.live.map(({ model, accepts, since }) => ({ ...model, accepts, since }));
    const { name: _, ...promoted } = promotion ?? {};
    const json = { name, promoted: promotion && promoted, shadow: shadow && { ...shadow, ...figures }, versions, live };
    print(where.json, json, () => `${listed(name, promotion, told, next)}${beside}`);
  });
}

type Told = { versions: Version[]; isCut: boolean; shadow: string | null };

function listed(name: string, promotion: Promotion | null, { versions, isCut, shadow }: Told, next: string): string {
  const since = promotion?.promotedAt ? `, since ${promotion.promotedAt}` : '';
  const facts: [string, string][] = [
    ['model', printable(name)],
    ['promoted', promotion === null ? 'none, so it classifies nothing' : printable(`${promotion.version}${since}`)],
  ];
  if (promotion?.before[0] !== undefined) facts.push(['before', promotion.before.map(printable).join(', ')]);
  if (shadow !== null) facts.push(['shadow', shadow]);
  const rows = versions.map(({ version, isPromoted, task, classes, problem, publication, ...did }) => {
    const runs = classes.length === 0 ? task! : `classes ${fewNames(classes).map(printable).join(', ')}`;
    const what = problem === null ? runs : `cannot run: ${printable(problem)}`;
    const standing = isPromoted ? 'promoted' : isNewerThan(promotion, publication) ? 'candidate' : '';
    const from = publication === null ? '' : `; ${cameFrom(publication)}`;
    return [printable(version), standing, ...didCells(did), `${what}${from}`];
  });
  const below =
    versions.length === 0
      ? `No version of ${printable(name)} is published. ${next}`
      : table(['version', '', ...DID, ''], rows, 'llrrlr');
  const note = isCut ? `\n${dim(`By the newest ${count(ACTIVITY_RUNS)} runs of all models.`)}` : '';
  return `${pairs(facts, '')}\n\n${below}${note}`;
}

const DID = ['runs', 'predictions', 'last run', 'accuracy'];

function didCells({ runs, predictions, lastRun, accuracy }: Did): string[] {
  const at = orNone(lastRun, (time) => time.replace(/\.\d+Z$/, 'Z'));
  return [count(runs), count(predictions), at, orNone(accuracy, percent)];
}

/** Whether a version came from a registry or a store after the last promotion, and so waits for its own. */
function isNewerThan(promotion: Promotion | null, publication: Publication | null): boolean {
  if (publication?.from == null) return false;
  const since = promotion?.promotedAt ?? null;
  return since === null || Date.parse(publication.at) > Date.parse(since);
}

function cameFrom({ where, from, digest, at }: Publication): string {
  const asked = from === where ? '' : ` (${from})`;
  return printable(
    `${where === null ? 'published' : `from ${where}${asked}`} on ${at.slice(0, 10)}, ${digest.slice(0, 'sha256:'.length + 12)}…`,
  );
}

/** Whether the model itself is the only live one, for every key: then no table of live models is needed. */
function isOrdinary({ live, waiting }: Serving, name: string): boolean {
  const [only, ...others] = [...live, ...waiting];
  const takesAll = only?.accepts.join() === EVERY_KEY.join();
  return takesAll && others.length === 0 && (live[0]?.model.name ?? name) === name;
}

export function liveTable({ live, waiting }: Serving, activityOf: ActivityOf): string {
  const rows = live.map(({ model, accepts, since }) => {
    const did = didCells({ ...activityOf(model), accuracy: null }).slice(0, -1);
    return [...[model.name, model.version, accepts.join(', ')].map(printable), since ?? '', ...did];
  });
  const none = waiting.map((one) => ['–', one.error.message, one.accepts.join(', '), '', '', '', ''].map(printable));
  return table(['live', 'version', 'takes', 'since', ...DID.slice(0, -1)], [...rows, ...none], 'llllrr');
}
