import type { CertificateSigningRequest } from '../../types/certificates.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const certificateSigningRequest = defineKind<CertificateSigningRequest>({
  kind: 'CertificateSigningRequest',
  plural: 'certificatesigningrequests',
  singular: 'certificatesigningrequest',
  shortNames: ['csr'],
  namespaced: false,
  storage: { group: 'certificates.k8s.io', version: 'v1', message: 'certificates/v1.CertificateSigningRequest' },
  status: true,
});

export const CertificateSigningRequests = resourceOf(certificateSigningRequest);
