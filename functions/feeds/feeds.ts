import * as z from 'zod';
import { makeStep } from '../../core/base/step.ts';
import { type FollowFeedsPorts, followFeeds } from '../../core/feeds/followFeed.ts';

/** A scheduled event, whose fields are not used. */
const eventSchema = z.looseObject({});

/** The function feeds: looks at every feed once. */
export const feedsStep = (ports: FollowFeedsPorts) =>
  makeStep('feeds', eventSchema, async (_event, _invocation, log) => Object.assign(log, await followFeeds(ports)));
