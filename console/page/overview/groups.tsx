import type { ComponentChildren } from 'preact';
import type { AnsweredPanel, Panels } from '../../api.ts';
import { Nothing } from '../parts/answered.tsx';
import { PanelFigure } from '../parts/panelFigure.tsx';
import { LedgerPanel } from './lists.tsx';

/** The dashboard's groups: the first one open, for the answer; the details closed below it. */
export function Groups({ panels: { groups, ...drawn }, span }: { panels: Panels; span: ComponentChildren }) {
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
