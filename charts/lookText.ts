import type { FeedCount } from '../core/feeds/feed.ts';
import { count, counted } from './format.ts';

export const lookText = ({ seen, taken, known, leftOut, refused, why }: FeedCount): string =>
  `${counted(seen, 'Item')} listed, ${count(taken)} taken, ${count(known)} taken before, ${count(leftOut)} left out by area, time or clouds${why === undefined ? '' : `, ${count(refused)} not taken, such as ${why}`}.`;
