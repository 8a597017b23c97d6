import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { counted } from '../../charts/format.ts';
import { InvalidMessage, insteadOf } from '../../core/base/errors.ts';
import { modelId } from '../../core/base/messages.ts';
import { isClosed } from '../../core/base/time/days.ts';
import { type MakeReadMask, makeMaskReader } from '../../core/doors/truth/maskReader.ts';
import { readTableOfTruths } from '../../core/doors/truth/tableOfTruths.ts';
import { type Joined, makeTellTruths } from '../../core/doors/truth/tellTruths.ts';
import { chipInWords } from '../../core/doors/truth/truth.ts';
import { valueNote } from '../../core/package/notes.ts';
import { openSource } from '../../local/buckets/plainFile.ts';
import { checkNoFolder } from '../send/scene.ts';
import { commandFor, type Where, withService } from '../service/ledger.ts';
import { bold, dim, pairs, print, printable } from '../terminal/output.ts';
import { number } from './report.ts';

/** Masks may leave pixels out, but one that leaves out all of them is probably a mistake. */
const NO_PIXEL =
  ": the map and the mask have no pixel where both have a class. Check that the mask's values are those in item.json";

const ofEachModel = insteadOf(InvalidMessage, ({ message }) => {
  return new InvalidMessage(`${message} Without --model, a truth is for each model that has predicted its chip.`);
});

/** How many chips without predictions are listed; `--json` has all. */
const MOST_TOLD = 10;

export async function truth(file: string, { model, ...where }: Where & { model?: string }): Promise<void> {
  checkNoFolder(file, 'a table');
  const bytes = readFileSync(file);
  await withService(where, async (service) => {
    const at = service.now().toISOString();
    const { truths, empty } = await readTableOfTruths(basename(file), bytes, at);
    const openMask = (path: string) => openSource(resolve(dirname(file), path));
    const makeReadMask = makeMaskReader({ ...service, openMask });
    let pixels: number | null = null; // that masks and maps have in common; null if no mask was read
    const readMask: MakeReadMask = (row, model, windows) => {
      const { read, close } = makeReadMask(row, model, windows);
      const counted: typeof read = async (truth, index) => {
        const compared = await read(truth, index);
        pixels ??= 0;
        for (const [, of] of String(compared?.truth ?? '').matchAll(/:(\d+)/g)) pixels += Number(of);
        return compared;
      };
      return { read: counted, close };
    };
    const telling = makeTellTruths({ ...service, readMask })(truths, model ?? null);
    const joined = await (model === undefined ? telling.catch(ofEachModel) : telling);
    const { unknown, days, ...counts } = joined;
    const told = {
      truths: truths.length,
      empty,
      ...counts,
      ...(pixels !== null && { pixels }),
      days: days.map(({ day, model: { name, version } }) => ({ day, model: name, version })),
      unknown: unknown.map(({ truth: { where: at, chip }, why }) => ({ where: at, chip: chipInWords(chip), why })),
    };
    print(where.json, told, () => shown(joined, empty, pixels, service.now(), where));
    const texts = new Set(truths.map(({ says }) => says));
    for (const model of new Map(days.map((day) => [modelId(day.model), day.model])).values()) {
      const note = valueNote(await service.models.load(model), texts);
      if (note) console.error(printable(`Note: ${modelId(model)}: ${note}.`));
    }
    process.exitCode = unknown.length > 0 || pixels === 0 ? 1 : 0;
  });
}

function shown(told: Joined, empty: number, pixels: number | null, now: Date, where: Where): string {
  const { joined, corrected, known, unknown, runs, days } = told;
  const lines: [string, string][] = [
    ['joined', `${counted(joined, 'prediction')} of ${counted(runs, 'run')}`],
    ['corrected', `${corrected} to which another truth was sent before`],
    ['known', `${known} that had it already, or a later one`],
    ['unknown', `${counted(unknown.length, 'chip')} that nobody has predicted`],
  ];
  if (empty > 0) lines.push(['empty', `${counted(empty, 'row')} without a truth`]);
  if (pixels !== null) lines.push(['pixels', `${number(pixels)} compared${pixels === 0 ? NO_PIXEL : ''}`]);
  const strange = unknown
    .slice(0, MOST_TOLD)
    .map(({ truth: { where: at, chip }, why }) => `  ${printable(`${at}: ${chipInWords(chip)}: ${why}`)}`);
  const more = unknown.length > MOST_TOLD ? [dim(`  and ${unknown.length - MOST_TOLD} more, which --json names`)] : [];
  return [bold('truth'), pairs(lines), ...strange, ...more, dim(printable(nextText(days, now, where)))].join('\n');
}

/** Says when the days whose truth has changed are judged. */
export function nextText(days: Joined['days'], now: Date, where: Where): string {
  const { closed, open } = Object.groupBy(days, ({ day }) => (isClosed(day, now) ? 'closed' : 'open'));
  const named = (some: Joined['days']) =>
    some.map(({ day, model: { name, version } }) => `${day} (${name} ${version})`).join(', ');
  const next = [
    closed && `The next sweep judges again: ${named(closed)}. Now: ${commandFor(where, 'sweep')}`,
    open &&
      `The first sweep after midnight (UTC) judges ${named(open)}. Until then, a run by itself: ${commandFor(where, 'show RUN')}`,
  ];
  return next.filter((one) => one !== undefined).join(' ') || 'Nothing has changed.';
}
