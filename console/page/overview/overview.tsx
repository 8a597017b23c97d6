import type { ComponentChildren } from 'preact';
import { useContext } from 'preact/hooks';
import type { AnsweredPanel, Panels } from '../../api.ts';
import { Answered, isRefused, Nothing } from '../parts/answered.tsx';
import { PanelFigure } from '../parts/panelFigure.tsx';
import { PeriodChoice, usePeriod } from '../parts/period.tsx';
import { queryText, type Route } from '../route.ts';
import { redAlarms, StatusContext, useAnswer } from '../useAnswer.ts';
import { Alarms } from './alarms.tsx';
import { LedgerPanel, Running } from './lists.tsx';
import { Verdict } from './verdict.tsx';

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
      {status === null && problem === null && (
        <p class="waiting quiet" role="status">
          Reading the verdict…
        </p>
      )}
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
  const toPanel = (shown: AnsweredPanel) => <OnePanel key={shown.panel.id} shown={shown} drawn={drawn} />;
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

function OnePanel({ shown, drawn }: { shown: AnsweredPanel; drawn: Omit<Panels, 'groups'> }) {
  const { panel, lines, problem } = shown;
  if (panel.kind === 'lines' || panel.kind === 'bars')
    return <PanelFigure drawn={{ panel, lines, ...drawn }} problem={problem} />;
  // The verdict and the alarms stand at the top of the page already.
  return panel.kind === 'ledger' ? <LedgerPanel title={panel.title} meaning={panel.meaning} /> : null;
}
