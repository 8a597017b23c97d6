import { count, counted } from '../../../charts/format.ts';
import { isRunning } from '../../../core/ledger/states.ts';
import type { RunSummary } from '../../api.ts';
import { outsideText } from '../outsideText.ts';

/** How far a run is that is on its way; nothing for one that has ended. */
export function Progress({ run: { file, progress, state } }: { run: Pick<RunSummary, 'file' | 'progress' | 'state'> }) {
  if (!isRunning(state)) return null;
  const { done, parts } = progress ?? {};
  return (
    <p class="progress small quiet">
      <progress aria-label={`Progress of ${outsideText(file)}`} value={done} max={parts} />{' '}
      {progress === null
        ? 'being prepared'
        : `${count(progress.done)} of ${counted(progress.parts, 'part')} classified`}
    </p>
  );
}
