import { areasChart, areasMeaning } from '../../../charts/areas.ts';
import { counted, hectares } from '../../../charts/format.ts';
import type { LandAreas } from '../../api.ts';
import { outsideText } from '../outsideText.ts';
import { Asking } from '../parts/answered.tsx';
import { ChartFigure } from '../parts/chart.tsx';
import { type Query, queryText } from '../route.ts';

type Areas = NonNullable<LandAreas['areas']>;

/** How much land each class covers in the judged days of a period; nothing where it is not known of any. */
export const LandFigure = ({ asked }: { asked: Query }) => (
  <Asking<LandAreas> path={`/api/areas${queryText(asked)}`} about={['metrics']} what="the land of each class">
    {({ areas }) => areas && <Shown areas={areas} />}
  </Asking>
);

function Shown({ areas }: { areas: Areas }) {
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
