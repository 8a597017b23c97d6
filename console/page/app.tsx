import type { ComponentType } from 'preact';
import { useContext, useEffect, useRef, useState } from 'preact/hooks';
import { counted } from '../../charts/format.ts';
import type { Status } from '../api.ts';
import { ChipsPage } from './chips/chips.tsx';
import { DiffPage } from './diff/diff.tsx';
import { DriftPage } from './drift/drift.tsx';
import { FeedsPage } from './feeds/feeds.tsx';
import { MapPage } from './map/map.tsx';
import { ModelsPage } from './models/models.tsx';
import { OutboxPage } from './outbox/outbox.tsx';
import { outsideText } from './outsideText.ts';
import { OverviewPage } from './overview/overview.tsx';
import { LiveContext, outside, redAlarms, StatusContext, useAnswer, useRepeat, when } from './parts/answered.tsx';
import { PredictPage } from './predict/predict.tsx';
import { hrefOf, PAGES, type PageName, type Route, useRoute } from './route.ts';
import { RunbookPage } from './runbook/runbook.tsx';
import { RunPage } from './runs/run.tsx';
import { RunsPage } from './runs/runs.tsx';

const VIEWS: Record<PageName, { name: string; Page: ComponentType<{ route: Route }> }> = {
  overview: { name: 'Overview', Page: OverviewPage },
  runs: {
    name: 'Runs',
    Page: ({ route }) => (route.id === null ? <RunsPage route={route} /> : <RunPage key={route.id} run={route.id} />),
  },
  chips: { name: 'Chips', Page: ChipsPage },
  map: { name: 'Map', Page: MapPage },
  feeds: { name: 'Feeds', Page: FeedsPage },
  drift: { name: 'Drift', Page: DriftPage },
  models: { name: 'Models', Page: ModelsPage },
  predict: { name: 'Predict', Page: PredictPage },
  outbox: { name: 'Outbox', Page: OutboxPage },
  diff: { name: 'Two versions', Page: DiffPage },
  runbook: { name: 'Runbook', Page: RunbookPage },
};

/** The console: what every page has on top, and the page that the address names. */
export function App() {
  const route = useRoute();
  const status = useAnswer<Status>('/api/status', ['runs', 'metrics', 'alarms']);
  useRepeat(status.again, (status.data?.running.length ?? 0) > 0);
  const Page = route && VIEWS[route.page].Page;
  const main = useRef<HTMLElement>(null);
  useTitle(route, status.data);
  useFocusOnNewPage(main, route);

  return (
    <StatusContext.Provider value={status}>
      {/* No link: what stands behind the # is the page's address. */}
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <Header route={route} status={status.data} />
      <main ref={main} tabIndex={-1}>
        <LostConnection />
        {status.problem !== null && status.data === null && (
          <p class="notice bad" role="alert">
            {status.problem}
          </p>
        )}
        {Page && <Page route={route} />}
        {!Page && <h1 tabIndex={-1}>There is no such page</h1>}
        {!Page && <a href={hrefOf('overview')}>To the overview</a>}
      </main>
      <footer class="small quiet">
        <p>Times are UTC. {status.data && <>The service's clock says {when(status.data.now)}.</>}</p>
      </footer>
    </StatusContext.Provider>
  );
}

function Header({ route, status }: { route: Route | null; status: Status | null }) {
  const alarms = redAlarms(status).length;
  return (
    <header>
      <div class="brand">
        <b>Swath</b>
        {status !== null && (
          <span class="small quiet">{status.stage === 'local' ? 'this machine' : `stage ${status.stage}`}</span>
        )}
      </div>
      <nav aria-label="Pages of the console">
        {PAGES.filter((page) => isInNavigation(page, status)).map((page) => (
          <a key={page} href={hrefOf(page)} aria-current={route?.page === page ? 'page' : undefined}>
            {VIEWS[page].name}
            {page === 'overview' && alarms > 0 && (
              <span class="count" title={counted(alarms, 'alarm')}>
                {alarms}
                <span class="visually-hidden"> {alarms === 1 ? 'alarm' : 'alarms'}</span>
              </span>
            )}
          </a>
        ))}
      </nav>
      <p class="live-model small quiet">
        {status?.model === null && 'No model version is promoted'}
        {status?.model && outside(status.model.name)} {status?.model && <b>{status.model.version}</b>}
      </p>
    </header>
  );
}

function isInNavigation(page: PageName, status: Status | null): boolean {
  if (page === 'outbox') return status === null || status.outbox;
  if (page === 'predict') return status?.predicts === true;
  return page !== 'runbook' && page !== 'diff';
}

function LostConnection() {
  const live = useContext(LiveContext);
  const [isLost, setIsLost] = useState(false);
  useEffect(() => live((_, isLostNow) => setIsLost(isLostNow)), [live]);
  return (
    <div role="status">
      {isLost && (
        <p class="notice warn">
          The connection to the console is lost, so this page shows what was. It is taken up again by itself as soon as
          the command that serves it runs.
        </p>
      )}
    </div>
  );
}

function useTitle(route: Route | null, status: Status | null): void {
  const alarms = redAlarms(status).length;
  const name = route === null ? 'No such page' : VIEWS[route.page].name;
  const page =
    route?.page === 'runs' && route.id !== null ? `Run ${outsideText(route.id.slice(0, 8))} · ${name}` : name;
  useEffect(() => {
    document.title = `${alarms > 0 ? `(${counted(alarms, 'alarm')}) ` : ''}${page} · Swath`;
  }, [alarms, page]);
}

/** Whoever goes to another page by keyboard or with a screen reader is there, and not where the link was. */
function useFocusOnNewPage(main: { current: HTMLElement | null }, route: Route | null): void {
  const page = `${route?.page}/${route?.id}`;
  const last = useRef(page);
  useEffect(() => {
    if (last.current === page) return;
    last.current = page;
    main.current?.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [main, page]);
}
