import type { CertificateSigningRequest } from '../../api/types/certificates.v1.ts';

/** What a request's bytes ask for. */
export interface RequestedSubject {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly emails: readonly string[];
  readonly uris: readonly string[];
}

type Check = (subject: RequestedSubject, usages: readonly string[]) => string | undefined;

/** What each signer asks of a request; the text is why it is refused (pkg/controller/certificates/signer/signer.go, pkg/apis/certificates/helpers.go). */
const SIGNERS: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['kubernetes.io/kube-apiserver-client', (_subject, usages) => clientUsages(usages)],
  ['kubernetes.io/kube-apiserver-client-kubelet', (subject, usages) => notOfNodes(subject) ?? names(subject) ?? notOfANode(subject) ?? exactly(usages, 'client auth')],
  ['kubernetes.io/kubelet-serving', (subject, usages) =>
    notOfNodes(subject)
    ?? (subject.dnsNames.length + subject.ipAddresses.length === 0 ? 'DNS or IP subjectAltName is required' : undefined)
    ?? emailsOrUris(subject) ?? exactly(usages, 'server auth') ?? notOfANode(subject)],
]);

/** Whether a request is approved, ours, and not yet answered. */
export function awaitsSignature({ spec, status }: CertificateSigningRequest): boolean {
  if (!SIGNERS.has(spec.signerName) || status?.certificate) return false;
  const conditions = status?.conditions ?? [];
  const has = (type: string) => conditions.some((condition) => condition.type === type);
  const failed = conditions.some((condition) => condition.type === 'Failed' && (condition.status === 'True' || condition.status === ''));
  return has('Approved') && !has('Denied') && !failed;
}

/** Why the signer that the request names refuses it; undefined when it does not. */
export function refusedBecause({ spec }: CertificateSigningRequest, subject: RequestedSubject): string | undefined {
  return SIGNERS.get(spec.signerName)?.(subject, spec.usages ?? []);
}

function clientUsages(usages: readonly string[]): string | undefined {
  const wrong = usages.find((usage) => usage !== 'digital signature' && usage !== 'key encipherment' && usage !== 'client auth');
  if (wrong !== undefined) return `invalid usage for client certificate: ${wrong}`;
  return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth';
}

function notOfNodes({ organizations }: RequestedSubject): string | undefined {
  return organizations.length === 1 && organizations[0] === 'system:nodes' ? undefined : 'subject organization is not system:nodes';
}

function notOfANode({ commonName }: RequestedSubject): string | undefined {
  return commonName.startsWith('system:node:') ? undefined : 'subject common name does not begin with system:node:';
}

function names(subject: RequestedSubject): string | undefined {
  if (subject.dnsNames.length > 0) return 'DNS subjectAltNames are not allowed';
  if (subject.emails.length > 0) return 'Email subjectAltNames are not allowed';
  if (subject.ipAddresses.length > 0) return 'IP subjectAltNames are not allowed';
  return subject.uris.length > 0 ? 'URI subjectAltNames are not allowed' : undefined;
}

function emailsOrUris({ emails, uris }: RequestedSubject): string | undefined {
  if (emails.length > 0) return 'Email subjectAltNames are not allowed';
  return uris.length > 0 ? 'URI subjectAltNames are not allowed' : undefined;
}

/** The usages that go with a purpose; key encipherment is for RSA keys only. */
function exactly(usages: readonly string[], purpose: string): string | undefined {
  const has = new Set(usages);
  const extra = has.has('key encipherment') ? 3 : 2;
  if (has.size === extra && has.has('digital signature') && has.has(purpose)) return undefined;
  return `usages did not match [${[purpose, 'digital signature', 'key encipherment'].sort().join(' ')}]`;
}
