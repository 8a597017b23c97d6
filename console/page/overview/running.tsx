import type { RunSummary } from '../../api.ts';
import { Nothing } from '../parts/answered.tsx';
import { StateBadge } from '../parts/badges.tsx';
import { RunLink, When } from '../parts/text.tsx';
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
          Nothing is in progress. <a href={hrefOf('runs')}>See what has ended.</a>
        </Nothing>
      ) : (
        <ul class="lines">
          {running.slice(0, MOST_SHOWN).map((run) => (
            <li key={run.run}>
              <p>
                <RunLink run={run} /> <StateBadge state={run.state} />
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
