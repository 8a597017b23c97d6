import type { Runbook } from '../../api.ts';
import { Card } from '../models/card.tsx';
import { Asking, Nothing } from '../parts/answered.tsx';
import { hrefOf, type Route } from '../route.ts';

export function RunbookPage({ route: { id } }: { route: Route }) {
  return (
    <>
      <h1 tabIndex={-1}>Runbook</h1>
      <Asking<Runbook> path="/api/runbook" about={[]} what="the runbook">
        {({ sections }) => {
          const shown = id === null ? sections : sections.filter((section) => section.id === id);
          return (
            <>
              <p class="lead">
                What to do about each alarm.{' '}
                {id !== null && <a href={hrefOf('runbook')}>Show all {sections.length} sections</a>}
              </p>
              {shown.length === 0 && <Nothing>The runbook has no such section.</Nothing>}
              {shown.map(({ id: name, title, meaning, firstStep, text }) => (
                <section key={name} class="card">
                  <h2>{title}</h2>
                  <p>{meaning}</p>
                  <p>
                    <b>First:</b> {firstStep}
                  </p>
                  <Card text={text} />
                </section>
              ))}
            </>
          );
        }}
      </Asking>
    </>
  );
}
