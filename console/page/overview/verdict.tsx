import type { ComponentChildren } from 'preact';
import { count, counted, figureText, orNone } from '../../../charts/format.ts';
import { percent } from '../../../core/base/text/percent.ts';
import type { Status, WindowNumbers } from '../../api.ts';
import { Icon } from '../parts/badges.tsx';
import { outside, when } from '../parts/text.tsx';
import { ScoreBar } from '../parts/windowFigures.tsx';
import { hrefOf } from '../route.ts';
import { redAlarms } from '../useAnswer.ts';
import { verdictWords } from '../verdict.ts';

/** Whether the model behaves, in a sentence, a bar and a few numbers. */
export function Verdict({ status }: { status: Status }) {
  const { recent, threshold, accuracyLimit, model } = status;
  const { tone, sentence, numbers, next } = verdictWords(recent, threshold, redAlarms(status).length, accuracyLimit);
  return (
    <section class={`verdict card ${tone}`} aria-label="Verdict">
      <Icon name={tone} />
      <div class="words">
        <div role="status">
          <h2>{sentence}</h2>
        </div>
        {numbers !== null && <p>{numbers}</p>}
        {recent?.rightness && <p>{outside(recent.rightness.sentence)}</p>}
        <p class="next">{next}</p>
        {tone === 'bad' && (
          <p class="ways">
            <a href={hrefOf('drift')}>Compare the shares</a> <a href={hrefOf('chips')}>Look at the chips</a>{' '}
            <a href={hrefOf('runs', { query: { sort: 'drift', descending: 'true' } })}>Runs that drift most</a>
          </p>
        )}
        <p class="small quiet">
          {model === null ? (
            'No model version is promoted, so new files fail. Promote one.'
          ) : (
            <>
              {outside(model.name)} {model.version} is live
              {model.promotedAt !== null && <> since {when(model.promotedAt)}</>}.
            </>
          )}
        </p>
      </div>
      {recent?.drift && (
        <div class="score">
          <ScoreBar drift={recent.drift} threshold={threshold} />
        </div>
      )}
      {recent !== null && <KeyFigures recent={recent} />}
    </section>
  );
}

type KeyFigure = [name: string, value: string, note?: ComponentChildren];

function KeyFigures({ recent: { n, runs, chips, blank, missingShare, figures } }: { recent: WindowNumbers }) {
  const shown: KeyFigure[] = [
    ['Predictions', count(n), `of the newest ${counted(runs, 'run')}`],
    ['Blank chips', percent(chips === 0 ? 0 : blank / chips), `${count(blank)} of ${count(chips)}`],
    ...figures.map((one): KeyFigure => [one.name, figureText(one), one.note && outside(one.note)]),
    ['Missing values', orNone(missingShare, percent), 'of the classified chips'],
  ];
  return (
    <dl class="key-figures">
      {shown.map(([name, value, note]) => (
        <div key={name}>
          <dt class="small quiet">{name}</dt>
          <dd>
            <b>{value}</b>
            {note && <span class="small quiet">{note}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
