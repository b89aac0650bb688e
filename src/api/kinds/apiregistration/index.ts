import { erase } from '../../kind.ts';
import { apiService } from './api-service.ts';

/** The kinds of the apiregistration group, in the order discovery lists them. */
export const apiregistrationKinds = [
  erase(apiService),
];
