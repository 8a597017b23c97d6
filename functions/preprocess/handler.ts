import { otherStores } from '../../aws/otherStores.ts';
import { preprocessHandler } from './onLambda.ts';

const { ASSET_ENDPOINTS, ASSET_SECRET } = process.env;

export const handler = preprocessHandler({ others: otherStores(ASSET_ENDPOINTS, ASSET_SECRET) });
