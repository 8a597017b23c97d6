import { areasChart, areasMeaning } from '../../../charts/areas.ts';
import { counted, distance, hectares } from '../../../charts/format.ts';
import { scenesChart } from '../../../charts/scenes.ts';
import type { LandAreas, MapRun } from '../../api.ts';
import { outsideText } from '../outsideText.ts';
import { Asking } from '../parts/answered.tsx';
import { ChartFigure } from '../parts/chart.tsx';
import { Choice } from '../parts/controls.tsx';
import { changeQuery, type Query, queryText, type Route } from '../route.ts';

type Areas = NonNullable<LandAreas['areas']>;

/** How much land each class covers in the judged days of a period; nothing where it is not known of any. */
export const LandFigure = ({ asked }: { asked: Query }) => (
  <Asking<LandAreas> path={`/api/areas${queryText(asked)}`} about={['metrics']} what="the land of each class">
    {({ areas }) => areas && <LandShown areas={areas} />}
  </Asking>
);

function LandShown({ areas }: { areas: Areas }) {
  const { model, from, to, days, known } = areas;
  const classes = areas.classes.map((one) => ({ ...one, name: outsideText(one.name) }));
  return (
    <ChartFigure
      title="Land of each class"
      data={classes}
      draw={areasChart}
      meaning={areasMeaning(areas)}
      head={['Class', 'Mapped, ha', ...(known === 0 ? [] : ['Corrected, ha', '95\u00a0% interval'])]}
      rows={() => classes.map(classRow)}
    >
      <p>
        {hectares(areas.hectares)} ha that {outsideText(model)} has classified, on {counted(days, 'judged day')}
        {days === 1 ? `, ${from}` : ` from ${from} to ${to}`}
        {known > 0 && `; ${counted(known, 'chip')} with a known truth`}.
      </p>
    </ChartFigure>
  );
}

function classRow({ name, mapped, corrected }: Areas['classes'][number]): string[] {
  const more = corrected && [hectares(corrected.area), corrected.interval.map(hectares).join(' to ')];
  return [name, hectares(mapped), ...(more ?? [])];
}

const AXES = Object.entries({ acquired: 'when it was acquired', arrived: 'the day it arrived' });

/** How far each scene is from the reference, by when it was acquired or, if that is chosen or known of none, when it arrived. */
export function ScenesFigure({ runs, route }: { runs: readonly MapRun[]; route: Route }) {
  const axis = route.query['axis'] ?? (runs.some(({ acquired }) => acquired !== null) ? 'acquired' : 'arrived');
  const scenes = runs.flatMap(({ file, drift, verdict, day, acquired }) => {
    const time = axis === 'arrived' ? day && `${day}T12:00:00Z` : acquired;
    return drift === null || !time ? [] : [{ file: outsideText(file), time, drift, isDrifting: verdict === 'drift' }];
  });
  return (
    <ChartFigure
      title="Drift of each scene"
      data={scenes}
      draw={scenesChart}
      meaning="Each dot is a scene of these days; one that drifts is red. Days are judged by when files arrive, whenever their scenes were acquired."
      head={['File', 'Time', 'Drift']}
      rows={() => scenes.map(({ file, time, drift }) => [file, time, distance(drift)])}
    >
      <Choice label="Dated by" value={axis} options={AXES} onChoose={(axis) => changeQuery(route, { axis })} />
    </ChartFigure>
  );
}
