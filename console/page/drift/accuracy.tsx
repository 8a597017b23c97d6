import { accuracyChart, accuracyChartMeaning } from '../../../charts/accuracy.ts';
import { type EstimatedDay, estimateChart, estimateMeaning } from '../../../charts/estimate.ts';
import { count, distance, figureText, inUnit, NONE, orNone } from '../../../charts/format.ts';
import { binTexts, reliabilityChart, reliabilityMeaning } from '../../../charts/reliability.ts';
import { percent, precise } from '../../../core/base/text/numbers.ts';
import { commonClasses, confusionMatrix, figuresOfClasses, mixedMeaning } from '../../../core/tasks/confusionMatrix.ts';
import type { Accuracy, Figure } from '../../../core/tasks/shown.ts';
import type { DayAccuracy, Drift } from '../../api.ts';
import { ConfusionTable } from '../diff/confusion.tsx';
import { noted, outside, outsideText } from '../parts/answered.tsx';
import { ChartFigure } from '../parts/chart.tsx';
import { type Column, numbers, ScrolledTable } from '../parts/table.tsx';

type Known = Drift['days'][number] & { accuracy: DayAccuracy };

/** How right the predictions of the days were, as far as it is known what is true; nothing where it is of none. */
export function Accuracies({ drift: { days, accuracy } }: { drift: Drift }) {
  const known = days.filter((day): day is Known => day.accuracy !== null);
  const drawn = known.map(({ day, model, accuracy }) => ({ day, version: outsideText(model.version), accuracy }));
  if (known.length === 0) return null;
  const { name } = known.at(-1)!.accuracy.figure;
  return (
    <section class="accuracies" aria-labelledby="accuracy">
      <h2 id="accuracy">Accuracy, where truth is known</h2>
      <ChartFigure title={`${name} of each day`} data={drawn} draw={accuracyChart} meaning={accuracyChartMeaning} />
      <ScrolledTable
        label="Accuracy of each day"
        look="days"
        caption="Days with known truth, the newest first"
        columns={[DAY, figureColumn(name), ...COLUMNS, ...moreColumns(known)]}
        rows={known.toReversed()}
      />
      {accuracy !== null && <Together {...accuracy} />}
    </section>
  );
}

const DAY: Column<Known> = { head: 'Day', cell: ({ day }) => day };

const figureColumn = (head: string): Column<Known> =>
  numbers(head, ({ accuracy: { figure } }) =>
    noted(figureText(figure), figure.name === head ? undefined : figure.name),
  );

const COLUMNS: Column<Known>[] = [
  numbers('95\u00a0% interval', ({ accuracy: { interval, figure } }) =>
    interval === undefined ? NONE : interval.map((end) => inUnit(end, figure.unit)).join(' to '),
  ),
  numbers('Expected', ({ accuracy: { expected, figure } }) =>
    expected === undefined ? (
      NONE
    ) : (
      <>
        {inUnit(expected.value, figure.unit)} {expected.isMissed && <strong>not reached</strong>}
      </>
    ),
  ),
  numbers('Known', ({ accuracy: { n } }) => count(n)),
  { head: 'Version', cell: ({ model }) => outside(model.version) },
];

function moreColumns(known: readonly Known[]): Column<Known>[] {
  const names = new Set(known.flatMap(({ accuracy: { figures = [] } }) => figures.map(({ name }) => name)));
  return [...names].map((name) => numbers(name, ({ accuracy: { figures } }) => figureNamed(name, figures)));
}

export function figureNamed(name: string, figures: readonly Figure[] = []) {
  const { value = null, unit = 'number', note } = figures.find((one) => one.name === name) ?? {};
  return value === null ? NONE : noted(inUnit(value, unit), note);
}

/** All days of a version together. */
const Together = ({ model: { version }, days, of }: NonNullable<Drift['accuracy']>) => (
  <>
    <h3>
      {outside(version)}, {days === 1 ? 'that day' : `these ${count(days)} days together`}
    </h3>
    <KnownAccuracy of={of} />
  </>
);

/** The sentence, and of classes which was taken for which. */
export const KnownAccuracy = ({ of }: { of: Accuracy }) => (
  <>
    <p>{outside(of.sentence)}</p>
    {of.classes && (
      <div class="grid pairs">
        {of.confusion && <Matrix confusion={confusionMatrix(of)} />}
        <Classes {...of} />
      </div>
    )}
  </>
);

const Matrix = ({ confusion }: { confusion: ReturnType<typeof confusionMatrix> }) => (
  <figure class="panel card">
    <h3>Confusion matrix</h3>
    <ConfusionTable confusion={confusion} label="Confusion matrix" />
    <figcaption class="small quiet">
      True classes in rows, predicted ones in columns. {confusion.single < confusion.names.length && mixedMeaning}
    </figcaption>
  </figure>
);

const CLASS_COLUMNS: Column<NonNullable<Accuracy['classes']>[number]>[] = [
  { head: 'Class', cell: ({ name }) => outside(name) },
  numbers('Recall', ({ recall }) => orNone(recall, percent)),
  numbers('Precision', ({ precision }) => orNone(precision, percent)),
  numbers('True', ({ truth }) => count(truth)),
  numbers('Predicted', ({ predicted }) => count(predicted)),
];

function Classes({ classes = [] }: Accuracy) {
  const more = figuresOfClasses(classes).map(([name, head]): (typeof CLASS_COLUMNS)[number] =>
    numbers(head, (one) => orNone(one[name], precise)),
  );
  return (
    <figure class="panel card">
      <h3>Recall and precision</h3>
      <ScrolledTable
        label="Recall and precision"
        look="days"
        caption="Of each class"
        columns={CLASS_COLUMNS.toSpliced(3, 0, ...more)}
        rows={commonClasses(classes)}
      />
      <figcaption class="small quiet">
        Recall is the share of a class's chips that were found, precision the share of its predictions that are right.
      </figcaption>
    </figure>
  );
}

/** The accuracy of each judged day, estimated without truth, beside what came true of it; nothing of a package without an estimate. */
export function EstimatedAccuracy({ drift: { days } }: { drift: Drift }) {
  const shown = estimatedDays(days);
  if (shown.every(({ estimate }) => estimate === null)) return null;
  return (
    <ChartFigure
      title="Estimated accuracy of each day"
      data={shown}
      draw={estimateChart}
      meaning={estimateMeaning}
      head={['Day', 'Version', 'Estimated', 'From', 'To', 'Right', 'Labelled chips']}
      rows={() => days.toReversed().map(dayRow)}
    />
  );
}

function estimatedDays(days: Drift['days']): EstimatedDay[] {
  const areSeveral = new Set(days.map(({ model }) => model.version)).size > 1;
  return days.map(({ day, model, estimate = null, rightness }) => ({
    ...{ day, estimate },
    realised: rightness && { share: rightness.figure.value, chips: rightness.chips },
    ...(areSeveral && { version: outsideText(model.version) }),
  }));
}

function dayRow({ day, model, estimate, rightness }: Drift['days'][number]): string[] {
  const [low, high] = estimate?.interval ?? [];
  const estimated = [estimate?.value, low, high].map((share) => orNone(share, percent));
  const realised = [orNone(rightness?.figure.value, percent), orNone(rightness?.chips, count)];
  return [day, outsideText(model.version), ...estimated, ...realised];
}

/** How well the probabilities tell how often the model is right, over the judged days of the period; nothing where no truth is known. */
export const Reliability = ({ drift: { calibration } }: { drift: Drift }) =>
  calibration === null ? null : (
    <ChartFigure
      title={`Reliability of ${outsideText(calibration.version)}`}
      data={calibration}
      draw={reliabilityChart}
      meaning={reliabilityMeaning}
      head={['Probability', 'Chips', 'Mean probability', 'Right']}
      rows={() => calibration.bins.map(binTexts)}
    >
      <p>
        Calibration error <b>{distance(calibration.error)}</b> over {count(calibration.chips)} labelled chips of the
        judged days above.
      </p>
    </ChartFigure>
  );
