import { count, figureText, inUnit, NONE, orNone } from '../../charts/format.ts';
import { driftOf } from '../../console/answers/drift.ts';
import type { DayAccuracy, Drift } from '../../console/api.ts';
import { MAX_PERIOD_DAYS } from '../../console/period.ts';
import type { Service } from '../../console/service.ts';
import { listed } from '../../core/base/errors.ts';
import { percent, precise } from '../../core/base/text/numbers.ts';
import { dayOf, daysBefore } from '../../core/base/time/days.ts';
import { confusionMatrix, figuresOfClasses } from '../../core/tasks/confusionMatrix.ts';
import type { Accuracy, Figure } from '../../core/tasks/shown.ts';
import { type Where, withService } from '../service/ledger.ts';
import { bold, dim, print, printable, refused, styled, table, timeOf } from '../terminal/output.ts';

type Known = Drift['days'][number] & { accuracy: DayAccuracy };

/** A confusion matrix of more classes does not fit a terminal; `--json` has all of it. */
const CLASSES_IN_MATRIX = 10;

export async function accuracy({ since, model, ...where }: Where & { since: string; model?: string }): Promise<void> {
  await withService(where, async (service) => {
    const { drift, note } = await driftOfModel(service, since, model);
    print(where.json, accuracyJson(drift), () => [accuracyText(drift), ...note].join('\n\n'));
  });
}

/** The judged days of a model, by default of the stage's own, with a note on live models that are left out. */
export async function driftOfModel(service: Service, since: string, name = service.parameters.modelName) {
  const { live } = await service.models.serving();
  const others = listed(live.map(({ model }) => printable(model.name)).filter((one) => one !== name));
  const own = { ...service, parameters: { ...service.parameters, modelName: name } };
  const versions = name.includes('/') ? [] : await service.listVersions(name);
  if (name !== service.parameters.modelName && versions.length === 0) throw refused('--model', name, `are ${others}`);
  const note = others === '' ? [] : [dim(`This is ${printable(name)}; --model shows ${others}.`)];
  return { drift: await driftOf(own, periodSince(since, service.now())), note };
}

/** The days since then, by the clock of the service, which may be behind the machine's. */
export function periodSince(since: string, now: Date) {
  const [from, to] = [dayOf(timeOf('--since', since, now)), dayOf(now)];
  if (from > to) throw refused('--since', since, 'is a day that has begun');
  const first = daysBefore(MAX_PERIOD_DAYS - 1, now);
  if (from < first) throw refused('--since', since, `is ${first} or later: ${MAX_PERIOD_DAYS} days with today`);
  return { from, to };
}

/** The days with ground truth, and those of the newest version together, for scripts. */
export function accuracyJson(drift: Drift) {
  return { days: knownDays(drift).map(toJson), together: together(drift), judged: drift.days.length };
}

export function accuracyText(drift: Drift): string {
  const [days, judged] = [knownDays(drift), drift.days.length];
  if (judged === 0) return 'No day since then has been judged. The sweep judges a UTC day after it has closed.';
  if (days.length > 0) return shown(days, drift);
  return `None of the ${judged} judged days has ground truth. To add it: npx swath truth FILE.csv`;
}

const knownDays = ({ days }: Drift): Known[] => days.filter((day): day is Known => day.accuracy !== null);

const toJson = ({ day, revision, model, accuracy }: Known) => ({
  ...{ day, revision, model },
  ...figuresJson(accuracy),
  expected: accuracy.expected?.value ?? null,
  isBelowExpected: accuracy.expected?.isMissed ?? false,
});

/** The figures of an accuracy by their names, and of how many chips they are. */
export const figuresJson = ({ n, figure, interval, figures = [] }: DayAccuracy) => ({
  known: n,
  [keyOf(figure)]: figure.value,
  interval: interval ?? null,
  ...Object.fromEntries(figures.map((one) => [keyOf(one), one.value])),
});

function together({ accuracy: found }: Drift) {
  if (found === null) return null;
  const { model, days, of } = found;
  const { classes = null, confusion = null } = of;
  return { model, days, ...figuresJson(of), classes, confusion };
}

/** Turns a name such as `Mean absolute error` into a JSON key: `meanAbsoluteError`. */
function keyOf({ name }: Pick<Figure, 'name'>): string {
  const [first = '', ...words] = name.replace('²', '2').toLowerCase().split(' ');
  return [first, ...words.map((word) => `${word[0]!.toUpperCase()}${word.slice(1)}`)].join('');
}

function shown(days: readonly Known[], { accuracy: all }: Drift): string {
  const lines = days
    .toReversed()
    .map(({ day, model, accuracy: { n, figure, interval, expected, figures = [] } }) => [
      day,
      printable(model.version),
      figureText(figure),
      interval === undefined ? NONE : interval.map((end) => inUnit(end, figure.unit)).join(' to '),
      expected === undefined ? NONE : inUnit(expected.value, figure.unit),
      count(n),
      expected?.isMissed
        ? styled('red', 'below the expected')
        : figures.map((one) => `${dim(one.name)} ${figureText(one)}`).join('  '),
    ]);
  const { name } = days.at(-1)!.accuracy.figure;
  const head = ['day', 'version', name.toLowerCase(), '95 % interval', 'expected', 'known', ''];
  const text = table(head, lines, 'llrrrrl');
  if (all === null) return text;
  const { model, of } = all;
  const title = `${printable(model.version)}, ${all.days === 1 ? 'that day' : `these ${all.days} days together`}`;
  return [text, '', bold(title), printable(of.sentence), ...matrixOf(of), ...classesOf(of)].join('\n');
}

function matrixOf(accuracy: Accuracy): string[] {
  const { names, counts } = confusionMatrix(accuracy);
  if (accuracy.confusion === undefined || names.length > CLASSES_IN_MATRIX || names.length === 0) return [];
  const rows = counts.map((row, i) => [printable(names[i]!), ...row.map(count)]);
  return ['', table(['true class, taken for', ...names.map(printable)], rows, 'l'.padEnd(1 + names.length, 'r'))];
}

function classesOf({ classes = [] }: Accuracy): string[] {
  const seen = classes.filter(({ truth, predicted }) => truth + predicted > 0);
  if (seen.length === 0) return [];
  const more = figuresOfClasses(seen);
  const rows = seen.map(({ name, recall, precision, truth, predicted, ...others }) => [
    printable(name),
    ...[recall, precision].map((share) => orNone(share, percent)),
    ...more.map(([of]) => orNone(others[of], precise)),
    ...[truth, predicted].map(count),
  ]);
  const head = ['class', 'recall', 'precision', ...more.map(([, title]) => title), 'true', 'predicted'];
  return ['', table(head, rows, 'l'.padEnd(head.length, 'r'))];
}
