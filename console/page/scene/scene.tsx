import { useRef, useState } from 'preact/hooks';
import { count, counted, inUnit } from '../../../charts/format.ts';
import { RAMP_GRADIENT } from '../../../charts/ramp.ts';
import { percent } from '../../../core/base/text/numbers.ts';
import type { Scene, SceneChip } from '../../api.ts';
import { ask } from '../ask.ts';
import { outsideText } from '../outsideText.ts';
import { Asking, Nothing } from '../parts/answered.tsx';
import { Enlarged, Truth } from '../parts/chipPicture.tsx';
import { Legend } from '../parts/legend.tsx';
import { chipAt, chipByKey } from './neighbours.ts';
import { type ChipGroup, type Layer, layersOf } from './sceneLayers.ts';

/** A raster with what was predicted on it: its own picture, over it a map or its chips. */
export const SceneFigure = ({ run }: { run: string }) => (
  <figure class="panel card wide scene">
    <h3>The scene</h3>
    <Asking<Scene> path={`/api/runs/${encodeURIComponent(run)}/scene`} about={[]} what="the scene">
      {(scene) => <Stage scene={scene} />}
    </Asking>
  </figure>
);

const NO_LAYER = 'none';

function Stage({ scene }: { scene: Scene }) {
  const layers = layersOf(scene);
  const masked = scene.chips.filter(({ isMasked }) => isMasked).length;
  const [chosen, setChosen] = useState<string | null>(null);
  const [opacity, setOpacity] = useState(70);
  const layer = chosen === NO_LAYER ? undefined : (layers.find(({ id }) => id === chosen) ?? layers[0]);
  return (
    <>
      <div class="scene-controls">
        <LayerChoice layers={layers} chosen={layer?.id ?? NO_LAYER} onChoose={setChosen} />
        <label>
          <span>Opacity</span>{' '}
          <input
            type="range"
            min={0}
            max={100}
            step={5}
            value={opacity}
            disabled={layer === undefined}
            aria-valuetext={`${opacity} %`}
            onInput={(event) => setOpacity(Number(event.currentTarget.value))}
          />
        </label>
      </div>
      <Picture scene={scene} layer={layer} opacity={opacity / 100} />
      {layer !== undefined && <LayerLegend layer={layer} />}
      <figcaption class="small quiet">
        {count(scene.width)} × {count(scene.height)} pixels, {counted(scene.chips.length - masked, 'classified chip')}
        {masked > 0 && `, ${count(masked)} more masked`}
        {scene.isMore && ', the first ones only'}. Brightness is stretched for the picture beneath; checks show where
        there is no data.
      </figcaption>
    </>
  );
}

type Choosing = { layers: Layer[]; chosen: string; onChoose: (id: string) => void };

const LayerChoice = ({ layers, chosen, onChoose }: Choosing) => (
  <fieldset class="layers">
    <legend class="visually-hidden">What to show over the scene</legend>
    {[...layers, { id: NO_LAYER, title: 'Nothing' }].map(({ id, title }) => (
      <label key={id}>
        <input type="radio" name="layer" value={id} checked={id === chosen} onChange={() => onChoose(id)} />
        {title}
      </label>
    ))}
  </fieldset>
);

function Picture({ scene, layer, opacity }: { scene: Scene; layer: Layer | undefined; opacity: number }) {
  const { width, height, chips, picture } = scene;
  const [problem, setProblem] = useState<string | null>(null);
  const [current, setCurrent] = useState(0);
  const [isMarked, setIsMarked] = useState(false);
  const [isLarge, setIsLarge] = useState(false);
  const place = useRef<HTMLButtonElement>(null);
  const chip = chips[current];

  const under = (event: MouseEvent): number | undefined => {
    const { left, top, width: wide, height: high } = place.current!.getBoundingClientRect();
    return chipAt(chips, ((event.clientX - left) / wide) * width, ((event.clientY - top) / high) * height);
  };
  const explain = () =>
    ask(picture).then(
      () => setProblem('The picture of the scene could not be shown.'),
      (error: unknown) => setProblem(error instanceof Error ? error.message : String(error)),
    );

  return (
    <>
      {problem !== null && <Nothing>No picture beneath: {outsideText(problem)}</Nothing>}
      <div class="scene-place" style={{ aspectRatio: `${width} / ${height}`, maxWidth: `${(70 * width) / height}vh` }}>
        {problem === null && <img class="scene-picture" src={picture} alt="" onError={() => void explain()} />}
        {layer?.kind === 'map' && <img class="scene-map" src={layer.map.image} alt="" style={{ opacity }} />}
        <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
          {layer?.kind === 'chips' && (
            <Chips groups={layer.groups} opacity={opacity} side={(chips[0]?.window[2] ?? 8) / 4} />
          )}
          {isMarked && chip !== undefined && <Mark chip={chip} />}
        </svg>
        {chip !== undefined && (
          <button
            ref={place}
            type="button"
            aria-haspopup="dialog"
            aria-label={`The scene's chips: ${nameOf(chip)}. Arrow keys go to another one, Enter enlarges it.`}
            onFocus={() => setIsMarked(true)}
            onBlur={() => setIsMarked(false)}
            onPointerMove={(event) => {
              const found = under(event);
              if (found !== undefined) setCurrent(found);
              setIsMarked(found !== undefined);
            }}
            onPointerLeave={() => setIsMarked(document.activeElement === place.current)}
            onKeyDown={(event) => {
              const found = chipByKey(chips, current, event.key);
              if (found === undefined) return;
              event.preventDefault(); // else the page scrolls
              setCurrent(found);
              setIsMarked(true);
            }}
            onClick={(event) => {
              const found = event.detail === 0 ? current : under(event); // 0: by a key
              if (found === undefined) return;
              setCurrent(found);
              setIsLarge(true);
            }}
          />
        )}
      </div>
      <p class="small scene-chip" role="status">
        {chip !== undefined && isMarked ? nameOf(chip) : ' '}
      </p>
      {isLarge && chip !== undefined && (
        <Enlarged
          src={`${scene.chipPictures}${chip.index}.png`}
          text={`Chip: ${predictionOf(chip)}`}
          onClose={() => setIsLarge(false)}
        >
          <p>
            <b>{predictionOf(chip)}</b> <span class="quiet">#{chip.index}</span>
          </p>
          <Truth chip={chip} />
          <p class="small quiet">{placeOf(chip)}</p>
        </Enlarged>
      )}
    </>
  );
}

function predictionOf({ text, probability, isMasked }: SceneChip): string {
  if (text === null) return 'no prediction';
  const said = probability === null ? outsideText(text) : `${outsideText(text)}, ${percent(probability)}`;
  return isMasked ? `${said}, masked` : said;
}

const placeOf = ({ window: [x, y, width, height] }: SceneChip): string =>
  `x ${count(x)}, y ${count(y)}, ${count(width)} × ${count(height)} pixels`;

const nameOf = (chip: SceneChip): string => `chip ${chip.index}, ${predictionOf(chip)}, at ${placeOf(chip)}`;

/** A path for each colour, however many chips there are; wrong ones are hatched, with a line at each `side`, and masked ones outlined. */
const Chips = ({ groups, opacity, side }: { groups: ChipGroup[]; opacity: number; side: number }) => (
  <g style={{ opacity }}>
    <defs>
      <pattern id="hatch" width={side} height={side} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width={side / 2} height={side} style={{ fill: 'var(--bad)' }} />
      </pattern>
    </defs>
    {groups.map(({ name, colour, isHatched, chips }) => (
      <path
        key={name}
        d={chips.map(({ window: [x, y, w, h] }) => `M${x},${y}h${w}v${h}h${-w}z`).join('')}
        style={{ fill: isHatched ? 'url(#hatch)' : colour, stroke: isHatched ? colour : 'var(--surface)' }}
      />
    ))}
  </g>
);

/** A light line on a dark one shows on any picture. */
function Mark({ chip }: { chip: SceneChip }) {
  const [x, y, width, height] = chip.window;
  const place = { x, y, width, height };
  return (
    <g class="scene-mark">
      <rect {...place} style={{ stroke: '#000', strokeWidth: 5 }} />
      <rect {...place} style={{ stroke: '#fff', strokeWidth: 2 }} />
    </g>
  );
}

function LayerLegend({ layer }: { layer: Layer }) {
  if (layer.kind === 'chips')
    return <Legend entries={layer.groups.map(({ chips, ...group }) => ({ ...group, n: chips.length }))} />;
  const { legend } = layer.map;
  if (legend.kind === 'classes') return <Legend entries={legend.classes} />;
  if (legend.kind === 'bands') return <p class="small quiet">Red, green and blue are {legend.bands.join(', ')}.</p>;
  const [low, high] = [legend.low, legend.high].map((value) => inUnit(value, legend.unit));
  return (
    <p class="ramp small">
      <span>{low}</span>
      <span
        class="ramp-colours"
        style={{ background: RAMP_GRADIENT }}
        role="img"
        aria-label={`from ${low} to ${high}`}
      />
      <span>{high}</span>
      <span class="quiet">
        {legend.unit === 'share'
          ? 'probability of the predicted class'
          : 'in the unit of the predictions; colours end at 2 % and 98 % of the pixels'}
      </span>
    </p>
  );
}
