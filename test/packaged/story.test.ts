import { packageService } from './package.ts';
import { tellStory } from './story.ts';

await tellStory(await packageService());
