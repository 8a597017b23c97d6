import type { Status } from '../../api.ts';
import { counted } from '../format.ts';
import { Nothing } from '../parts/answered.tsx';
import { Icon } from '../parts/icon.tsx';
import { Outside } from '../parts/outside.tsx';
import { AlarmBadge } from '../parts/stateBadge.tsx';
import { When } from '../parts/when.tsx';
import { hrefOf } from '../route.ts';

type Alarm = Status['alarms'][number];

/** The alarms that ask for something, each with what to do; the others in a list that opens. */
export function Alarms({ alarms }: { alarms: readonly Alarm[] }) {
  const red = alarms.filter(({ state }) => state === 'ALARM');
  const others = alarms.filter(({ state }) => state !== 'ALARM');
  return (
    <section class="card alarms" aria-labelledby="alarms">
      <h2 id="alarms">Alarms</h2>
      {alarms.length === 0 && <Nothing>No alarm is switched on.</Nothing>}
      {red.length > 0 && (
        <div class="red-alarms">
          {red.map((alarm) => (
            <RedAlarm key={alarm.id} alarm={alarm} />
          ))}
        </div>
      )}
      {others.length > 0 && (
        <details>
          <summary>
            <span class={red.length === 0 ? 'calm' : undefined}>
              {red.length === 0 && <Icon name="good" />}
              {summaryOf(red.length, others)}
            </span>
          </summary>
          <ul class="quiet-alarms">
            {others.map(({ id, state, title, meaning, since, reason }) => (
              <li key={id}>
                <p>
                  <AlarmBadge state={state} /> <b>{title}</b>
                </p>
                <p class="small">{meaning}</p>
                <p class="small quiet">
                  Since <When time={since} />. <Outside text={reason} />
                </p>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function RedAlarm({ alarm: { id, state, title, meaning, firstStep, runbook, since, reason } }: { alarm: Alarm }) {
  return (
    <article class="red-alarm">
      <h3>
        <AlarmBadge state={state} /> {title}
      </h3>
      <p>{meaning}</p>
      <p>
        <b>First:</b> {firstStep}
      </p>
      <p class="small quiet">
        Since <When time={since} />. <Outside text={reason} /> Runbook:{' '}
        <a href={hrefOf('runbook', { id })}>{runbook}</a>
      </p>
    </article>
  );
}

function summaryOf(red: number, others: readonly Alarm[]): string {
  const unknown = others.filter(({ state }) => state === 'INSUFFICIENT_DATA').length;
  const all =
    red === 0
      ? `None of the ${counted(others.length, 'alarm')} is red`
      : `${counted(others.length, 'other alarm')} not red`;
  return unknown === 0 ? `${all}.` : `${all}; ${unknown} without data yet.`;
}
