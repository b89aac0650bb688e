import { realClock } from '../base/clock.ts';
import { httpClient, type HttpClient } from '../client/http.ts';
import { loadKubeconfig } from '../client/kubeconfig.ts';
import type { Place } from './place.ts';

/** A client of the cluster at this place, over HTTPS with its kubeconfig. Close it, or the command does not end. */
export function connect(where: Place): HttpClient {
  return httpClient(loadKubeconfig(realClock(), { file: where.kubeconfig }));
}
