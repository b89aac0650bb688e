import { erase } from '../../kind.ts';
import { certificateSigningRequest } from './certificate-signing-request.ts';

/** The kinds of the certificates group, in the order discovery lists them. */
export const certificatesKinds = [
  erase(certificateSigningRequest),
];
