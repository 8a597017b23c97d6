import { distance } from '../../../charts/format.ts';
import { scenesChart } from '../../../charts/scenes.ts';
import type { MapRun } from '../../api.ts';
import { outsideText } from '../outsideText.ts';
import { ChartFigure } from '../parts/chart.tsx';
import { Choice } from '../parts/controls.tsx';
import { changeQuery, type Route } from '../route.ts';

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
