import * as z from 'zod';
import { makeStep } from '../../core/base/step.ts';
import { followFeeds } from '../../core/feeds/followFeed.ts';

/** A scheduled event, whose fields are not used. */
const eventSchema = z.looseObject({});

/** The function feeds: looks at every feed once. */
export const feedsStep = (ports: Parameters<typeof followFeeds>[0]) =>
  makeStep('feeds', eventSchema, async (_event, _invocation, log) => Object.assign(log, await followFeeds(ports)));
