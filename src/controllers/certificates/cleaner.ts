import { X509Certificate } from 'node:crypto';
import { CertificateSigningRequests } from '../../api/kinds/certificates/certificate-signing-request.ts';
import type { CertificateSigningRequest } from '../../api/types/certificates.v1.ts';
import type { Component } from '../../client/controller.ts';
import { controllerIn, type ControllerContext } from '../context.ts';
import { unlessGone } from '../gone.ts';

const HOUR_MS = 3_600_000;
const ANSWERED_MS = HOUR_MS;
const PENDING_MS = 24 * HOUR_MS;

/** Milliseconds until nobody needs a request any more: an hour after it was answered, a day after it was made and not answered, or when its certificate ends; undefined when it stays. */
function obsoleteIn({ metadata, status }: CertificateSigningRequest, now: number): number | undefined {
  const conditions = status?.conditions ?? [];
  if (conditions.length === 0) return Date.parse(metadata.creationTimestamp ?? '') + PENDING_MS - now;
  const issued = (status?.certificate ?? '') !== '';
  const ends = conditions.filter(({ type }) => type === 'Denied' || type === 'Failed' || (type === 'Approved' && issued))
    .flatMap(({ lastUpdateTime }) => (lastUpdateTime ? [Date.parse(lastUpdateTime) + ANSWERED_MS] : []));
  if (issued) ends.push(...endOf(status?.certificate ?? ''));
  return ends.length > 0 ? Math.min(...ends) - now : undefined;
}

/** When a certificate ends; of what is no certificate nobody can tell. */
function endOf(base64: string): number[] {
  try {
    return [Date.parse(new X509Certificate(Buffer.from(base64, 'base64')).validTo)];
  } catch {
    return [];
  }
}

/** Deletes CertificateSigningRequests that are done with (pkg/controller/certificates/cleaner). */
export function certificateRequestCleaner(context: ControllerContext): Component {
  const { client, clock, informers } = context;
  const requests = informers.informer(CertificateSigningRequests);
  const name = 'csrcleaner';
  return controllerIn(context, {
    name,
    reconcile: async (key) => {
      const request = requests.get('', key);
      const left = request && obsoleteIn(request, clock.now());
      if (!request || left === undefined) return;
      if (left > 0) return { afterMs: left };
      await client.delete(CertificateSigningRequests, key, { preconditions: { uid: request.metadata.uid } }).catch(unlessGone);
    },
    setup: (queue) => {
      const add = (request: CertificateSigningRequest) => queue.add(request.metadata.name ?? '');
      requests.onChange({ added: add, updated: (_, request) => add(request) });
      return [requests];
    },
  });
}
