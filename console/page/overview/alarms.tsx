import { counted } from '../../../charts/format.ts';
import type { Status } from '../../api.ts';
import { Nothing } from '../parts/answered.tsx';
import { AlarmBadge, Icon } from '../parts/badges.tsx';
import { outside, when } from '../parts/text.tsx';
import { hrefOf } from '../route.ts';
import { redAlarms } from '../useAnswer.ts';

type Alarm = Status['alarms'][number];

/** The alarms that ask for something, each with what to do; the others in a list that opens. */
export function Alarms({ status }: { status: Status }) {
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
