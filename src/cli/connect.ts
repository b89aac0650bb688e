import { realClock } from '../base/clock.ts';
import { httpClient, type HttpClient } from '../client/http.ts';
import { loadKubeconfig } from '../client/kubeconfig.ts';
import type { Place } from './place.ts';

/** A client of the cluster at this place, over HTTPS with its kubeconfig. Close it, or the command does not end. Throws, with the way out, when it does not run. */
export function connect(where: Place): HttpClient {
  if (!where.running()) throw new Error(`cluster "${where.name}" does not run: start it with \`${where.start}\`, or name the one that is meant with --name or --data-dir`);
  return httpClient(loadKubeconfig(realClock(), { file: where.kubeconfig }));
}
