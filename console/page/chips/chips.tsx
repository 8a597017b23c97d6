import { useState } from 'preact/hooks';
import { percent } from '../../../charts/units.ts';
import type { Chip, Chips } from '../../api.ts';
import { count, counted, orNone } from '../format.ts';
import { outsideText } from '../outsideText.ts';
import { Answered, Nothing } from '../parts/answered.tsx';
import { Icon } from '../parts/icon.tsx';
import { Outside } from '../parts/outside.tsx';
import { Pager } from '../parts/pager.tsx';
import { hrefOf, type Query, queryText, type Route } from '../route.ts';
import { useAnswer } from '../useAnswer.ts';
import { replaceQuery } from '../useRoute.ts';

/** The chips themselves, the least certain first: what the model saw, what it said, and whether that was right. */
export function ChipsPage({ route }: { route: Route }) {
  const { run = '', order = '', class: chosen = '', page = '' } = route.query;
  const [chips, again] = useAnswer<Chips>(`/api/chips${queryText({ run, order, class: chosen, page })}`, ['runs']);
  const filtered = (change: Query): Query => ({ run, order, class: chosen, ...change });
  const classes = chips.data?.classes ?? [];

  return (
    <>
      <h1 tabIndex={-1}>Chips</h1>
      <p class="lead">
        {run === '' ? (
          'The classified chips of the newest runs.'
        ) : (
          <>
            The chips of <a href={hrefOf('runs', { id: run })}>one run</a>.{' '}
            <a href={hrefOf('chips')}>Show the newest runs' instead</a>
          </>
        )}
      </p>
      <search class="filters">
        <label>
          <span>Class</span>
          <select
            value={chosen}
            onChange={(event) => replaceQuery(route, filtered({ class: event.currentTarget.value }))}
          >
            <option value="">all classes</option>
            {(classes.includes(chosen) || chosen === '' ? classes : [chosen, ...classes]).map((name) => (
              <option key={name} value={name}>
                {outsideText(name)}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span>Order</span>
          <select
            value={order === 'certain' ? 'certain' : 'uncertain'}
            onChange={(event) => replaceQuery(route, filtered({ order: event.currentTarget.value }))}
          >
            <option value="uncertain">least certain first</option>
            <option value="certain">most certain first</option>
          </select>
        </label>
      </search>
      <Answered answer={chips} what="the chips" again={again}>
        {({ chips: found, total, isMore, page: shown, pages }) => (
          <>
            <p role="status" class="small quiet">
              {counted(total, 'chip')}
              {isMore && ', of the newest runs that were looked at'}. Brightness is stretched for each picture.
            </p>
            {found.length === 0 ? (
              <Nothing>
                {chosen === '' ? (
                  run === '' ? (
                    'No chip is classified yet. They appear here as soon as a run is done.'
                  ) : (
                    'No chip of this run is classified: its own page says what became of it.'
                  )
                ) : (
                  <>
                    No chip is of this class.{' '}
                    <a href={hrefOf('chips', { query: filtered({ class: '' }) })}>Show all classes</a>
                  </>
                )}
              </Nothing>
            ) : (
              <ul class="chips">
                {found.map((chip) => (
                  <li key={`${chip.run}/${chip.index}`}>
                    <ChipCard chip={chip} />
                  </li>
                ))}
              </ul>
            )}
            <Pager
              page={shown}
              pages={pages}
              href={(to) => hrefOf('chips', { query: { ...filtered({}), page: String(to) } })}
            />
          </>
        )}
      </Answered>
    </>
  );
}

function ChipCard({ chip }: { chip: Chip }) {
  const { class: predicted, probability, truth, file, index, run, alike } = chip;
  const name = predicted === null ? 'no class' : outsideText(predicted);
  return (
    <figure class="chip">
      <Thumbnail
        src={chip.image}
        text={predicted === null ? 'Chip without a class' : `Chip: ${name}, ${orNone(probability, percent)}`}
      />
      <figcaption>
        <p>
          <b>{name}</b> {orNone(probability, percent)}
        </p>
        {probability !== null && (
          <meter class="certainty" min={0} max={1} value={probability} aria-label="Probability">
            {percent(probability)}
          </meter>
        )}
        <Truth predicted={predicted} truth={truth} />
        <p class="origin small">
          <a href={hrefOf('runs', { id: run })} title={outsideText(file)}>
            <Outside text={file.slice(file.lastIndexOf('/') + 1)} />
          </a>{' '}
          <span class="quiet">#{index}</span>
        </p>
        {alike > 0 && (
          <p class="small quiet" title="Predicted the very same, to the last digit: the same picture, as a rule">
            and {count(alike)} more like it
          </p>
        )}
      </figcaption>
    </figure>
  );
}

/** Right or wrong, told by a word and a mark; nothing where the file brought no truth. */
function Truth({ predicted, truth }: { predicted: string | null; truth: string | null }) {
  if (truth === null) return null;
  const isRight = predicted === truth;
  return (
    <p class={`truth ${isRight ? 'good' : 'bad'}`}>
      <Icon name={isRight ? 'good' : 'wrong'} />
      {isRight ? 'right' : <>wrong: it is {outsideText(truth)}</>}
    </p>
  );
}

/** A chip's picture, each pixel as it is; or that there is none, when the file is gone from the inbox. */
function Thumbnail({ src, text }: { src: string; text: string }) {
  const [isGone, setIsGone] = useState(false);
  if (isGone) return <p class="no-picture">No picture: its file cannot be read any more.</p>;
  return <img src={src} alt={text} loading="lazy" decoding="async" onError={() => setIsGone(true)} />;
}
