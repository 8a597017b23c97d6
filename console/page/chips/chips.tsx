import { count, counted, degrees, orNone } from '../../../charts/format.ts';
import { capitalised } from '../../../core/base/text/capitalised.ts';
import { percent } from '../../../core/base/text/numbers.ts';
import type { Chip, Chips } from '../../api.ts';
import { Answered, Nothing, outside, outsideText, RunLink, useAnswer } from '../parts/answered.tsx';
import { Thumbnail, Truth } from '../parts/chipPicture.tsx';
import { Choice, Downloads, NameChoice, Pager } from '../parts/controls.tsx';
import { changeQuery, hrefOf, queryText, type Route } from '../route.ts';

/** The chips themselves, the least certain first: what the model saw, what it said, and whether that was right. */
export function ChipsPage({ route }: { route: Route }) {
  const { run = '', order = '', class: chosen = '', truth = '', day = '', version = '', page = '' } = route.query;
  const asked = { run, order, class: chosen, truth, day, version };
  const chips = useAnswer<Chips>(`/api/chips${queryText({ ...asked, page })}`, ['runs']);
  const choose = (what: keyof typeof asked) => (value: string) => changeQuery(route, { [what]: value });
  const isFiltered = [chosen, truth, day, version].some((one) => one !== '');
  const { classes = [], order: orders = { first: '', last: '' } } = chips.data ?? {};
  const { days = [], versions = [], hasTruth = false } = chips.data ?? {};
  /** Nothing where there is nothing to choose from. */
  const nameChoice = (what: 'class' | 'day' | 'version', all: string, known: string[], least: number) =>
    (known.length >= least || asked[what] !== '') && (
      <NameChoice label={capitalised(what)} {...{ all, known }} value={asked[what]} onChoose={choose(what)} />
    );

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
        {nameChoice('class', 'all classes', classes, 1)}
        {(hasTruth || truth !== '') && (
          <Choice
            label="Truth"
            value={truth}
            options={Object.entries({ '': 'right or wrong', right: 'right', wrong: 'wrong' })}
            onChoose={choose('truth')}
          />
        )}
        {nameChoice('day', 'all days', days, 2)}
        {nameChoice('version', 'all versions', versions, 2)}
        <Choice
          label="Order"
          value={order === 'certain' ? 'certain' : 'uncertain'}
          options={Object.entries({ uncertain: orders.first, certain: orders.last })}
          onChoose={choose('order')}
        />
      </search>
      <Answered answer={chips} what="the chips">
        {({ chips: found, total, isMore, page: shown, pages }) => (
          <>
            <p role="status" class="small quiet">
              {counted(total, 'chip')}
              {isMore && ', from the newest runs only'}. Brightness is stretched for each picture.
              {total > 0 && <Downloads path="/api/chips" query={queryText(asked)} />}
            </p>
            {found.length > 0 && <ul class="chips">{found.map(toCard)}</ul>}
            {found.length === 0 && (
              <Nothing>
                {isFiltered && 'No chip matches. '}
                {isFiltered && <a href={hrefOf('chips', { query: { run, order } })}>Show all chips</a>}
                {!isFiltered && run === '' && 'No chips are classified yet. They appear here as soon as a run is done.'}
                {!isFiltered && run !== '' && 'No chip of this run is classified: see the page of the run.'}
              </Nothing>
            )}
            <Pager page={shown} pages={pages} href={(to) => hrefOf('chips', { query: { ...route.query, page: to } })} />
          </>
        )}
      </Answered>
    </>
  );
}

function toCard(chip: Chip) {
  const { text, probability, set, file, index, member, run, alike } = chip;
  const name = text === null ? 'no prediction' : outsideText(text);
  const certainty = text !== null && probability === null ? '' : orNone(probability, percent);
  return (
    <li key={`${run}/${index}`}>
      <figure class="chip">
        <Thumbnail
          src={chip.image}
          text={text === null ? 'Chip without a prediction' : `Chip: ${[name, certainty].filter(Boolean).join(', ')}`}
        />
        <figcaption>
          <p>
            <b>{name}</b> {certainty}
          </p>
          {probability !== null && (
            <meter class="certainty" min={0} max={1} value={probability} aria-label="Probability">
              {percent(probability)}
            </meter>
          )}
          {set?.includes(', ') && <p class="small">may be {outsideText(set)}</p>}
          <Truth chip={chip} />
          <p class="origin small">
            <RunLink run={{ run, file }} /> <span class="quiet">#{index}</span>
          </p>
          {member !== null && (
            <p class="origin small" title={outsideText(member)}>
              {outside(member.slice(member.lastIndexOf('/') + 1))}
            </p>
          )}
          <Place chip={chip} />
          {alike > 0 && (
            <p class="small quiet" title="Identical predictions, to the last digit: usually the same picture">
              and {count(alike)} more like it
            </p>
          )}
        </figcaption>
      </figure>
    </li>
  );
}

/** Where a chip of a raster lies; nothing of others. */
function Place({ chip: { pixel, middle } }: { chip: Chip }) {
  if (pixel === null) return null;
  const [x, y] = pixel;
  return (
    <>
      <p class="small quiet" title="Pixels from the raster's top left">
        x {count(x)}, y {count(y)}
      </p>
      {middle !== null && <p class="small quiet">{degrees(middle)}</p>}
    </>
  );
}
