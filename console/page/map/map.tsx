import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { counted, degrees, distance, hectares, QUIET_COLOUR, seriesColour } from '../../../charts/format.ts';
import { rampCss } from '../../../charts/ramp.ts';
import { areasChart, areasMeaning, scenesChart } from '../../../charts/scenes.ts';
import type { LandAreas, MapRun, WorldMap } from '../../api.ts';
import { Answered, Asking, Nothing, outside, outsideText, RunLink, useAnswer } from '../parts/answered.tsx';
import { STATES, StateBadge, VerdictBadge } from '../parts/badges.tsx';
import { ChartFigure, useWidth } from '../parts/chart.tsx';
import { Choice, NameChoice } from '../parts/controls.tsx';
import { Legend } from '../parts/legend.tsx';
import { PeriodChoice, usePeriod } from '../parts/period.tsx';
import { ScrolledTable } from '../parts/table.tsx';
import { changeQuery, hrefOf, type Query, queryText, type Route } from '../route.ts';
import { LAND } from './land.ts';
import { ASPECT, boxOf, fittingView, gridStep, limited, outlineOf, squeezeOf, type View, worldView } from './view.ts';

/** Rows of the table; of more runs, the newest. */
const ROWS = 200;

const COLOURINGS = { class: 'most common class', state: 'state', verdict: 'verdict', drift: 'drift' } as const;
type Colouring = keyof typeof COLOURINGS;

export function MapPage({ route }: { route: Route }) {
  const { version = '', colour = '' } = route.query;
  const period = usePeriod(route, ['1', '7', '30', '90'], '30');
  const map = useAnswer<WorldMap>(`/api/map${queryText({ ...period.asked, version })}`, ['runs']);
  const versions = map.data?.versions ?? [];
  return (
    <>
      <h1 tabIndex={-1}>Map</h1>
      <p class="lead">The positions of these days' scenes. Scene files without a georeference are not shown.</p>
      <search class="filters">
        <PeriodChoice period={period} />
        {(versions.length > 0 || version !== '') && (
          <NameChoice
            label="Version"
            all="all versions"
            known={versions}
            value={version}
            onChoose={(chosen) => changeQuery(route, { version: chosen })}
          />
        )}
        <Choice
          label="Colour by"
          value={colouringIn(colour)}
          options={Object.entries(COLOURINGS)}
          onChoose={(chosen) => changeQuery(route, { colour: chosen })}
        />
      </search>
      <Answered answer={map} what="the map">
        {(shown) => (
          <Shown map={shown} colouring={colouringIn(colour)}>
            <h2 class="visually-hidden">What the scenes show</h2>
            <div class="stack">
              <LandFigure asked={period.asked} />
              <ScenesFigure runs={shown.runs} route={route} />
            </div>
          </Shown>
        )}
      </Answered>
    </>
  );
}

const colouringIn = (text: string): Colouring => (text in COLOURINGS ? (text as Colouring) : 'class');

function Shown({ map, colouring, children }: { map: WorldMap; colouring: Colouring; children: ComponentChildren }) {
  const { runs, placeless, isMore } = map;
  const coloursOf = makeColours(map, colouring);
  const named = Map.groupBy(runs, (run) => coloursOf(run).name);
  const groups = colouring === 'drift' ? [...named].toSorted().map(([, of]) => of) : [...named.values()];
  return (
    <>
      <p role="status" class="small quiet">
        {counted(runs.length, 'run')} on the map
        {placeless > 0 && `; ${counted(placeless, 'raster')} of these days without a georeference`}
        {isMore && '; from the newest runs only'}.
      </p>
      <Earth runs={runs} colourOf={(run) => coloursOf(run).colour} />
      <Legend entries={groups.map((of) => ({ ...coloursOf(of[0]!), n: of.length }))} />
      {children}
      {runs.length === 0 ? (
        <Nothing>A georeferenced raster appears here as soon as its run is prepared.</Nothing>
      ) : (
        <>
          <h2 class="map-runs">Runs on the map</h2>
          <ScrolledTable
            label="Runs on the map"
            rows={runs.slice(0, ROWS)}
            columns={[
              { head: 'File', cell: (run) => <RunLink run={run} /> },
              { head: 'Day', cell: ({ day }) => <span class="when">{day}</span> },
              { head: 'State', cell: ({ state }) => <StateBadge state={state} /> },
              { head: 'Verdict', cell: ({ verdict }) => <VerdictBadge verdict={verdict} /> },
              { head: 'Most common', cell: ({ most }) => most !== null && outside(most) },
              { head: 'Middle', cell: ({ bbox }) => <span class="when">{degrees(middleOf(bbox))}</span> },
            ]}
          />
          {runs.length > ROWS && <p class="small quiet">The newest {ROWS} of them.</p>}
        </>
      )}
    </>
  );
}

function makeColours({ classes }: WorldMap, colouring: Colouring): (run: MapRun) => { name: string; colour: string } {
  if (colouring === 'state') return ({ state }) => ({ name: state, colour: toneColour(STATES[state].tone) });
  if (colouring === 'verdict')
    return ({ verdict }) => ({
      name: verdict ?? 'not judged',
      colour: verdict === 'drift' ? 'var(--bad)' : verdict === 'no drift' ? 'var(--good)' : QUIET_COLOUR,
    });
  if (colouring === 'drift')
    return ({ drift }) => {
      if (drift === null) return { name: 'not judged', colour: QUIET_COLOUR };
      const step = Math.min(Math.floor(10 * drift), DRIFT_STEPS);
      const to = step === DRIFT_STEPS ? 'or more' : `to ${(step + 1) / 10}`;
      return { name: `${step / 10} ${to}`, colour: rampCss(step / DRIFT_STEPS) };
    };
  const colours = new Map(classes.map(({ name, colour }, i) => [name, colour ?? seriesColour(i)]));
  return ({ most }) => ({ name: most ?? 'no class', colour: colours.get(most ?? '') ?? QUIET_COLOUR });
}

/** Scores are told apart by tenths, up to this many. */
const DRIFT_STEPS = 4;

const toneColour = (tone: string): string => (tone === 'quiet' ? QUIET_COLOUR : `var(--${tone})`);

/** An outline that would be smaller, in pixels of the page, is a dot. */
const LEAST_PIXELS = 9;

/** Coasts, a grid and the runs' outlines, in equal degrees. The table beside it is what a keyboard and a screen reader have. */
function Earth({ runs, colourOf }: { runs: MapRun[]; colourOf: (run: MapRun) => string }) {
  const [place, pixels] = useWidth();
  const squeeze = squeezeOf(runs);
  const [moved, setMoved] = useState<View | null>(null);
  const about = runs.map(({ run }) => run).join();
  useEffect(() => setMoved(null), [about]);
  const view = moved ?? fittingView(runs, squeeze);
  const { width } = view;
  const unit = pixels === 0 ? 0 : width / pixels;
  const move = (change: Partial<View>) => setMoved(limited({ ...view, ...change }, squeeze));
  const drag = useDrag(view, unit, move);
  const button = (text: string, onClick: () => void, label?: string) => (
    <button type="button" aria-label={label} onClick={onClick}>
      {text}
    </button>
  );

  return (
    <div class="earth card" ref={place}>
      <svg viewBox={boxOf(view)} aria-hidden="true" style={{ aspectRatio: ASPECT }} {...drag}>
        <path class="land" d={LAND} transform={`scale(${squeeze / 100} 0.01)`} />
        <Grid view={view} squeeze={squeeze} unit={unit} />
        {unit > 0 && runs.map((run) => <Outline key={run.run} {...{ run, squeeze, unit }} colour={colourOf(run)} />)}
      </svg>
      <div class="zoom">
        {button('+', () => move({ width: width / 2 }), 'Zoom in')}
        {button('−', () => move({ width: width * 2 }), 'Zoom out')}
        {button('All runs', () => setMoved(null))}
        {button('Earth', () => setMoved(worldView(squeeze)))}
      </div>
    </div>
  );
}

/** A pointer that is held down takes the map along; the click at the end of it opens no run. */
function useDrag(view: View, unit: number, move: (change: Partial<View>) => void) {
  const from = useRef<{ pointer: [number, number]; view: View; isFar: boolean } | null>(null);
  return {
    onPointerDown: ({ clientX, clientY }: PointerEvent) => {
      from.current = { pointer: [clientX, clientY], view, isFar: false };
    },
    onPointerMove: ({ clientX, clientY, buttons }: PointerEvent) => {
      const start = from.current;
      if (start === null || buttons === 0) return;
      const [right, down] = [clientX - start.pointer[0], clientY - start.pointer[1]];
      start.isFar ||= Math.hypot(right, down) > 4;
      if (start.isFar) move({ x: start.view.x - right * unit, y: start.view.y - down * unit });
    },
    onClickCapture: (event: MouseEvent) => {
      if (from.current?.isFar) event.preventDefault();
      from.current = null;
    },
    onDragStart: (event: DragEvent) => event.preventDefault(), // of the link as such
  };
}

function Outline({ run, colour, squeeze, unit }: { run: MapRun; colour: string; squeeze: number; unit: number }) {
  const { bbox, rings, file } = run;
  const [west, south, east, north] = bbox;
  const [longitude, latitude] = middleOf(bbox);
  const isSmall = west <= east && Math.max((east - west) * squeeze, north - south) < LEAST_PIXELS * unit;
  const look = { fill: colour, stroke: colour };
  return (
    <a href={hrefOf('runs', { id: run.run })} tabindex={-1}>
      <title>{outsideText(file)}</title>
      {isSmall ? (
        <circle cx={longitude * squeeze} cy={-latitude} r={(LEAST_PIXELS / 2) * unit} style={look} />
      ) : (
        <path d={outlineOf(rings, squeeze)} style={look} />
      )}
    </a>
  );
}

function Grid({ view: { x, y, width }, squeeze, unit }: { view: View; squeeze: number; unit: number }) {
  const step = gridStep(width / squeeze);
  const height = width / ASPECT;
  const [left, top, right, bottom] = [x - width / 2, y - height / 2, x + width / 2, y + height / 2];
  const columns = linesFrom(Math.max(-180, left / squeeze), Math.min(180, right / squeeze), step);
  const rows = linesFrom(Math.max(-90, -bottom), Math.min(90, -top), step);
  const [west, east] = [-180 * squeeze, 180 * squeeze];
  const label = (text: string, x: number, y: number) => (
    <text key={text} font-size={11 * unit} x={x} y={y}>
      {text}
    </text>
  );
  return (
    <g class="grid-lines">
      {columns.map((longitude) => (
        <path key={longitude} d={`M${longitude * squeeze},-90V90`} />
      ))}
      {rows.map((latitude) => (
        <path key={latitude} d={`M${west},${-latitude}H${east}`} />
      ))}
      {columns.map((one) => label(inDegrees(one, 'E', 'W'), one * squeeze + 3 * unit, bottom - 5 * unit))}
      {rows
        .filter((one) => -one > top + 16 * unit)
        .map((one) => label(inDegrees(one, 'N', 'S'), left + 4 * unit, -one - 3 * unit))}
    </g>
  );
}

function linesFrom(low: number, high: number, step: number): number[] {
  const first = Math.ceil(low / step);
  const lines = Math.max(0, Math.floor(high / step) - first + 1);
  return Array.from({ length: lines }, (_, i) => Number(((first + i) * step).toFixed(2)));
}

const inDegrees = (value: number, above: string, below: string): string =>
  `${Math.abs(value)}° ${value > 0 ? above : value < 0 ? below : ''}`.trim();

function middleOf([west, south, east, north]: MapRun['bbox']): [longitude: number, latitude: number] {
  const beyond = west > east ? 360 : 0;
  return [(west + east + beyond) / 2, (south + north) / 2];
}

type Areas = NonNullable<LandAreas['areas']>;

/** How much land each class covers in the judged days of a period; nothing where it is not known of any. */
const LandFigure = ({ asked }: { asked: Query }) => (
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
function ScenesFigure({ runs, route }: { runs: readonly MapRun[]; route: Route }) {
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
