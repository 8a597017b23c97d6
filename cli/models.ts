import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Service } from '../console/service.ts';
import { makeGatedPromotions } from '../core/comparison/gatedPromotions.ts';
import { type VersionActivity, versionActivity } from '../core/comparison/versionActivity.ts';
import { InvalidModelPackage, RefusedByGate } from '../core/errors.ts';
import { jsonLine } from '../core/jsonLine.ts';
import type { LedgerRow } from '../core/ledger/ledgerRow.ts';
import { rowsInState } from '../core/ledger/rowsInState.ts';
import type { ModelRef } from '../core/messages.ts';
import { makeChangeServing } from '../core/models/changeServing.ts';
import { noneIfInvalid, type Promotion } from '../core/models/models.ts';
import { originText, parseOrigin } from '../core/models/origins/origin.ts';
import type { ModelPackage } from '../core/models/package.ts';
import { isDigest } from '../core/models/packageDigest.ts';
import { type HistoryRecord, readPromotions } from '../core/models/promotionHistory.ts';
import { makePromotions, type Promoted } from '../core/models/promotions.ts';
import { type Publication, readPublication } from '../core/models/publication.ts';
import { publishPackage } from '../core/models/publishPackage.ts';
import type { Sample } from '../core/models/sample.ts';
import { EVERY_KEY, type Served, type Serving } from '../core/models/serving.ts';
import { percent } from '../core/percent.ts';
import { modelId } from '../core/run.ts';
import { shownOf } from '../core/tasks/shownRegistry.ts';
import { WrongUse } from './failure.ts';
import { withService } from './ledger.ts';
import { openOrigin } from './openOrigin.ts';
import { inOrder, withVersions } from './publishedVersions.ts';
import { checkModel, checkPackageFolder, folderSource } from './publishModel.ts';
import { checkFile } from './scene.ts';
import { shadowFigures, shadowText } from './shadow.ts';
import { bold, dim, pairs, printable, table } from './text.ts';
import { tryModel } from './tryModel.ts';
import { commandFor, type Where } from './where.ts';

/**
 * `swath model check FOLDER`: whether a package is whole and runs; with `--example FILE`, what it says of the file's first chips.
 * Nothing is written but that page.
 */
export async function check(folder: string, { json, example }: { json?: boolean; example?: string }): Promise<void> {
  if (example !== undefined) checkFile(example);
  const { model, sample, notes } = await checkPackageFolder(folder);
  const tried = example === undefined ? undefined : await tryExample(model, folder, example);
  const { name, version, task, classes } = model;
  const names = classes.map((one) => one.name);
  const what =
    names.length === 0
      ? `Its task: ${task}`
      : `Its classes: ${classes.map(({ name: called, title = called }) => printable(title)).join(', ')}`;
  if (json === true) {
    const about = tried && { example: { page: tried.page, chips: tried.chips, blanks: tried.blanks } };
    console.log(JSON.stringify({ name, version, task, classes: names, hasSample: sample !== null, notes, ...about }));
    return;
  }
  console.log(`${bold(printable(`${name} ${version}`))} is whole and runs. ${what}.`);
  if (sample !== null) console.log(`Its sample: ${shownSample(sample)}, as it is stored.`);
  for (const note of notes) console.log(`Note: ${printable(note)}.`);
  if (tried === undefined) return;
  const rows = tried.chips.map(({ index, text, probability }) => [
    ...[String(index), printable(text ?? '–')],
    probability === null || Number.isNaN(probability) ? '' : probability.toFixed(3),
  ]);
  console.log(`\n${table(['chip', 'prediction', ''], rows, ['right'])}`);
  const blanks = tried.blanks === 0 ? '' : ` (${tried.blanks} blank ones were passed over)`;
  console.log(`\nThese chips${blanks}, drawn with what is predicted: ${printable(tried.page)}`);
}

/** What is predicted for it, in a few words. */
function shownSample({ prediction }: Sample): string {
  const { class: name, labels, value } = prediction;
  return printable([name ?? labels ?? value ?? 'none'].flat().join(', '));
}

/** Writes the page beside the command's caller. */
async function tryExample(model: ModelPackage, folder: string, example: string) {
  const onnx = await readFile(join(folder, model.onnxFile));
  const [{ classifyExample }, { examplePage }] = await Promise.all([
    import('./classifyExample.ts'),
    import('./examplePage.ts'),
  ]);
  const { chips, blanks } = await classifyExample(model, onnx, example);
  const page = `${model.name}-${model.version}-example.html`;
  await writeFile(page, examplePage(model, basename(example), chips));
  return { page, blanks, chips: chips.map(({ index, text, probability }) => ({ index, text, probability })) };
}

type PublishOptions = Where & { promote?: boolean; digest?: string };

/**
 * `swath model publish FOLDER`: a package into the model bucket, whole and checked, from a folder or from where it is registered
 * or stored; with `--promote`, that version is the one that classifies.
 */
export async function publish(from: string, { promote, digest: wanted, ...where }: PublishOptions): Promise<void> {
  if (wanted !== undefined && !isDigest(wanted))
    throw new WrongUse(
      `--digest: found ${JSON.stringify(wanted)}, allowed is sha256: with 64 digits, as it is told when a package is published.`,
    );
  const origin = parseOrigin(from);
  const work = async (service: Service) => {
    const { modelBucket, models, parameters, now } = service;
    const source = origin === null ? folderSource(from) : await openOrigin(origin, where);
    const { name, version, isNew, digest } = await publishPackage(source, {
      ...{ bucket: modelBucket, checkModel, digest: wanted },
      ...(origin !== null && { asked: { from: originText(origin), at: now() } }),
    });
    const promoting = async () => promotionsOf(service, name).promote(version, now(), { by: await service.caller() });
    const promoted = promote === true ? await promoting().catch(withWayOut({ name, version }, where)) : undefined;
    const replaced = promoted && (await serveOnLaptop(service, name, where));
    const live = namesOf(await models.served());
    const isUsed = live.includes(name);
    const cameFrom = origin === null ? {} : { from: originText(origin), where: source.where };
    if (where.json === true) {
      console.log(jsonLine({ name, version, isNew, isPromoted: promoted !== undefined, isUsed, digest, ...cameFrom }));
      return;
    }
    const called = printable(`${name} ${version}`);
    console.log(isNew ? `${bold(called)} is published.` : `${bold(called)} was published before; nothing was changed.`);
    if (origin !== null) console.log(dim(`It is ${printable(source.where)}, with the digest ${digest}`));
    if (promoted !== undefined) console.log(promotionText(promoted, isUsed));
    if (replaced !== undefined) console.log(replacedText(replaced, where));
    if (!isUsed) console.log(unusedText({ name, version }, live, where));
    else if (promoted === undefined) {
      const promotion = `model promote ${name === parameters.modelName ? '' : `${name}/`}${version}`;
      console.log(dim(`To let it classify what comes from now on: ${commandFor(where, promotion)}`));
    }
  };
  await withService(where, work, { mayBeNew: true });
}

/** `swath model promote NAME/VERSION`: lets a published version classify whatever comes from now on, if its gate does not forbid it. */
export async function promote(
  named: string,
  ofNamed: string | undefined,
  {
    beside = false,
    accepts,
    reason = null,
    anyway,
    ...where
  }: Where & { beside?: boolean; accepts?: string[]; reason?: string | null; anyway?: string },
): Promise<void> {
  if (anyway?.trim() === '') throw new WrongUse('--anyway: found nothing, allowed is why.');
  await withService(where, async (service) => {
    const { modelBucket, models, parameters, now, listVersions } = service;
    const { modelName } = parameters;
    const { name, version } = versionNamed(named, ofNamed, modelName);
    const live = namesOf(await models.served());
    if (!beside && where.stage !== undefined && !live.includes(name))
      throw new WrongUse(
        `${printable(`${name} is not live here: ${live.join(', ')} is.`)} ${howToServe({ name, version }, where)}`,
      );
    const note = { by: await service.caller(), reason, anyway };
    const promoting = promotionsOf(service, name).promote(version, now(), note);
    const promoted = await promoting
      .catch(withWayOut({ name, version }, where))
      .catch(withVersions(listVersions, name, where));
    // It is live with its first version, and never without one.
    if (beside || accepts !== undefined)
      await makeChangeServing(modelBucket, models, modelName).serve(name, accepts, now());
    const replaced = await serveOnLaptop(service, name, where);
    tell(promoted, where);
    if (where.json !== true && replaced !== undefined) console.log(replacedText(replaced, where));
    if (where.json !== true && (beside || accepts !== undefined))
      console.log(liveTable(await models.serving(), versionActivity(await newestRuns(service.ledger))));
  });
}

/** Promotions of a model through the gate. */
function promotionsOf(service: Service, name: string) {
  const { promotionGate } = service.parameters;
  return makeGatedPromotions({ ...service, tryModel, promotionGate }, name);
}

/** The version that is meant by `NAME/VERSION`, `NAME VERSION`, or a `VERSION` of the own model. */
function versionNamed(named: string, ofNamed: string | undefined, own: string): ModelRef {
  if (ofNamed !== undefined && !named.includes('/')) return { name: named, version: ofNamed };
  const [name = '', version = '', ...more] = named.includes('/') ? named.split('/') : [own, named];
  if (name === '' || version === '' || more.length > 0 || ofNamed !== undefined)
    throw new WrongUse(
      `found ${[named, ofNamed ?? []]
        .flat()
        .map((word) => JSON.stringify(word))
        .join(' ')}, allowed are NAME/VERSION, NAME VERSION, or VERSION.`,
    );
  return { name, version };
}

/** `swath model rollback [NAME]`: promotes the version again that was promoted before. */
export async function rollback(
  named: string | undefined,
  { reason = null, ...where }: Where & { reason?: string | null },
): Promise<void> {
  await withService(where, async ({ modelBucket, parameters: { modelName: name }, now, listVersions, caller }) => {
    const of = named ?? name;
    const note = { by: await caller(), reason };
    const goingBack = makePromotions(modelBucket, of, tryModel).rollback(now(), note);
    tell(await goingBack.catch(withVersions(listVersions, of, where)), where);
  });
}

/** `swath model history [NAME]`: who promoted which version, when, and why. */
export async function history(
  named: string | undefined,
  { limit, ...where }: Where & { limit: number },
): Promise<void> {
  await withService(where, async ({ modelBucket, parameters: { modelName } }) => {
    const name = named ?? modelName;
    const records = await readPromotions(modelBucket, name, limit);
    if (where.json === true) {
      for (const record of records) console.log(jsonLine({ name, ...record }));
      return;
    }
    if (records.length === 0) {
      console.log(`Nothing is known of a promotion of ${printable(name)}. Promotions are kept since release 0.6.0.`);
      return;
    }
    const rows = records.map((record) => {
      const { at, version, before, by, reason } = record;
      const told = [version, before ?? '–', kindOf(record), by ?? '–', reason ?? ''].map(printable);
      return [at.replace(/\.\d+Z$/, 'Z'), ...told];
    });
    console.log(table(['at', 'version', 'in the place of', 'by a', 'of', 'because'], rows));
    for (const { at, version, refusals = [] } of records)
      if (refusals.length > 0) console.log(`\n${refusedText(version, at, refusals)}`);
  });
}

function refusedText(version: string, at: string, refusals: readonly string[]): string {
  const head = `The gate refused ${version} at ${at.replace(/\.\d+Z$/, 'Z')}:`;
  return [head, ...refusals.map((one) => `  ${one}`)].map(printable).join('\n');
}

function kindOf(record: HistoryRecord): string {
  if ('isRefused' in record) return 'try that was refused';
  if (record.isRollback) return 'rollback';
  return record.refusals === undefined ? 'promotion' : 'promotion against the gate';
}

/** `swath model retire NAME`: has a model no longer classify what comes; its versions and what it has predicted stay. */
export async function retire(name: string, where: Where): Promise<void> {
  await withService(where, async ({ modelBucket, models, parameters: { modelName } }) => {
    const served = await makeChangeServing(modelBucket, models, modelName).retire(name);
    const live = namesOf(served);
    if (where.json === true) console.log(jsonLine({ retired: name, live }));
    else console.log(printable(`${bold(name)} classifies nothing that comes from now on. Live: ${live.join(', ')}.`));
  });
}

/**
 * On a laptop, what is promoted serves: where it is not live yet, in the place of the model that the console follows.
 * @returns that model, if a version of it is promoted
 */
async function serveOnLaptop(service: Service, name: string, { stage }: Where): Promise<ModelRef | undefined> {
  const { modelBucket, models, parameters, now } = service;
  if (stage !== undefined || namesOf(await models.served()).includes(name)) return undefined;
  const replaced = await models.promotedOrNone().catch(noneIfInvalid);
  await makeChangeServing(modelBucket, models, parameters.modelName).serveFirst(name, now());
  return replaced ?? undefined;
}

function replacedText({ name, version }: ModelRef, where: Where): string {
  return `It takes the place of ${printable(name)}; "npm start" follows it in the console and the alarms once it is started again. To have both: ${commandFor(where, `model promote ${name}/${version} --beside`)}`;
}

function namesOf(served: readonly Served[]): string[] {
  return served.map(({ name }) => name);
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

/** What a package of a model means that is not live: nothing here will look for it. */
function unusedText(model: ModelRef, live: string[], where: Where): string {
  const here = where.stage === undefined ? 'the embedded stack' : `the stage ${where.stage}`;
  return `But ${here} classifies with ${printable(live.join(', '))}, so ${printable(model.name)} is not used there. ${howToServe(model, where)}`;
}

function howToServe({ name, version }: ModelRef, where: Where): string {
  return `To have it classify what comes, beside the others: ${commandFor(where, `model promote ${name}/${version} --beside`)}`;
}

/** Where a gate refuses a version, how a person promotes it all the same. */
function withWayOut({ name, version }: ModelRef, where: Where) {
  return (error: unknown): never => {
    if (!(error instanceof RefusedByGate)) throw error;
    const anyway = commandFor(where, `model promote ${name}/${version} --anyway "WHY"`);
    throw new RefusedByGate(error.what, [...error.refusals, `Whoever knows better says why: ${anyway}`]);
  };
}

type Version = {
  version: string;
  isPromoted: boolean;
  task: string | null;
  classes: string[];
  problem: string | null;
  /** Where it came from, if that was no folder. */
  publication: Publication | null;
} & Did;
/** By the newest runs: how many, of how many chips, the last one, and the share that is right, where it is known. */
type Did = { runs: number; chips: number; lastRun: string | null; accuracy: number | null };

/** So many runs, the newest, say what a version did. */
const NEWEST_RUNS = 2000;

async function newestRuns(ledger: Service['ledger']): Promise<LedgerRow[]> {
  const rows: LedgerRow[] = [];
  for await (const row of rowsInState(ledger, 'DONE', { limit: NEWEST_RUNS })) rows.push(row);
  return rows;
}

/** `swath model list [NAME]`: a model's versions, which one is promoted since when, what each did, and what is live here. */
export async function list(named: string | undefined, where: Where): Promise<void> {
  await withService(where, async ({ modelBucket, models, parameters, listVersions, ledger }) => {
    const name = named ?? parameters.modelName;
    const [promotion, serving, shadow, newest] = await Promise.all([
      models.promotion(name).catch(noneIfInvalid),
      models.serving(),
      models.shadow(name).catch(noneIfInvalid),
      newestRuns(ledger),
    ]);
    const figures = shadow && (await shadowFigures({ ledger }, name, shadow));
    const activity = versionActivity(newest);
    const { loadWhole } = makePromotions(modelBucket, name, tryModel);
    // One that is promoted and gone is worth a line, too.
    const names = new Set([...(await listVersions(name)), ...(promotion === null ? [] : [promotion.version])]);
    const versions = await Promise.all(
      inOrder([...names]).map(async (version): Promise<Version> => {
        const isPromoted = version === promotion?.version;
        const publication = await readPublication(modelBucket.read, { name, version });
        const done = activity.get(modelId({ name, version }));
        try {
          const model = await loadWhole(version);
          const about = { task: model.task, classes: model.classes.map((one) => one.name), problem: null };
          return { version, isPromoted, ...about, publication, ...didOf(done, model) };
        } catch (error) {
          if (!(error instanceof InvalidModelPackage)) throw error;
          const about = { task: null, classes: [], problem: error.message };
          return { version, isPromoted, ...about, publication, ...didOf(done, null) };
        }
      }),
    );
    if (where.json !== true) {
      const beside = isOrdinary(serving, name) ? '' : `\n\n${liveTable(serving, activity)}`;
      const shadowed = shadow && shadowText(shadow, figures!);
      const told = { versions, isCut: newest.length === NEWEST_RUNS, shadow: shadowed };
      console.log(`${listed(name, promotion, told, where)}${beside}`);
      return;
    }
    const live = serving.live.map(({ model, accepts, since }) => ({ ...model, accepts, since }));
    const { version, promotedAt, before } = promotion ?? {};
    const shadowed = shadow && { ...shadow, ...figures };
    console.log(
      jsonLine({ name, promoted: promotion && { version, promotedAt, before }, shadow: shadowed, versions, live }),
    );
  });
}

function listed(
  name: string,
  promotion: Promotion | null,
  { versions, isCut, shadow }: { versions: Version[]; isCut: boolean; shadow: string | null },
  where: Where,
): string {
  const facts: [string, string][] = [
    ['model', printable(name)],
    ['promoted', promotion === null ? 'none, so nothing is classified' : sinceWhen(promotion)],
  ];
  if (promotion?.before[0] !== undefined) facts.push(['before', promotion.before.map(printable).join(', ')]);
  if (shadow !== null) facts.push(['shadow', shadow]);
  const rows = versions.map(({ version, isPromoted, task, classes, problem, publication, ...did }) => {
    const runs = classes.length === 0 ? task! : `classes ${classes.map(printable).join(', ')}`;
    const what = problem === null ? runs : `cannot run: ${printable(problem)}`;
    const standing = isPromoted ? 'promoted' : isNewerThan(promotion, publication) ? 'candidate' : '';
    const from = publication === null ? '' : `; ${cameFrom(publication)}`;
    return [printable(version), standing, ...didCells(did), `${what}${from}`];
  });
  const below =
    versions.length === 0
      ? `No version of ${printable(name)} is published: ${commandFor(where, 'model publish FOLDER --promote')}`
      : table(['version', '', ...DID, ''], rows, ['left', 'left', 'right', 'right', 'left', 'right']);
  const note = isCut ? `\n${dim(`By the newest ${NEWEST_RUNS.toLocaleString('en')} runs.`)}` : '';
  return `${pairs(facts, '')}\n\n${below}${note}`;
}

const DID = ['runs', 'chips', 'last run', 'accuracy'];

function didCells({ runs, chips, lastRun, accuracy }: Did): string[] {
  return [
    ...[runs.toLocaleString('en'), chips.toLocaleString('en'), lastRun?.replace(/\.\d+Z$/, 'Z') ?? '–'],
    accuracy === null ? '–' : percent(accuracy),
  ];
}

function didOf(activity: VersionActivity | undefined, model: ModelPackage | null): Did {
  const { runs = 0, chips = 0, newest: lastRun = null, sum = null } = activity ?? {};
  const accuracy = (sum && model && shownOf(model).rightness(sum, model)?.figure.value) ?? null;
  return { runs, chips, lastRun, accuracy };
}

/** What came from a registry or a store since the last promotion, and has not been promoted, waits to be. */
function isNewerThan(promotion: Promotion | null, publication: Publication | null): boolean {
  if (publication === null) return false;
  const since = promotion?.promotedAt ?? null;
  return since === null || Date.parse(publication.at) > Date.parse(since);
}

function cameFrom({ where, from, digest, at }: Publication): string {
  const asked = from === where ? '' : ` (${from})`;
  return printable(`from ${where}${asked} on ${at.slice(0, 10)}, ${digest.slice(0, 'sha256:'.length + 12)}…`);
}

function sinceWhen({ version, promotedAt }: Promotion): string {
  return printable(promotedAt === null ? version : `${version}, since ${promotedAt}`);
}

/** Whether all that is live is the model itself, with every key: then there is nothing more to be said. */
function isOrdinary({ live, waiting }: Serving, name: string): boolean {
  const isPlain = ({ accepts }: Pick<Served, 'accepts'>) => accepts.join() === EVERY_KEY.join();
  return (
    live.length + waiting.length === 1 && [...live, ...waiting].every(isPlain) && (live[0]?.model.name ?? name) === name
  );
}

/** What is live, which keys each takes, and what it did. */
function liveTable({ live, waiting }: Serving, activity: ReadonlyMap<string, VersionActivity>): string {
  const rows = live.map(({ model, accepts, since }) => {
    const { runs, chips, lastRun } = didOf(activity.get(modelId(model)), null);
    const did = didCells({ runs, chips, lastRun, accuracy: null }).slice(0, -1);
    return [...[model.name, model.version, accepts.join(', ')].map(printable), since ?? '', ...did];
  });
  const none = waiting.map(({ error, accepts }) => [
    ...['–', printable(error.message), printable(accepts.join(', ')), ''],
    ...['', '', ''],
  ]);
  const head = ['live', 'version', 'takes', 'since', ...DID.slice(0, -1)];
  return table(head, [...rows, ...none], ['left', 'left', 'left', 'left', 'right', 'right']);
}
