import { percent } from '../../../charts/units.ts';
import type { Status, WindowNumbers } from '../../api.ts';
import { count, counted, orNone } from '../format.ts';
import { ScoreBar } from '../parts/driftNumbers.tsx';
import { Icon } from '../parts/icon.tsx';
import { type Figure, KeyFigures } from '../parts/keyFigures.tsx';
import { Outside } from '../parts/outside.tsx';
import { When } from '../parts/when.tsx';
import { hrefOf } from '../route.ts';
import { verdictWords } from '../verdict.ts';

/** Whether the model behaves, in a sentence, a bar and a few numbers. */
export function Verdict({ status: { recent, threshold, model, alarms } }: { status: Status }) {
  const red = alarms.filter(({ state }) => state === 'ALARM').length;
  const { tone, sentence, numbers, next } = verdictWords(recent, threshold, red);
  return (
    <section class={`verdict card ${tone}`} aria-label="Verdict">
      <Icon name={tone} />
      <div class="words">
        <div role="status">
          <h2>{sentence}</h2>
        </div>
        {numbers !== null && <p>{numbers}</p>}
        <p class="next">{next}</p>
        {tone === 'bad' && (
          <p class="ways">
            <a href={hrefOf('drift')}>Compare the shares</a> <a href={hrefOf('chips')}>Look at the chips</a>{' '}
            <a href={hrefOf('runs', { query: { sort: 'drift', descending: 'true' } })}>Runs that drift most</a>
          </p>
        )}
        <p class="model">
          {model === null ? (
            'No model version is promoted, so new files fail. Promote one.'
          ) : (
            <>
              <Outside text={model.name} /> {model.version} is live
              {model.promotedAt !== null && (
                <>
                  {' '}
                  since <When time={model.promotedAt} />
                </>
              )}
              .
            </>
          )}
        </p>
      </div>
      {recent?.drift && (
        <div class="score">
          <ScoreBar drift={recent.drift} threshold={threshold} />
        </div>
      )}
      {recent !== null && <KeyFigures figures={figuresOf(recent)} />}
    </section>
  );
}

function figuresOf({ n, runs, chips, blank, mostCommonShare, meanProbability, missingShare, classes }: WindowNumbers) {
  const mostCommon = classes.reduce<WindowNumbers['classes'][number] | null>(
    (most, next) => (most === null || next.count > most.count ? next : most),
    null,
  );
  const figures: Figure[] = [
    { name: 'Predictions', value: count(n), note: `of the newest ${counted(runs, 'run')}` },
    {
      name: 'Blank chips',
      value: chips === 0 ? percent(0) : percent(blank / chips),
      note: `${count(blank)} of ${count(chips)}`,
    },
    {
      name: 'Most common class',
      value: orNone(mostCommonShare, percent),
      note: mostCommon === null || n === 0 ? undefined : <Outside text={mostCommon.name} />,
    },
    { name: 'Mean probability', value: orNone(meanProbability, percent), note: 'of the predicted class' },
    { name: 'Missing values', value: orNone(missingShare, percent), note: 'of the classified chips' },
  ];
  return figures;
}
