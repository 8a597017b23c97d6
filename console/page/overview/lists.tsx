import type { ComponentChildren } from 'preact';
import type { RunSummary, Runs } from '../../api.ts';
import { Asking, Nothing, outside, RunLink, when } from '../parts/answered.tsx';
import { StateBadge } from '../parts/badges.tsx';
import { hrefOf, queryText } from '../route.ts';
import { Progress } from '../runs/progress.tsx';

const MOST_SHOWN = 8;

type Shown = { runs: readonly RunSummary[]; show: (run: RunSummary) => ComponentChildren };

export const Lines = ({ runs, show }: Shown) => (
  <ul class="lines">
    {runs.slice(0, MOST_SHOWN).map((run) => (
      <li key={run.run}>{show(run)}</li>
    ))}
  </ul>
);

export const Running = ({ running }: { running: readonly RunSummary[] }) => (
  <section class="card running" aria-labelledby="running">
    <h2 id="running">Running now</h2>
    {running.length === 0 ? (
      <Nothing>
        Nothing is in progress. <a href={hrefOf('runs')}>See what has ended.</a>
      </Nothing>
    ) : (
      <Lines
        runs={running}
        show={(run) => (
          <>
            <p>
              <RunLink run={run} /> <StateBadge state={run.state} />
            </p>
            <Progress run={run} />
            <p class="small quiet">
              Since {when(run.claimedAt)}
              {run.attempt > 1 && `, attempt ${run.attempt}`}
            </p>
          </>
        )}
      />
    )}
    {running.length > MOST_SHOWN && <p class="small">and {running.length - MOST_SHOWN} more</p>}
  </section>
);

/** The ledger's newest and failed runs, as the dashboard's widget shows them; the rest is on the page of runs. */
export const LedgerPanel = ({ title, meaning }: { title: string; meaning: string }) => (
  <section class="panel card wide">
    <h3>{title}</h3>
    <p class="small quiet">{meaning}</p>
    <div class="columns">
      <Some name="Newest" state="" />
      <Some name="Failed" state="FAILED" />
    </div>
    <p>
      <a href={hrefOf('runs')}>All runs, to search, filter and sort</a>
    </p>
  </section>
);

const Some = ({ name, state }: { name: string; state: string }) => (
  <section>
    <h4>{name}</h4>
    <Asking<Runs> path={`/api/runs${queryText({ state })}`} about={['runs']} what="the ledger">
      {({ runs: found }) => (found.length === 0 ? <Nothing>None.</Nothing> : <Lines runs={found} show={ended} />)}
    </Asking>
  </section>
);

export const ended = (run: RunSummary) => (
  <>
    <RunLink run={run} />
    <StateBadge state={run.state} /> {when(run.changed)}
    {run.error !== null && <p class="small quiet">{outside(run.error)}</p>}
  </>
);
