import { isReason } from '../../api/errors.ts';
import { CertificateSigningRequests } from '../../api/kinds/certificates/certificate-signing-request.ts';
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from '../../api/types/certificates.v1.ts';
import { controller } from '../../client/index.ts';
import type { Component } from '../../client/controller.ts';
import type { ControllerContext } from '../context.ts';
import { rfc3339 } from '../time.ts';
import { decide } from './decide.ts';

const COMPONENT = 'certificatesigningrequest-signing-controller';

/** Makes a certificate, PEM, for a PKCS#10 request, PEM. Rejects what is no request, or is not signed by its own key. */
export type Signer = (request: { readonly request: string; readonly usages: readonly string[]; readonly seconds: number }) => Promise<string>;

/** Signs approved requests with the cluster's certificate authority (pkg/controller/certificates/signer). */
export function certificateSigningController(context: ControllerContext, sign: Signer): Component {
  const { client, clock, informers, options } = context;
  const requests = informers.informer(CertificateSigningRequests);

  const answer = async (asked: CertificateSigningRequest, status: Partial<NonNullable<CertificateSigningRequest['status']>>) => {
    await client.update(CertificateSigningRequests, { ...asked, status: { ...asked.status, ...status } }, { subresource: 'status' }).catch((error: unknown) => {
      if (!isReason(error, 'NotFound')) throw error;
    });
  };
  const refuse = (asked: CertificateSigningRequest, message: string) => {
    const now = rfc3339(clock.now());
    const failed: CertificateSigningRequestCondition = { type: 'Failed', status: 'True', reason: 'SignerValidationFailure', message, lastUpdateTime: now, lastTransitionTime: now };
    return answer(asked, { conditions: [...(asked.status?.conditions ?? []), failed] });
  };

  const reconcile = async (name: string) => {
    const asked = requests.get('', name);
    if (!asked) return;
    const decision = decide(asked);
    if (decision.action === 'refuse') await refuse(asked, decision.message);
    if (decision.action !== 'sign') return;
    const pem = Buffer.from(asked.spec.request, 'base64').toString('utf8');
    let certificate: string;
    try {
      certificate = await sign({ request: pem, usages: asked.spec.usages ?? [], seconds: decision.seconds });
    } catch (error) {
      await refuse(asked, error instanceof Error ? error.message : String(error));
      return;
    }
    await answer(asked, { certificate: Buffer.from(`${certificate.trimEnd()}\n`).toString('base64') });
  };

  return controller({
    name: COMPONENT,
    clock,
    workers: options.workers ?? 5,
    reconcile,
    ...(options.onError && { onError: (key: string, error: unknown) => options.onError?.(COMPONENT, key, error) }),
    setup: (queue) => {
      requests.onChange({ added: (found) => queue.add(found.metadata.name ?? ''), updated: (_, found) => queue.add(found.metadata.name ?? '') });
      return [requests];
    },
  });
}
