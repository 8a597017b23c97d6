import { mapped } from '../base/mapped.ts';
import { SHOWN } from '../tasks/shownRegistry.ts';
import { type Metric, ofAll, ofClass, ofWindow } from './metrics.ts';
import { ofOnline } from './onlineMetrics.ts';

const ofTasks = SHOWN.map(({ metrics }) =>
  mapped(metrics, (of): Metric => ({ ...(of === 'class' ? ofClass : ofWindow), unit: 'None' })),
);

/** Every metric that Swath publishes by name, including those of the tasks and of requests over HTTP. */
export const metrics: ReadonlyMap<string, Metric> = new Map(
  [ofAll, ...ofTasks, ofOnline].flatMap((some) => Object.entries<Metric>(some)),
);
