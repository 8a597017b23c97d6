import { useContext } from 'preact/hooks';
import type { Panels } from '../../api.ts';
import { Answered } from '../parts/answered.tsx';
import { queryText, type Route } from '../route.ts';
import { StatusContext } from '../status.ts';
import { useAnswer } from '../useAnswer.ts';
import { replaceQuery } from '../useRoute.ts';
import { Alarms } from './alarms.tsx';
import { Groups } from './groups.tsx';
import { Running } from './running.tsx';
import { Verdict } from './verdict.tsx';

const SPANS = ['1', '7', '15', '30'];
const USUAL_SPAN = '15';

/** The answer first: does the model still behave, and what to do if not. Then the dashboard. */
export function OverviewPage({ route }: { route: Route }) {
  const { data: status, problem } = useContext(StatusContext);
  const days = SPANS.find((span) => span === route.query['days']) ?? USUAL_SPAN;
  const [panels, again] = useAnswer<Panels>(`/api/panels${queryText({ days })}`, ['metrics', 'runs']);

  return (
    <>
      <h1 tabIndex={-1} class="visually-hidden">
        Overview
      </h1>
      {status === null && problem === null && (
        <p class="waiting" role="status">
          Reading the verdict…
        </p>
      )}
      {status !== null && (
        <>
          <Verdict status={status} />
          <div class={status.alarms.some(({ state }) => state === 'ALARM') ? 'columns stacked' : 'columns'}>
            <Alarms alarms={status.alarms} />
            <Running running={status.running} />
          </div>
        </>
      )}
      <Answered answer={panels} what="the dashboard" again={again}>
        {(shown) => (
          <Groups
            panels={shown}
            span={
              <label class="span">
                Show{' '}
                <select value={days} onChange={(event) => replaceQuery(route, { days: event.currentTarget.value })}>
                  {SPANS.map((span) => (
                    <option key={span} value={span}>
                      {span === '1' ? 'the last day' : `the last ${span} days`}
                    </option>
                  ))}
                </select>
              </label>
            }
          />
        )}
      </Answered>
    </>
  );
}
