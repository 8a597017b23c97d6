import { count, counted, hectares as hectaresText } from '../../charts/format.ts';
import type { Service } from '../../console/service.ts';
import { type ModelRef, modelId } from '../../core/base/messages.ts';
import { yearMonthAcquired } from '../../core/base/time/acquired.ts';
import { DAY_MILLISECONDS, dayOf } from '../../core/base/time/days.ts';
import { yearMonthIn } from '../../core/base/time/month.ts';
import { type Areas, areasOf } from '../../core/drift/areas.ts';
import { segmentsOf, sumOf } from '../../core/drift/segments.ts';
import { isPredicted, predictionsIn } from '../../core/drift/totals.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { total } from '../../core/tasks/confusion.ts';
import { summaryIn } from '../../core/tasks/registry.ts';
import { publishedRef } from '../models/modelDiff.ts';
import { type Where, withService } from '../service/ledger.ts';
import { bold, dim, print, printable, refused, table, timeOf, WrongUse } from '../terminal/output.ts';

type Asked = { since: string; by?: string; of?: ModelRef };
/**
 * Left out are files that are `placeless`, because their land is not known, or `masked`, because all of their chips are masked or blank, and of the other files,
 * chips that are `landless`, because a part of them is not on earth, or their pixels are not equally large.
 */
type Group = Areas & { by: string | null; files: number; placeless: number; masked: number; landless: number };
/** `known`: the chips whose truth is known, of all groups. */
type Found = { model: string; known: number; areas: Group[] };

export async function area({ since, by, model, ...where }: Where & Asked & { model?: string }): Promise<void> {
  await withService(where, async (service) => {
    const of = model === undefined ? {} : { of: await publishedRef(service, model, where) };
    const found = await areasSince(service, { since, ...(by !== undefined && { by }), ...of });
    print(where.json, found, () => areasText(found));
  });
}

/** Returns the areas of a version's classes, by default of the live one's, for each month or segment if `by` names one. */
export async function areasSince(
  { ledger, models, now }: Pick<Service, 'ledger' | 'models' | 'now'>,
  { since, by, of }: Asked,
): Promise<Found> {
  const model = await models.load(of ?? (await models.promoted()));
  const allowed = ['month', ...Object.keys(model.segments ?? {})];
  if (by !== undefined && !allowed.includes(by)) throw refused('--by', by, `are ${allowed.join(', ')}`);
  const { task } = model;
  if (task.hectares === undefined)
    throw new WrongUse(`${modelId(model)} predicts no class of each chip or pixel, and only classes have areas.`);
  const rows = await Array.fromAsync(predictedSince({ ledger, now }, model, since));
  const segmentOf = by === 'month' ? monthOf : segmentsOf(by ?? '', model);
  const nameOf = (row: LedgerRow): string => segmentOf(row) ?? `no ${by}`; // so that the groups have all of the land
  const groups = [...(by === undefined ? [[null, rows] as const] : Map.groupBy(rows, nameOf))];
  const areas = groups.map(([name, own]): Group => {
    const placed = own.map((row) => summaryIn(row)!).filter((sum) => task.hectares!(sum) !== undefined);
    const landless = total(placed.map((sum) => predictionsIn(sum) - (sum['placed'] as number)));
    const files = placed.length;
    const masked = own.filter(({ chips, blank = 0, masked = 0 }) => blank + masked === chips).length;
    const placeless = own.length - files - masked;
    return { by: name, files, placeless, masked, landless, ...areasOf(sumOf(own, model), model)! };
  });
  const known = total(areas.map((one) => one.known));
  return { model: modelId(model), known, areas: areas.toSorted((a, b) => ((a.by ?? '') < (b.by ?? '') ? -1 : 1)) };
}

/** Months of acquisition, or of a date in the key; of scenes of which neither is known, others of arrival. */
const monthOf = (row: LedgerRow): string =>
  yearMonthAcquired(row) ?? yearMonthIn(row.scene.key) ?? `${(row.day ?? row.changed).slice(0, 7)}, of arrival`;

/** Yields the rows of a model's runs that count since a day: of one version, or of all if none is named. */
export async function* predictedSince(
  { ledger, now }: Pick<Service, 'ledger' | 'now'>,
  { name, version }: Pick<ModelRef, 'name'> & Partial<ModelRef>,
  since: string,
): AsyncGenerator<LedgerRow> {
  const from = Date.parse(dayOf(timeOf('--since', since, now())));
  for (let day = from; day <= now().getTime(); day += DAY_MILLISECONDS)
    for await (const row of ledger.rowsOfDay(dayOf(day)))
      if (isPredicted(row) && row.model.name === name && row.model.version === (version ?? row.model.version))
        yield row;
}

export function areasText({ known, areas }: Pick<Found, 'known' | 'areas'>): string {
  const note =
    known === 0
      ? 'Mapped areas are biased where the model confuses classes. Truths of chips ("swath truth") correct them, of models of up to 64 classes.'
      : `Corrected by ${counted(known, 'chip')} whose truth is known${known === 1 ? ', which tells nothing of the others' : ''}.`;
  const unknown = areas.some(({ placeless, landless }) => placeless + landless > 0)
    ? ' Land is not known without a place on earth, nor of maps whose pixels differ in size by more than 1 %: reproject those, such as to EPSG:6933.'
    : '';
  return `${areas.map(groupText).join('\n\n')}\n${dim(`${note}${unknown}`)}`;
}

function groupText({ by, hectares, files, placeless, masked, landless, known, classes }: Group): string {
  const of = `${hectaresText(hectares)} ha of ${count(files)} ${files === 1 ? 'file' : 'files'} whose land is known`;
  const others = [
    landless > 0 && `${count(landless)} more of their chips`,
    placeless > 0 && `${count(placeless)} ${placeless === 1 ? 'file' : 'files'} whose land is not`,
    masked > 0 && `${count(masked)} wholly masked or blank`,
  ];
  const left = others.filter(Boolean).join(', ');
  const lines = classes.map(({ name, mapped, corrected }) => [
    printable(name),
    hectaresText(mapped),
    ...(corrected === null ? [] : [hectaresText(corrected.area), corrected.interval.map(hectaresText).join(' to ')]),
  ]);
  const head = ['class', 'mapped ha', ...(known === 0 ? [] : ['corrected ha', '95 % interval'])];
  const title = by === null ? of : `${printable(by)}: ${of}`;
  return [`${bold(title)}${left && `; ${left} are left out`}`, table(head, lines, 'lrrr')].join('\n');
}
