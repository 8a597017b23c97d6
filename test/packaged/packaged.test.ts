import { packageService } from './package.ts';
import { tellStory } from './story.ts';

/** What `sls package` makes, made once for all that look at it. */
const packaged = await packageService();

tellStory(packaged);
