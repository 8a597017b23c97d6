import type { RunSummary } from '../../api.ts';
import { outsideText } from '../outsideText.ts';

/** How far a run is that is on its way; nothing for one that has ended. */
export function Progress({ run: { file, progress, state } }: { run: Pick<RunSummary, 'file' | 'progress' | 'state'> }) {
  if (state !== 'CLAIMED' && state !== 'PREPARED' && state !== 'PREDICTED') return null;
  const name = `Progress of ${outsideText(file)}`;
  if (progress === null)
    return (
      <p class="progress small quiet">
        <progress aria-label={name} /> being prepared
      </p>
    );
  const { done, parts } = progress;
  return (
    <p class="progress small quiet">
      <progress aria-label={name} value={done} max={parts} /> {done} of {parts} {parts === 1 ? 'part' : 'parts'}{' '}
      classified
    </p>
  );
}
