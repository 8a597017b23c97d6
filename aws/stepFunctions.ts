import { SFNClient } from '@aws-sdk/client-sfn';
import { lazily } from '../core/base/lazily.ts';
import { patience } from './patience.ts';

export const stepFunctions = lazily(() => new SFNClient(patience));
