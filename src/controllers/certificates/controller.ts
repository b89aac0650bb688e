import { CertificateSigningRequests } from '../../api/kinds/certificates/certificate-signing-request.ts';
import type { CertificateSigningRequest } from '../../api/types/certificates.v1.ts';
import type { Component } from '../../client/controller.ts';
import { controllerIn, type ControllerContext } from '../context.ts';
import { rfc3339 } from '../../base/time.ts';
import { awaitsSignature, refusedBecause, type RequestedSubject } from './decide.ts';

/** Who holds the cluster's key. `pem` is a PEM certificate request. */
export interface CertificateSigner {
  /** Throws when it is no certificate request. */
  read(pem: string): RequestedSubject;
  /** The certificate, PEM. Rejects when the request does not hold. */
  sign(pem: string, usages: readonly string[], expirationSeconds: number | undefined): Promise<string>;
}

/** Gives approved CertificateSigningRequests of Kubernetes' own signers their certificate (pkg/controller/certificates/signer). */
export function certificateSigningController(context: ControllerContext, signer: CertificateSigner): Component {
  const { client, clock, informers } = context;
  const requests = informers.informer(CertificateSigningRequests);
  const name = 'csrsigning';

  const failed = (request: CertificateSigningRequest, message: string) => {
    const now = rfc3339(clock.now());
    const condition = { type: 'Failed', status: 'True', reason: 'SignerValidationFailure', message, lastUpdateTime: now, lastTransitionTime: now };
    return { ...request, status: { ...request.status, conditions: [...(request.status?.conditions ?? []), condition] } };
  };
  const reconcile = async (key: string) => {
    const request = requests.get('', key);
    if (!request || !awaitsSignature(request)) return;
    const { spec } = request;
    const pem = Buffer.from(spec.request, 'base64').toString('latin1');
    const refused = refusedBecause(request, signer.read(pem));
    const answered = refused === undefined
      ? { ...request, status: { ...request.status, certificate: Buffer.from(await signer.sign(pem, spec.usages ?? [], spec.expirationSeconds)).toString('base64') } }
      : failed(request, refused);
    await client.update(CertificateSigningRequests, answered, { subresource: 'status' });
  };

  return controllerIn(context, {
    name,
    reconcile,
    setup: (queue) => {
      const add = (request: CertificateSigningRequest) => queue.add(request.metadata.name ?? '');
      requests.onChange({ added: add, updated: (_, request) => add(request) });
      return [requests];
    },
  });
}
