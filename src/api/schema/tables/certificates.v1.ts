import { table } from '../table.ts';

/** Messages of certificates/v1; field numbers and markers are those of k8s.io/api 1.33. */
export default table('certificates/v1', `

CertificateSigningRequest kind
  1 metadata meta/v1.ObjectMeta
  2 spec CertificateSigningRequestSpec !
  3 status CertificateSigningRequestStatus

CertificateSigningRequestSpec
  1 request bytes ! atomic
  7 signerName string !
  8 expirationSeconds ?int32
  5 usages []string atomic
  2 username string
  3 uid string
  4 groups []string atomic
  6 extra {ExtraValue}

CertificateSigningRequestStatus
  1 conditions []CertificateSigningRequestCondition map(type)
  2 certificate bytes atomic

CertificateSigningRequestCondition
  1 type string !
  6 status string !
  2 reason string
  3 message string
  4 lastUpdateTime Time
  5 lastTransitionTime Time
`);
