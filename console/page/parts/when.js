import { jsx as _jsx } from 'preact/jsx-runtime';
import { minute } from '../format.ts';
/** A point in time, in UTC. */
export function When({ time }) {
  return _jsx('time', {
    class: 'when',
    dateTime: time,
    title: `${time.slice(0, 19).replace('T', ' ')} UTC`,
    children: minute(time),
  });
}
