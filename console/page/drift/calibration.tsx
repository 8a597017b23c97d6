import { type EstimatedDay, estimateChart, estimateMeaning } from '../../../charts/estimate.ts';
import { count, distance, orNone } from '../../../charts/format.ts';
import { binTexts, reliabilityChart, reliabilityMeaning } from '../../../charts/reliability.ts';
import { percent } from '../../../core/base/text/percent.ts';
import type { Drift } from '../../api.ts';
import { outsideText } from '../outsideText.ts';
import { ChartFigure } from '../parts/chart.tsx';

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
