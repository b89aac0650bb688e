import type { CertificateSigningRequest } from '../../types/certificates.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { pathSegment } from '../../validation/formats.ts';
import { humanDuration } from '../../../base/duration.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { stampConditions } from './conditions.ts';
import { validateSigningRequest } from './validation.ts';

export const certificateSigningRequest = defineKind<CertificateSigningRequest>({
  kind: 'CertificateSigningRequest',
  plural: 'certificatesigningrequests',
  singular: 'certificatesigningrequest',
  shortNames: ['csr'],
  namespaced: false,
  storage: { group: 'certificates.k8s.io', version: 'v1', message: 'certificates/v1.CertificateSigningRequest' },
  // Upstream asks no more of it than that it fits into a path.
  validateName: pathSegment,
  status: true,
  subresources: [{ name: 'approval', kind: 'CertificateSigningRequest', verbs: ['get', 'patch', 'update'] }],
  validate: validateSigningRequest,
  validateStatus: validateSigningRequest,
  prepareUpdate(next, old) {
    next.spec = old.spec;
  },
  prepareStatus: stampConditions,
  fieldSelectors: { 'spec.signerName': (request) => request.spec.signerName },
  columns: [
    nameColumn,
    ageColumn,
    text('SignerName', (request) => request.spec.signerName || '<none>'),
    text('Requestor', (request) => request.spec.username ?? ''),
    text('RequestedDuration', (request) => (request.spec.expirationSeconds === undefined ? '<none>' : humanDuration(request.spec.expirationSeconds * 1000))),
    text('Condition', conditionText),
  ],
});

export const CertificateSigningRequests = resourceOf(certificateSigningRequest);

function conditionText({ status }: CertificateSigningRequest): string {
  const has = (type: string) => status?.conditions?.some((c) => c.type === type);
  const decision = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending';
  return `${decision}${has('Failed') ? ',Failed' : ''}${status?.certificate ? ',Issued' : ''}`;
}
