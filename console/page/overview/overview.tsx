import { useContext } from 'preact/hooks';
import type { Panels } from '../../api.ts';
import { Answered, isRefused } from '../parts/answered.tsx';
import { PeriodChoice, usePeriod } from '../parts/period.tsx';
import { queryText, type Route } from '../route.ts';
import { redAlarms, StatusContext, useAnswer } from '../useAnswer.ts';
import { Alarms } from './alarms.tsx';
import { Groups } from './groups.tsx';
import { Running } from './lists.tsx';
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
