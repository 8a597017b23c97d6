import type { RunSummary } from '../../api.ts';
import { Nothing } from '../parts/answered.tsx';
import { Outside } from '../parts/outside.tsx';
import { StateBadge } from '../parts/stateBadge.tsx';
import { When } from '../parts/when.tsx';
import { hrefOf } from '../route.ts';
import { Progress } from '../runs/progress.tsx';

const MOST_SHOWN = 8;

/** What is on its way now. */
export function Running({ running }: { running: readonly RunSummary[] }) {
  return (
    <section class="card running" aria-labelledby="running">
      <h2 id="running">Running now</h2>
      {running.length === 0 ? (
        <Nothing>
          Nothing is on its way. <a href={hrefOf('runs')}>See what has ended.</a>
        </Nothing>
      ) : (
        <ul>
          {running.slice(0, MOST_SHOWN).map((run) => (
            <li key={run.run}>
              <p>
                <a href={hrefOf('runs', { id: run.run })}>
                  <Outside text={run.file} />
                </a>{' '}
                <StateBadge state={run.state} />
              </p>
              <Progress run={run} />
              <p class="small quiet">
                Since <When time={run.claimedAt} />
                {run.attempt > 1 && `, attempt ${run.attempt}`}
              </p>
            </li>
          ))}
        </ul>
      )}
      {running.length > MOST_SHOWN && <p class="small">and {running.length - MOST_SHOWN} more</p>}
    </section>
  );
}
