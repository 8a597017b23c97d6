import { SHOWN } from '../tasks/shownRegistry.ts';
import { type Metric, ofAll, ofClass, ofWindow } from './metrics.ts';
import { ofOnline } from './onlineMetrics.ts';

const ofTasks = SHOWN.flatMap((task) =>
  Object.entries(task.metrics).map(([name, of]): [string, Metric] => [
    name,
    { ...(of === 'class' ? ofClass : ofWindow), unit: 'None' },
  ]),
);

/** Every metric that Swath publishes by name, including those of the tasks and of requests over HTTP. */
export const metrics: ReadonlyMap<string, Metric> = new Map([
  ...Object.entries<Metric>(ofAll),
  ...ofTasks,
  ...Object.entries<Metric>(ofOnline),
]);
