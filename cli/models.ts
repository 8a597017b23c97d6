import type { Service } from '../console/service.ts';
import { InvalidModelPackage, NotPromotable } from '../core/errors.ts';
import { jsonLine } from '../core/jsonLine.ts';
import { noneIfInvalid, type Promotion } from '../core/models/models.ts';
import { makePromotions, type Promoted } from '../core/models/promotions.ts';
import { withService } from './ledger.ts';
import { checkPackageFolder, publishModel } from './publishModel.ts';
import { bold, dim, pairs, printable, table } from './text.ts';
import { tryModel } from './tryModel.ts';
import { commandFor, type Where } from './where.ts';

/** `swath model check FOLDER`: whether a package is whole and runs. Nothing is written anywhere. */
export async function check(folder: string, { json }: { json?: boolean }): Promise<void> {
  const { name, version, classes } = await checkPackageFolder(folder);
  if (json === true) console.log(JSON.stringify({ name, version, classes: classes.map((one) => one.name) }));
  else
    console.log(
      `${bold(printable(`${name} ${version}`))} is whole and runs. Its classes: ${classes.map((one) => printable(one.name)).join(', ')}.`,
    );
}

/** `swath model publish FOLDER`: a package into the model bucket, whole and checked; with `--promote`, that version is the one that classifies. */
export async function publish(folder: string, { promote, ...where }: Where & { promote?: boolean }): Promise<void> {
  await withService(where, async ({ modelBucket, parameters, now }) => {
    const { name, version, isNew } = await publishModel(modelBucket, folder);
    const promoted =
      promote === true ? await makePromotions(modelBucket, name, tryModel).promote(version, now()) : undefined;
    const isUsed = name === parameters.modelName;
    if (where.json === true) {
      console.log(jsonLine({ name, version, isNew, isPromoted: promoted !== undefined, isUsed }));
      return;
    }
    const called = printable(`${name} ${version}`);
    console.log(isNew ? `${bold(called)} is published.` : `${bold(called)} was published before; nothing was changed.`);
    if (promoted !== undefined) console.log(promotionText(promoted, isUsed));
    if (!isUsed) console.log(unusedText(name, parameters.modelName, where));
    else if (promoted === undefined)
      console.log(dim(`To let it classify what comes from now on: ${commandFor(where, `model promote ${version}`)}`));
  });
}

/** `swath model promote VERSION`: lets a published version classify whatever comes from now on. */
export async function promote(version: string, where: Where): Promise<void> {
  await withService(where, async ({ modelBucket, parameters, now, listVersions }) => {
    const promoting = makePromotions(modelBucket, parameters.modelName, tryModel).promote(version, now());
    tell(await promoting.catch(withVersions(listVersions, where)), where);
  });
}

/** `swath model rollback`: promotes the version again that was promoted before. */
export async function rollback(where: Where): Promise<void> {
  await withService(where, async ({ modelBucket, parameters, now, listVersions }) => {
    const goingBack = makePromotions(modelBucket, parameters.modelName, tryModel).rollback(now());
    tell(await goingBack.catch(withVersions(listVersions, where)), where);
  });
}

function tell(promoted: Promoted, where: Where): void {
  console.log(where.json === true ? jsonLine(promoted) : promotionText(promoted));
}

function promotionText({ name, version, promotedAt, before, wasPromoted }: Promoted, isUsed = true): string {
  const called = bold(printable(`${name} ${version}`));
  if (wasPromoted)
    return `${called} is promoted already${promotedAt === null ? '' : `, since ${promotedAt}`}; nothing was changed.`;
  const after = before[0] === undefined ? '' : ` Before, it was ${printable(before[0])}.`;
  return `${called} is promoted${isUsed ? ': it classifies what comes from now on' : ''}.${after}`;
}

/** What a package of another name means: nothing here will ever look for it. */
function unusedText(name: string, deployed: string, where: Where): string {
  const { stage } = where;
  const here = stage === undefined ? 'the embedded stack' : `the stage ${stage}`;
  const nextSteps =
    stage === undefined
      ? `It can be used with "${commandFor(where, 'classify --model FOLDER FILE')}".`
      : `To use it: promote it, and deploy the stage with --param="modelName=${name}".`;
  return `But ${here} runs the model ${deployed}, which its parameter modelName names, so ${name} is never used there. ${nextSteps}`;
}

/** Where a version is refused, those that there are, are worth a word. */
function withVersions(listVersions: Service['listVersions'], where: Where) {
  return async (error: unknown): Promise<never> => {
    if (!(error instanceof NotPromotable)) throw error;
    const versions = inOrder(await listVersions());
    const there =
      versions.length === 0
        ? `Nothing is published yet: ${commandFor(where, 'model publish FOLDER')}`
        : `Published are ${versions.map(printable).join(', ')}: "${commandFor(where, 'model list')}" says more.`;
    throw new NotPromotable(`${error.message} ${there}`, { cause: error });
  };
}

type Version = { version: string; isPromoted: boolean; classes: string[]; problem: string | null };

/** `swath model list`: the versions of the model, and which one is promoted since when. */
export async function list(where: Where): Promise<void> {
  await withService(where, async ({ modelBucket, models, parameters, listVersions }) => {
    const name = parameters.modelName;
    const promotion = await models.promotion().catch(noneIfInvalid);
    const { loadWhole } = makePromotions(modelBucket, name, tryModel);
    // One that is promoted and gone is worth a line, too.
    const names = new Set([...(await listVersions()), ...(promotion === null ? [] : [promotion.version])]);
    const versions = await Promise.all(
      inOrder([...names]).map(async (version): Promise<Version> => {
        const isPromoted = version === promotion?.version;
        try {
          const { classes } = await loadWhole(version);
          return { version, isPromoted, classes: classes.map((one) => one.name), problem: null };
        } catch (error) {
          if (!(error instanceof InvalidModelPackage)) throw error;
          return { version, isPromoted, classes: [], problem: error.message };
        }
      }),
    );
    const promoted = promotion && {
      version: promotion.version,
      promotedAt: promotion.promotedAt,
      before: promotion.before,
    };
    console.log(
      where.json === true ? jsonLine({ name, promoted, versions }) : listed(name, promotion, versions, where),
    );
  });
}

/** 1.9.0 comes before 1.10.0. */
function inOrder(versions: string[]): string[] {
  return versions.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

function listed(name: string, promotion: Promotion | null, versions: Version[], where: Where): string {
  const facts: [string, string][] = [
    ['model', printable(name)],
    ['promoted', promotion === null ? 'none, so nothing is classified' : sinceWhen(promotion)],
    ...(promotion?.before[0] === undefined
      ? []
      : ([['before', promotion.before.map(printable).join(', ')]] as [string, string][])),
  ];
  const rows = versions.map(({ version, isPromoted, classes, problem }) => [
    printable(version),
    isPromoted ? 'promoted' : '',
    problem === null ? `classes ${classes.map(printable).join(', ')}` : `cannot run: ${printable(problem)}`,
  ]);
  const below =
    versions.length === 0
      ? `Nothing is published yet: ${commandFor(where, 'model publish FOLDER --promote')}`
      : table(['version', '', ''], rows);
  return `${pairs(facts, '')}\n\n${below}`;
}

function sinceWhen({ version, promotedAt }: Promotion): string {
  return printable(promotedAt === null ? version : `${version}, since ${promotedAt}`);
}
