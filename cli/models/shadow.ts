import type { Service } from '../../console/service.ts';
import { modelId } from '../../core/base/messages.ts';
import { jsonLine } from '../../core/base/text/jsonLine.ts';
import { percent, precise } from '../../core/base/text/numbers.ts';
import { rowsInState } from '../../core/ledger/ledgerQueries.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import type { Shadow } from '../../core/releases/shadow.ts';
import { makeShadowing } from '../../core/releases/shadowing.ts';
import { commandFor, type Where, withService } from '../service/ledger.ts';
import { versionIn, withVersions } from '../service/publishedVersions.ts';
import { bold, dim, print, printable, WrongUse } from '../terminal/output.ts';
import { tryModel } from './tryModel.ts';

type Options = Where & { share?: number; end?: boolean };

/** `swath model shadow NAME/VERSION`: starts a shadow: a candidate that classifies beside the live version. `--end` ends it. */
export async function shadow(asked: string | undefined, { share, end = false, ...where }: Options): Promise<void> {
  if (end && share !== undefined)
    throw new WrongUse('--share: found it with --end, allowed is one of them: a shadow that ends classifies nothing.');
  await withService(where, async (service) => {
    const { modelBucket, models, parameters, now, caller } = service;
    if (end) {
      const name = asked === undefined ? parameters.modelName : asked.split('/')[0]!;
      const ended = await makeShadowing(modelBucket, name, tryModel).end();
      const said = `${bold(printable(modelId({ ...ended, name })))} no longer shadows ${printable(name)}.`;
      return print(where.json, { name, ended }, () => said);
    }
    const allowed = "NAME/VERSION, or a VERSION of the stack's own model. To end a shadow: --end";
    const { name, version } = versionIn(asked, parameters.modelName, allowed);
    const beginning = makeShadowing(modelBucket, name, tryModel).begin(version, share ?? 1, now(), await caller());
    const { shadow: begun, former } = await beginning.catch(withVersions(modelBucket, name, where));
    const replaced = former?.version === version ? null : (former?.version ?? null);
    if (where.json === true) console.log(jsonLine({ name, ...begun, replaced }));
    else console.log(begunText({ ...begun, replaced }, await models.load((await models.promotion(name))!), where));
  });
}

function begunText(
  { version, share, replaced }: Shadow & { replaced: string | null },
  { name, version: live }: ModelPackage,
  where: Where,
): string {
  const files = share === 1 ? 'each file' : `${percent(share)} of the files`;
  const says = `${bold(printable(modelId({ name, version })))} classifies ${files} that ${printable(name)} classifies from now on, beside the live version${replaced === null ? '' : `, in the place of ${printable(replaced)}`}. It counts nowhere.`;
  const costs = dim(`To see its costs: ${commandFor(where, `model list ${name}`)}`);
  const diff = commandFor(where, `model diff ${name}/${live} ${name}/${version} --since 7d`);
  const compare = dim(`To compare it with the live version: ${diff}`);
  return [says, costs, compare].join('\n');
}

/** Counts a shadow's runs since it began, the newest if they are very many, and their cost: the seconds are all of infer's time. */
export async function shadowFigures({ ledger }: Pick<Service, 'ledger'>, name: string, { version, since }: Shadow) {
  const figures = { done: 0, failed: 0, chips: 0, seconds: 0 };
  const id = modelId({ name, version });
  const asked = { ofShadows: true, since: new Date(since), limit: 10_000 };
  for await (const { model } of rowsInState(ledger, 'FAILED', asked)) if (modelId(model) === id) figures.failed += 1;
  for await (const { model, chips = 0, blank = 0, milliseconds } of rowsInState(ledger, 'DONE', asked)) {
    if (modelId(model) !== id) continue;
    figures.done += 1;
    figures.chips += chips - blank;
    figures.seconds += (milliseconds?.infer ?? 0) / 1000;
  }
  return figures;
}

export function shadowText({ version, share, since, by }: Shadow, figures: Awaited<ReturnType<typeof shadowFigures>>) {
  const { done, failed, chips, seconds } = figures;
  const [runs, classified] = [done, chips].map((count) => count.toLocaleString('en-US'));
  const lost = failed === 0 ? '' : `, ${failed.toLocaleString('en-US')} failed`;
  const begun = by === undefined ? '' : `, begun by ${printable(by)}`;
  return `${printable(version)}, ${percent(share)} of the files since ${since}${begun}: ${runs} done${lost}; ${classified} chips took ${precise(seconds)} s of infer`;
}
