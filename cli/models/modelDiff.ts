import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { Service } from '../../console/service.ts';
import { insteadOf, ObjectNotFound } from '../../core/base/errors.ts';
import { modelId } from '../../core/base/messages.ts';
import { percent, precise } from '../../core/base/text/numbers.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import { type ComparedRuns, compareRuns } from '../../core/releases/comparison/compareRuns.ts';
import { cutApart, incomparable } from '../../core/releases/comparison/compareVersions.ts';
import { counted, numbersOf, truthOf } from '../../core/releases/comparison/numbers.ts';
import type { DifferenceSummary } from '../../core/tasks/shown.ts';
import { classifyEach } from '../send/classify.ts';
import { commandFor, type Where, withService } from '../service/ledger.ts';
import { versionIn } from '../service/publishedVersions.ts';
import { bold, dim, pairs, printable, table, timeOf, WrongUse } from '../terminal/output.ts';
import { checkPackageFolder } from './publishModel.ts';

type Options = Where & { since: string; data?: string[] };

export async function diff(one: string, other: string, { data, since, ...where }: Options): Promise<void> {
  if (data !== undefined && where.stage !== undefined)
    throw new WrongUse('--data: files are classified on this machine. Leave out --stage, or leave out --data.');
  const from = data === undefined ? timeOf('--since', since) : new Date(0);
  const { isWanted, memory } =
    data === undefined ? { isWanted: () => true, memory: null } : await classified(data, [one, other], where);
  await withService(where, async (service) => {
    const first = await service.models.load(await publishedRef(service, one, where));
    const second = await service.models.load(await publishedRef(service, other, where));
    assertComparable(first, second);
    const gone = ({ message }: Error) =>
      new WrongUse(`${message} Predictions are kept for a while only: name a later day with --since.`);
    const comparing = compareRuns(service, { first, second, since: from, isWanted });
    const told = { ...(await comparing.catch(insteadOf(ObjectNotFound, gone))), memory };
    console.log(where.json === true ? JSON.stringify(toJson(told)) : inWords(told));
    if (told.difference === null) process.exitCode = 1;
  });
}

function assertComparable(first: ModelPackage, second: ModelPackage): void {
  const reason = incomparable(first, second);
  if (reason !== undefined) throw new WrongUse(`${reason}.`);
  if (modelId(first) === modelId(second)) throw new WrongUse(`${modelId(first)} is named twice: name two versions.`);
}

/** Classifies the files with both packages; returns a filter for runs of their contents, and the memory that the models take. */
async function classified(files: string[], folders: [string, string], { dataDir }: Where) {
  const none = folders.find((folder) => !existsSync(folder));
  if (none !== undefined)
    throw new WrongUse(`${none}: no such folder. With --data, name two versions by the folders of their packages.`);
  const first = await checkPackageFolder(folders[0]);
  const second = await checkPackageFolder(folders[1]); // after the first, so that they do not compete for memory
  assertComparable(first.model, second.model);
  const digests = new Set<string>();
  for (const model of folders)
    await classifyEach(files, {
      model,
      dataDir,
      tell: (file, { row: { digest, state, error } }) => {
        if (state === 'DONE' || state === 'EMPTY' || state === 'DUPLICATE') return void digests.add(digest!);
        const by = `${printable(basename(file))} by ${printable(model)}`;
        console.error(`${state} ${by}: ${printable(error?.message ?? '')}`);
      },
    });
  const isWanted = ({ digest }: LedgerRow) => digests.has(digest!);
  return { isWanted, memory: { first: first.tried.memory, second: second.tried.memory } };
}

/** Resolves a published version: that of a folder, `NAME/VERSION`, or a version of the stack's own model. */
export async function publishedRef({ listVersions, parameters }: Service, asked: string, where: Where) {
  const { name, version } = existsSync(asked)
    ? (await checkPackageFolder(asked)).model
    : versionIn(asked, parameters.modelName, 'a folder of a package, NAME/VERSION, or VERSION');
  const versions = await listVersions(name);
  if (versions.includes(version)) return { name, version };
  const are = versions.join(', ') || 'none';
  throw new WrongUse(
    `${asked}: found no version ${version} of ${name}; published are: ${are}. See: ${commandFor(where, `model list ${name}`)}`,
  );
}

const TOLD = 10;

function toJson({ first, second, changed, ...told }: ComparedRuns) {
  const nameOf = ({ name, version, task }: ModelPackage) => ({ name, version, task: task.name });
  return {
    first: nameOf(first),
    second: nameOf(second),
    ...told,
    changed: changed.map((pair) => ({
      scene: pair.first.scene.key,
      index: pair.first.index,
      member: pair.first.member,
      truth: pair.first.truth,
      first: { run: pair.first.run, predicted: pair.first.text, probability: pair.first.probability },
      second: { run: pair.second.run, predicted: pair.second.text, probability: pair.second.probability },
    })),
  };
}

function inWords(told: ComparedRuns): string {
  const { first, second, files, chips, difference, changed } = told;
  const names = [first, second].map((model) => bold(printable(modelId(model))));
  const alone = [files.firstOnly, files.secondOnly].map((count) => count.toLocaleString('en'));
  const head = `First ${names[0]}, second ${names[1]}: ${counted(chips, 'chip')} of ${counted(files.both, 'file')} that both have classified (${alone[0]} by the first alone, ${alone[1]} by the second).`;
  if (difference === null)
    return `${head}\nThere is nothing to compare. ${cutApart(told) ?? 'Let both classify the same files with --data, or look further back with --since.'}`;
  const lines = numbersOf(told).map(({ name, value, note }): [string, string] => [
    name,
    printable(value) + (note === undefined ? '' : `  ${dim(`(${note})`)}`),
  ]);
  const tables = [
    difference.names && sharesTable(difference),
    difference.changes?.length ? changesTable(difference) : undefined,
    changed.length > 0 ? changedTable(told) : undefined,
  ];
  return [`${head}\n\n${pairs(lines)}`, ...tables.filter((one) => one !== undefined)].join('\n\n');
}

function sharesTable({ names = [], counted: { n } }: DifferenceSummary): string {
  const hasOverlap = names.some(({ iou }) => iou !== undefined);
  const rows = names.map(({ name, first, second, iou }) => {
    const change = `${second < first ? '−' : '+'}${percent(Math.abs(second - first) / n)}`;
    const overlap = hasOverlap ? [iou == null ? '–' : precise(iou)] : [];
    return [printable(name), percent(first / n), percent(second / n), change, ...overlap];
  });
  return table(['share of', 'first', 'second', 'change', ...(hasOverlap ? ['IoU'] : [])], rows, 'lrrrr');
}

function changesTable({ changes = [], counted: { of } }: DifferenceSummary): string {
  const rows = changes
    .slice(0, TOLD)
    .map(({ first, second, count }) => [printable(first), printable(second), count.toLocaleString('en')]);
  return table(['first says', 'second says', `${of}s`], rows, 'llr');
}

function changedTable(told: ComparedRuns): string {
  const rows = told.changed.slice(0, TOLD).map((pair) => {
    const { scene, index } = pair.first;
    const words = [said(pair.first), said(pair.second), truthOf(pair, told) ?? '–'];
    return [scene.key, String(index), ...words].map(printable);
  });
  return table(['differs most in', 'chip', 'first', 'second', 'truth'], rows, 'lr');
}

const said = ({ text, probability }: { text: string | null; probability: number | null }): string =>
  printable(`${text}${probability === null ? '' : ` ${probability.toFixed(3)}`}`);
