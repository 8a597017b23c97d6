import * as z from 'zod';
import { makeStep } from '../../core/base/step.ts';
import { followFeeds, takeNotified } from '../../core/feeds/followFeed.ts';

/** A scheduled event, whose fields are not used; or messages of the queue that topics send to. */
const eventSchema = z.looseObject({ Records: z.array(z.object({ body: z.string() })).optional() });

/** The function feeds: looks at every feed once, or takes the Items that topics tell of. */
export const feedsStep = (ports: Parameters<typeof followFeeds>[0]) =>
  makeStep('feeds', eventSchema, async ({ Records }, _invocation, log) => {
    const messages = Records?.map(({ body }) => body);
    return Object.assign(log, await (messages === undefined ? followFeeds(ports) : takeNotified(messages, ports)));
  });
