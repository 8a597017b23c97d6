import { coresOf } from '../../aws/cores.ts';
import { lambdaHandler } from '../../aws/lambda.ts';
import { inferStep } from './infer.ts';
import { inferPorts } from './inferPorts.ts';

const hasContainers = (process.env['BATCH_IMAGE'] ?? '') !== '';

export const handler = lambdaHandler(inferStep(inferPorts({ threads: coresOf(process.env) }), { hasContainers }));
