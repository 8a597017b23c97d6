import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { Service } from '../../console/service.ts';
import { insteadOf, ObjectNotFound } from '../../core/base/errors.ts';
import { modelId } from '../../core/base/run.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import { type ComparedRuns, compareRuns } from '../../core/releases/comparison/compareRuns.ts';
import { incomparable } from '../../core/releases/comparison/compareVersions.ts';
import { classifyEach } from '../send/classify.ts';
import { commandFor, type Where, withService } from '../service/ledger.ts';
import { versionIn } from '../service/publishedVersions.ts';
import { timeOf, WrongUse } from '../terminal/failure.ts';
import { printable } from '../terminal/text.ts';
import { checkPackageFolder, readPackage } from './publishModel.ts';
import { peakMemory } from './tryModel.ts';
import { inWords, toJson } from './versionComparison.ts';

type Options = Where & { since: string; data?: string[] };

export async function diff(one: string, other: string, { data, since, ...where }: Options): Promise<void> {
  if (data !== undefined && where.stage !== undefined)
    throw new WrongUse('--data: files are classified on this machine. Leave out --stage, or leave out --data.');
  const from = data === undefined ? timeOf('--since', since) : new Date(0);
  const isWanted = data === undefined ? () => true : await classified(data, [one, other], where);
  await withService(where, async (service) => {
    const first = await service.models.load(await publishedRef(service, one, where));
    const second = await service.models.load(await publishedRef(service, other, where));
    assertComparable(first, second);
    const compared = await compareRuns(service, { first, second, since: from, isWanted }).catch(GONE);
    const told = { ...compared, memory: data === undefined ? null : await memoryOf(one, other) };
    console.log(where.json === true ? JSON.stringify(toJson(told)) : inWords(told));
    if (told.chips === 0) process.exitCode = 1;
  });
}

function assertComparable(first: ModelPackage, second: ModelPackage): void {
  const reason = incomparable(first, second);
  if (reason !== undefined) throw new WrongUse(`${reason}.`);
  if (modelId(first) === modelId(second)) throw new WrongUse(`${modelId(first)} is named twice: name two versions.`);
}

/** Classifies the files with both packages; returns a filter for runs of their contents. */
async function classified(files: string[], folders: [string, string], { dataDir }: Where) {
  const none = folders.find((folder) => !existsSync(folder));
  if (none !== undefined)
    throw new WrongUse(`${none}: no such folder. With --data, name two versions by the folders of their packages.`);
  const [first, second] = folders.map(checkPackageFolder);
  assertComparable((await first!).model, (await second!).model);
  const digests = new Set<string>();
  for (const model of folders)
    await classifyEach(files, {
      model,
      dataDir,
      tell: (file, { row: { digest, state, error } }) => {
        if (state === 'DONE' || state === 'EMPTY' || state === 'DUPLICATE') return void digests.add(digest!);
        console.error(
          `${state} ${printable(basename(file))} by ${printable(model)}: ${printable(error?.message ?? '')}`,
        );
      },
    });
  return ({ digest }: LedgerRow) => digests.has(digest!);
}

/** Runs one after the other, so that they do not compete. */
async function memoryOf(one: string, other: string): Promise<ComparedRuns['memory']> {
  const [first, second] = await Promise.all([one, other].map(readPackage));
  return { first: await peakMemory(first!.model, first!.onnx), second: await peakMemory(second!.model, second!.onnx) };
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

const GONE = insteadOf(
  ObjectNotFound,
  ({ message }) => new WrongUse(`${message} Predictions are kept for a while only: name a later day with --since.`),
);
