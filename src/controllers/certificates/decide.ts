import type { CertificateSigningRequest } from '../../api/types/certificates.v1.ts';

const YEAR_SECONDS = 365 * 86_400;
const SHORTEST_SECONDS = 600;

/** What to do with a request: nothing yet, or ever (`ignore`), make its certificate, or say why not. */
export type Decision = { readonly action: 'ignore' } | { readonly action: 'refuse'; readonly message: string } | { readonly action: 'sign'; readonly seconds: number };

/** pkg/controller/certificates/signer/signer.go: only what is approved, not yet answered, and meant for the cluster's own certificate authority. */
export function decide({ spec, status }: CertificateSigningRequest): Decision {
  const has = (type: string) => status?.conditions?.some((c) => c.type === type && c.status === 'True') ?? false;
  const allowed = ALLOWED[spec.signerName];
  if (!allowed || !has('Approved') || has('Denied') || has('Failed') || status?.certificate) return { action: 'ignore' };
  const problem = usageProblem(spec.usages ?? [], allowed);
  return problem === undefined ? { action: 'sign', seconds: validFor(spec.expirationSeconds) } : { action: 'refuse', message: problem };
}

interface Usages {
  readonly what: string;
  readonly required: string | undefined;
  /** undefined = any. */
  readonly optional: readonly string[] | undefined;
}

const WITH_KEY = ['digital signature', 'key encipherment'];
const ALLOWED: Readonly<Record<string, Usages>> = {
  'kubernetes.io/kube-apiserver-client': { what: 'client', required: 'client auth', optional: WITH_KEY },
  'kubernetes.io/kube-apiserver-client-kubelet': { what: 'client', required: 'client auth', optional: WITH_KEY },
  'kubernetes.io/kubelet-serving': { what: 'serving', required: 'server auth', optional: WITH_KEY },
  'kubernetes.io/legacy-unknown': { what: 'legacy', required: undefined, optional: undefined },
};

function usageProblem(usages: readonly string[], { what, required, optional }: Usages): string | undefined {
  const wrong = optional && usages.find((usage) => usage !== required && !optional.includes(usage));
  if (wrong !== undefined) return `invalid usage for ${what} certificate: ${wrong}`;
  return required !== undefined && !usages.includes(required) ? `missing required usage for ${what} certificate: ${required}` : undefined;
}

function validFor(asked: number | undefined): number {
  return asked === undefined ? YEAR_SECONDS : Math.min(YEAR_SECONDS, Math.max(SHORTEST_SECONDS, asked));
}
