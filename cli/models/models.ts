import type { Service } from '../../console/service.ts';
import { insteadOf, RefusedByGate } from '../../core/base/errors.ts';
import type { ModelRef } from '../../core/base/messages.ts';
import { jsonLine } from '../../core/base/text/jsonLine.ts';
import { fewNames } from '../../core/base/text/largest.ts';
import { ROWS_OF_PIXELS } from '../../core/package/notes.ts';
import { changeServing } from '../../core/releases/changeServing.ts';
import { makeGatedPromotions } from '../../core/releases/comparison/gate.ts';
import { versionActivity } from '../../core/releases/comparison/versionActivity.ts';
import type { Promoted } from '../../core/releases/contract.ts';
import { noneIfInvalid } from '../../core/releases/models.ts';
import { originText, parseOrigin } from '../../core/releases/origins/origin.ts';
import { type HistoryRecord, readPromotions } from '../../core/releases/promotionHistory.ts';
import { makePromotions } from '../../core/releases/promotions.ts';
import { isDigest } from '../../core/releases/publication.ts';
import { publishPackage } from '../../core/releases/publishPackage.ts';
import { questionText } from '../../core/releases/questions.ts';
import { encodeServing, type Served, withFirst, withoutServed, withServed } from '../../core/releases/serving.ts';
import { LOCAL_STAGE } from '../../local/alarms/observing.ts';
import { checkFile } from '../send/scene.ts';
import { commandFor, quoted, type Where, withService } from '../service/ledger.ts';
import { versionIn, withVersions } from '../service/publishedVersions.ts';
import { bold, dim, print, printable, refused, table, WrongUse } from '../terminal/output.ts';
import { engineOf, engineText } from './engine.ts';
import { liveTable, newestRuns } from './listModels.ts';
import { openOrigin } from './openOrigin.ts';
import { checkModel, checkPackageFolder, folderSource } from './publishModel.ts';
import { tryModel } from './tryModel.ts';

/** `swath model check FOLDER`: checks that a package is complete and runs. */
export async function check(folder: string, { json, example }: { json?: boolean; example?: string }): Promise<void> {
  if (example !== undefined) checkFile(example);
  const { model, onnx, sample, tried: trial, notes } = await checkPackageFolder(folder);
  const engine = engineOf(model, trial);
  const { classifyExample } = await import('./classifyExample.ts');
  const tried = example === undefined ? undefined : await classifyExample(model, onnx, example);
  const all = [...notes, ...(tried?.arePixels ? [ROWS_OF_PIXELS] : []), ...oneForAll(tried)];
  const { name, version, task } = model;
  const classes = model.classes.map((one) => one.name);
  const about = { name, version, task: task.name, classes, hasSample: sample !== null, engine, notes: all };
  if (json === true) return console.log(JSON.stringify({ ...about, ...(tried && { example: tried }) }));
  const titles = fewNames(model.classes.map(({ name: called, title = called }) => printable(title)));
  const what = titles.length === 0 ? `Its task: ${task.name}` : `Its classes: ${titles.join(', ')}`;
  console.log(`${bold(printable(`${name} ${version}`))} is whole and runs. ${what}.`);
  if (sample !== null) {
    const { class: one, labels, value } = sample.prediction;
    console.log(`Its sample: ${printable([one ?? labels ?? value ?? 'none'].flat().join(', '))}, as it is stored.`);
  }
  if (engine !== null) console.log(engineText(engine));
  for (const note of all) console.log(noteText(note, folder));
  if (tried === undefined || example === undefined) return;
  const rows = tried.chips.map(({ index, text, probability }) => [
    String(index),
    printable(text ?? '–'),
    probability === null || Number.isNaN(probability) ? '' : probability.toFixed(3),
  ]);
  console.log(`\n${table(['chip', 'prediction', ''], rows, 'r')}`);
  if (tried.blanks > 0) console.log(`\n${tried.blanks} blank chips were skipped.`);
  const classify = commandFor({}, `classify --model ${quoted(folder)} ${quoted(example)}`);
  console.log(dim(`\nTo see their pictures and maps in the console: ${printable(classify)}`));
}

/** With the folder of the package, if it is known, so that a note's command can be pasted. */
const noteText = (note: string, folder = 'FOLDER'): string =>
  printable(`Note: ${note.replace('FOLDER', () => quoted(folder))}.`);

function oneForAll(tried: { chips: readonly { text: string | null }[] } | undefined): string[] {
  const found = new Set(tried?.chips.map(({ text }) => text));
  if (tried === undefined || tried.chips.length < 2 || found.size > 1) return [];
  return [`the model predicts ${[...found][0] ?? 'nothing'} for each of the example's ${tried.chips.length} chips`];
}

type PublishOptions = Where & { promote?: boolean; digest?: string };

/** `swath model publish FOLDER`: checks a package and puts it into the model bucket. */
export async function publish(from: string, { promote, digest: wanted, ...where }: PublishOptions): Promise<void> {
  if (wanted !== undefined && !isDigest(wanted))
    throw refused('--digest', wanted, 'is sha256: with 64 digits, as printed when a package is published');
  const origin = parseOrigin(from);
  const work = async (service: Service) => {
    const { modelBucket, models, parameters, now } = service;
    const source = origin === null ? folderSource(from) : await openOrigin(origin, where);
    const { name, version, isNew, mended, digest, notes } = await publishPackage(source, {
      bucket: modelBucket,
      checkModel,
      digest: wanted,
      at: now(),
      from: origin && originText(origin),
    });
    const promoting = async () => promotionsOf(service, name).promote(version, now(), { by: await service.caller() });
    const promoted = promote === true ? await promoting().catch(withWayOut({ name, version }, where)) : undefined;
    const replaced = promoted && (await serveOnLaptop(service, name, where));
    const served = await models.served();
    const live = namesOf(served);
    const isUsed = live.includes(name);
    const cameFrom = origin === null ? {} : { from: originText(origin), where: source.where };
    const done = { isNew, mended, notes, isPromoted: promoted !== undefined };
    if (where.json === true) return console.log(jsonLine({ name, version, ...done, isUsed, digest, ...cameFrom }));
    const called = printable(`${name} ${version}`);
    const put = mended.length === 0 ? 'nothing was changed' : `put back as published: ${printable(mended.join(', '))}`;
    console.log(`${bold(called)} ${isNew ? 'is published.' : `was published before; ${put}.`}`);
    console.log(dim(`${origin === null ? 'It has' : `It is ${printable(source.where)}, with`} the digest ${digest}`));
    const folder = origin === null ? from : undefined;
    for (const note of new Set([...notes, ...(promoted?.notes ?? [])])) console.log(noteText(note, folder));
    if (promoted !== undefined) console.log(`${promotionText(promoted, isUsed)}${firstText(service, name, served)}`);
    if (replaced !== undefined) console.log(replacedText(replaced, where));
    const here = where.stage === undefined ? 'the embedded stack' : `the stage ${where.stage}`;
    const used = `But ${here} classifies with ${printable(live.join(', '))}, so ${printable(name)} is not used there.`;
    if (!isUsed) console.log(`${used} ${howToServe({ name, version }, where)}`);
    else if (promoted === undefined && (await models.promotion(name))?.version !== version) {
      const promotion = `model promote ${name === parameters.modelName ? '' : `${name}/`}${version}`;
      console.log(dim(`To let it classify what comes from now on: ${commandFor(where, promotion)}`));
    }
  };
  await withService(where, work, { mayBeNew: true });
}

type Promotion = Where & { beside?: boolean; accepts?: string[]; reason?: string | null; anyway?: string };

export async function promote(named: string, { beside = false, accepts, reason = null, anyway, ...where }: Promotion) {
  if (anyway?.trim() === '') throw new WrongUse('--anyway: found nothing, allowed is the reason.');
  const noKey = accepts?.find((pattern) => /^$|^--|\/$/.test(pattern)); // a key that ends in / is a folder's marker
  const such = noKey?.endsWith('/') ? noKey : 'south/';
  if (noKey !== undefined) throw refused('--accepts', noKey, `are keys of files, with * for any text: '${such}*'`);
  await withService(where, async (service) => {
    const { modelBucket, models, now } = service;
    const { modelName } = service.parameters;
    const { name, version } = versionIn(named, modelName, "NAME/VERSION, or a VERSION of the stack's own model");
    const served = await models.served();
    const live = namesOf(served);
    if (!beside && where.stage !== undefined && !live.includes(name))
      throw new WrongUse(
        `${printable(`${name} is not live here: ${live.join(', ')} is.`)} ${howToServe({ name, version }, where)}`,
      );
    const isServingSaid = beside || accepts !== undefined;
    // Before the version is promoted: what is refused changes nothing.
    const serve = (all: readonly Served[]) => withServed(all, name, accepts, now());
    if (isServingSaid) encodeServing(serve(served));
    const note = { by: await service.caller(), reason, anyway };
    const promoting = promotionsOf(service, name).promote(version, now(), note);
    const promoted = await promoting
      .catch(withWayOut({ name, version }, where))
      .catch(withVersions(modelBucket, name, where));
    // Promoted first, because a live model always needs a promoted version.
    if (isServingSaid) await changeServing(modelBucket, models, modelName, serve);
    const replaced = await serveOnLaptop(service, name, where);
    tell(promoted, where, firstText(service, name, await models.served()));
    if (where.json !== true && replaced !== undefined) console.log(replacedText(replaced, where));
    if (where.json !== true && isServingSaid)
      console.log(liveTable(await models.serving(), versionActivity(await newestRuns(service.ledger))));
  });
}

const promotionsOf = (service: Service, name: string) =>
  makeGatedPromotions({ ...service, ...service.parameters, tryModel }, name);

export async function rollback(named: string | undefined, { reason = null, ...where }: Omit<Promotion, 'anyway'>) {
  await withService(where, async ({ modelBucket, parameters: { modelName: name }, now, caller }) => {
    const of = named ?? name;
    const goingBack = makePromotions(modelBucket, of, tryModel).rollback(now(), { by: await caller(), reason });
    tell(await goingBack.catch(withVersions(modelBucket, of, where)), where);
  });
}

export async function history(named: string | undefined, { limit, ...where }: Where & { limit: number }) {
  await withService(where, async ({ modelBucket, parameters: { modelName } }) => {
    const name = named ?? modelName;
    const records = await readPromotions(modelBucket, name, limit);
    if (where.json === true) for (const record of records) console.log(jsonLine({ name, ...record }));
    if (where.json === true) return;
    if (records.length === 0) return console.log(`Nothing is known of a promotion of ${printable(name)}.`);
    const rows = records.map((record) => {
      const { at, version, before, by, reason } = record;
      return [toSeconds(at), ...[version, before ?? '–', kindOf(record), by ?? '–', reason ?? ''].map(printable)];
    });
    console.log(table(['at', 'version', 'in the place of', 'by a', 'of', 'because'], rows));
    for (const record of records) if (record.refusals?.length) console.log(`\n${refusedText(record)}`);
  });
}

const toSeconds = (at: string | null) => at?.replace(/\.\d+Z$/, 'Z') ?? '–';

function refusedText({ version, at, refusals = [], asked }: HistoryRecord): string {
  const which = asked === undefined ? '' : ` (${questionText(asked)})`;
  const head = `The gate refused ${version} at ${toSeconds(at)}${which}:`;
  return [head, ...refusals.map((one) => `  ${one}`)].map(printable).join('\n');
}

function kindOf(record: HistoryRecord): string {
  if ('isRefused' in record) return 'refused attempt';
  if (record.isRollback) return 'rollback';
  return record.refusals === undefined ? 'promotion' : 'promotion against the gate';
}

/** `swath model retire NAME`: stops a live model from classifying new files; its versions and predictions stay. */
export async function retire(name: string, where: Where): Promise<void> {
  await withService(where, async (service) => {
    const { modelBucket, models, parameters } = service;
    const served = await changeServing(modelBucket, models, parameters.modelName, (all) => withoutServed(all, name));
    const live = namesOf(served);
    const said = `${bold(name)} classifies no new files from now on. Live: ${live.join(', ')}.`;
    print(where.json, { retired: name, live }, () => printable(said) + firstText(service, name, served));
  });
}

/** On a laptop, a promoted model becomes live, in place of the one that the console follows; returns that one, if promoted. */
async function serveOnLaptop(service: Service, name: string, { stage }: Where): Promise<ModelRef | undefined> {
  const { modelBucket, models, parameters, now } = service;
  if (stage !== undefined || namesOf(await models.served()).includes(name)) return undefined;
  const replaced = await models.promotion().catch(noneIfInvalid);
  await changeServing(modelBucket, models, parameters.modelName, (all) => withFirst(all, name, now()));
  return replaced ?? undefined;
}

const replacedText = ({ name, version }: ModelRef, where: Where): string =>
  `It replaces ${printable(name)}; restart "npm start" to follow it in the console and the alarms. To have both: ${commandFor(where, `model promote ${name}/${version} --beside`)}`;

/** Says which model the alarms and the console follow, if not the one that was promoted or retired. */
function firstText({ stage, parameters: { modelName } }: Service, name: string, served: readonly Served[]): string {
  const first = stage === LOCAL_STAGE ? served[0]!.name : modelName;
  const takes = served.find((one) => one.name === first)?.accepts.join(', ');
  if (first === name && takes !== undefined) return '';
  const what = takes === undefined ? 'which is not live: deploy with another modelName' : `which takes ${takes}`;
  const when = first === modelName ? '' : ', after a restart of "npm start"';
  return printable(` The alarms and the console follow ${first}, ${what}${when}.`);
}

const namesOf = (served: readonly Served[]): string[] => served.map(({ name }) => name);

function tell(promoted: Promoted, where: Where, more = ''): void {
  print(where.json, promoted, () => `${promotionText(promoted)}${more}`);
  if (where.json !== true) for (const note of promoted.notes) console.log(noteText(note));
}

function promotionText(promoted: Promoted, isUsed = true): string {
  const { name, version, promotedAt, replaced, by, wasPromoted, faster, asked } = promoted;
  const called = bold(printable(`${name} ${version}`));
  if (wasPromoted) {
    const who = faster === null ? '' : ` by ${printable(by ?? 'somebody')}, who was faster`;
    return `${called} is promoted already${promotedAt === null ? '' : `, since ${promotedAt}`}${who}.`;
  }
  const after = replaced === null ? '' : ` Before, it was ${printable(replaced)}.`;
  const meanwhile =
    faster === null
      ? ''
      : ` ${printable(faster.by ?? 'Somebody')} was faster and had promoted that at ${faster.promotedAt ?? 'an unknown time'}, while this promotion was under way.`;
  const which = asked === undefined ? '' : ` The gate was asked ${questionText(asked)}.`;
  return `${called} is promoted${isUsed ? ': it classifies new files from now on' : ''}.${after}${meanwhile}${which}`;
}

const howToServe = ({ name, version }: ModelRef, where: Where): string =>
  `To have it classify new files beside the others: ${commandFor(where, `model promote ${name}/${version} --beside`)}`;

function withWayOut({ name, version }: ModelRef, where: Where) {
  const command = commandFor(where, `model promote ${name}/${version} --anyway "WHY"`);
  const wayOut = `To promote it anyway, say why: ${command}`;
  return insteadOf(RefusedByGate, ({ what, refusals }) => new RefusedByGate(what, [...refusals, wayOut]));
}
