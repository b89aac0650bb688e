// Generated from src/api/schema/tables by `npm run generate`. Do not edit.
import type * as metaV1 from './meta.v1.ts';

export type KeyUsage = 'signing' | 'digital' | 'signature' | 'content' | 'commitment' | 'key' | 'encipherment' | 'key' | 'agreement' | 'data' | 'encipherment' | 'cert' | 'sign' | 'crl' | 'sign' | 'encipher' | 'only' | 'decipher' | 'only' | 'any' | 'server' | 'auth' | 'client' | 'auth' | 'code' | 'signing' | 'email' | 'protection' | 's/mime' | 'ipsec' | 'end' | 'system' | 'ipsec' | 'tunnel' | 'ipsec' | 'user' | 'timestamping' | 'ocsp' | 'signing' | 'microsoft' | 'sgc' | 'netscape' | 'sgc';

export interface CertificateSigningRequest {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  spec: CertificateSigningRequestSpec;
  status?: CertificateSigningRequestStatus;
}

export interface CertificateSigningRequestSpec {
  request: string;
  signerName: string;
  expirationSeconds?: number;
  usages?: KeyUsage[];
  username?: string;
  uid?: string;
  groups?: string[];
  extra?: Record<string, string[]>;
}

export interface CertificateSigningRequestStatus {
  conditions?: CertificateSigningRequestCondition[];
  certificate?: string;
}

export interface CertificateSigningRequestCondition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastUpdateTime?: string;
  lastTransitionTime?: string;
}
