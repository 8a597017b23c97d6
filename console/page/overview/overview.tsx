import type { ComponentChildren } from 'preact';
import { useContext } from 'preact/hooks';
import { count, counted, figureText, orNone } from '../../../charts/format.ts';
import { percent } from '../../../core/base/text/numbers.ts';
import type { AnsweredPanel, Panels, Status, WindowNumbers } from '../../api.ts';
import {
  Answered,
  isRefused,
  Nothing,
  outside,
  redAlarms,
  StatusContext,
  useAnswer,
  Waiting,
  when,
} from '../parts/answered.tsx';
import { AlarmBadge, Icon } from '../parts/badges.tsx';
import { PanelFigure } from '../parts/panelFigure.tsx';
import { PeriodChoice, usePeriod } from '../parts/period.tsx';
import { ScoreBar } from '../parts/windowFigures.tsx';
import { hrefOf, queryText, type Route } from '../route.ts';
import { verdictWords } from '../verdict.ts';
import { LedgerPanel, Running } from './lists.tsx';

/** The answer first: does the model still behave, and what to do if not. Then the dashboard. */
export function OverviewPage({ route }: { route: Route }) {
  const { data: status, problem } = useContext(StatusContext);
  const period = usePeriod(route, ['1', '7', '15', '30'], '15');
  const panels = useAnswer<Panels>(`/api/panels${queryText(period.asked)}`, ['metrics', 'runs']);

  return (
    <>
      <h1 tabIndex={-1} class="visually-hidden">
        Overview
      </h1>
      {status === null && problem === null && <Waiting what="the verdict" />}
      {status !== null && (
        <>
          <Verdict status={status} />
          <div class={redAlarms(status).length > 0 ? 'columns stacked' : 'columns'}>
            <Alarms status={status} />
            <Running running={status.running} />
          </div>
        </>
      )}
      {isRefused(panels) && <PeriodChoice period={period} />}
      <Answered answer={panels} what="the dashboard">
        {(shown) => <Groups panels={shown} span={<PeriodChoice period={period} />} />}
      </Answered>
    </>
  );
}

/** The dashboard's groups: the first one open, for the answer; the details closed below it. */
function Groups({ panels: { groups, ...drawn }, span }: { panels: Panels; span: ComponentChildren }) {
  const [first, ...details] = groups;
  if (first === undefined) return <Nothing>The dashboard has no panels.</Nothing>;
  const toPanel = ({ panel, lines, problem }: AnsweredPanel) => {
    const { kind, id, title, meaning } = panel;
    if (kind === 'lines' || kind === 'bars')
      return <PanelFigure key={id} drawn={{ panel, lines, ...drawn }} problem={problem} />;
    // The verdict and the alarms stand at the top of the page already.
    return kind === 'ledger' && <LedgerPanel key={id} title={title} meaning={meaning} />;
  };
  return (
    <>
      <section>
        <div class="group-head">
          <h2>{first.title}</h2>
          {span}
        </div>
        <div class="grid answer">{first.panels.map(toPanel)}</div>
      </section>
      {details.map(({ title, panels }) => (
        <details key={title} class="group">
          <summary>
            <h2>{title}</h2>
          </summary>
          <div class="grid">{panels.map(toPanel)}</div>
        </details>
      ))}
    </>
  );
}

/** Whether the model behaves, in a sentence, a bar and a few numbers. */
function Verdict({ status }: { status: Status }) {
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

type Alarm = Status['alarms'][number];

/** The alarms that ask for something, each with what to do; the others in a list that opens. */
function Alarms({ status }: { status: Status }) {
  const { alarms } = status;
  const red = redAlarms(status);
  const others = alarms.filter((alarm) => !red.includes(alarm));
  return (
    <section class="card alarms" aria-labelledby="alarms">
      <h2 id="alarms">Alarms</h2>
      {alarms.length === 0 && <Nothing>No alarm is switched on.</Nothing>}
      {red.length > 0 && (
        <div class="red-alarms">
          {red.map((alarm) => (
            <article key={alarm.id} class="red-alarm">
              <h3>
                <AlarmBadge state={alarm.state} /> {alarm.title}
              </h3>
              <p>{alarm.meaning}</p>
              <p>
                <b>First:</b> {alarm.firstStep}
              </p>
              {alarm.page !== null && (
                <p>
                  <a href={`#/${alarm.page.path}`}>{alarm.page.name}</a>
                </p>
              )}
              <p class="small quiet">
                <Since alarm={alarm} /> Runbook: <a href={hrefOf('runbook', { id: alarm.id })}>{alarm.runbook}</a>
              </p>
            </article>
          ))}
        </div>
      )}
      {others.length > 0 && (
        <details>
          <summary>
            <span class={red.length === 0 ? 'calm good' : undefined}>
              {red.length === 0 && <Icon name="good" />}
              {summaryOf(red.length, others)}
            </span>
          </summary>
          <ul class="lines">
            {others.map((alarm) => (
              <li key={alarm.id}>
                <p>
                  <AlarmBadge state={alarm.state} /> <b>{alarm.title}</b>
                </p>
                <p class="small">{alarm.meaning}</p>
                <p class="small quiet">
                  <Since alarm={alarm} />
                </p>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

const Since = ({ alarm: { since, reason } }: { alarm: Alarm }) => (
  <>
    Since {when(since)}. {outside(reason)}
  </>
);

function summaryOf(red: number, rest: readonly Alarm[]): string {
  const unknown = rest.filter(({ state }) => state === 'INSUFFICIENT_DATA').length;
  const all =
    red === 0
      ? `None of the ${counted(rest.length, 'alarm')} is red`
      : `${counted(rest.length, 'other alarm')} not red`;
  return unknown === 0 ? `${all}.` : `${all}; ${unknown} without data yet.`;
}
