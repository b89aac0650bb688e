import { erase } from '../../kind.ts';
import { job } from './job.ts';
import { cronJob } from './cron-job.ts';

/** The kinds of the batch group, in the order discovery lists them. */
export const batchKinds = [
  erase(job),
  erase(cronJob),
];
