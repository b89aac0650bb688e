import { readCertificateRequest, signCertificateRequest, type KeyPair } from '../apiserver/pki.ts';
import type { Clock } from '../base/clock.ts';
import type { CertificateSigner } from '../controllers/certificates/controller.ts';

/** The cluster's CA, as the controller of signing requests needs it. */
export function certificateSigner(ca: KeyPair, clock: Clock): CertificateSigner {
  return { read: readCertificateRequest, sign: (pem, usages, expirationSeconds) => signCertificateRequest(ca, pem, { usages, expirationSeconds }, clock) };
}
