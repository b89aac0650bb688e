import { forbidden } from '../../api/errors.ts';
import { equalJson } from '../../api/json.ts';
import type { CertificateSigningRequest } from '../../api/types/certificates.v1.ts';
import { readCertificateRequest } from '../pki.ts';
import type { Authorizer } from '../authz/attributes.ts';
import { MASTERS } from '../user.ts';
import type { AdmissionPlugin, AdmissionRequest } from './plugin.ts';

const GROUP = 'certificates.k8s.io';
const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client';

/**
 * A signing request says who made it, whatever it says itself (pkg/registry/certificates/certificates/strategy.go); who approves or signs it must be allowed to, for its signer
 * (plugin/pkg/admission/certificates).
 */
export function certificates(authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'CertificateIdentity',
    mutate({ kind, operation, subresource, object, user }) {
      if (kind.storage.group !== GROUP || kind.plural !== 'certificatesigningrequests' || operation !== 'CREATE' || subresource !== '') return;
      const { spec } = object as CertificateSigningRequest;
      spec.username = user.name;
      spec.groups = [...user.groups];
      if (user.uid) spec.uid = user.uid;
      else delete spec.uid;
      if (user.extra) spec.extra = Object.fromEntries(Object.entries(user.extra).map(([key, values]) => [key, [...values]]));
      else delete spec.extra;
    },
    validate(request) {
      const { kind, operation, subresource, object, oldObject } = request;
      if (kind.storage.group !== GROUP || kind.plural !== 'certificatesigningrequests') return;
      if (operation === 'CREATE' && subresource === '') return restrictSubject(request, object as CertificateSigningRequest);
      if (operation !== 'UPDATE') return;
      const next = object as CertificateSigningRequest;
      const old = oldObject as CertificateSigningRequest;
      if (subresource === 'approval') check(request, authorizer, 'approve', old.spec.signerName);
      else if (subresource === 'status' && !equalJson(next.status?.certificate, old.status?.certificate)) check(request, authorizer, 'sign', old.spec.signerName);
    },
  };
}

/** Nobody becomes all-powerful by a signature (plugin/pkg/admission/certificates/subjectrestriction). */
function restrictSubject({ resource, name }: AdmissionRequest, { spec }: CertificateSigningRequest): void {
  if (spec.signerName !== CLIENT_SIGNER) return;
  let organizations: readonly string[];
  try {
    organizations = readCertificateRequest(Buffer.from(spec.request, 'base64').toString('latin1')).organizations;
  } catch (error) {
    throw forbidden(resource, name, `failed to parse CSR: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (organizations.includes(MASTERS)) throw forbidden(resource, name, `use of ${CLIENT_SIGNER} signer with ${MASTERS} group is not allowed`);
}

/** The right may be given for one signer or for all of its domain (`example.com/*`). */
function check(request: AdmissionRequest, authorizer: Authorizer, verb: string, signer: string): void {
  const { user, resource, name } = request;
  if (user.groups.includes(MASTERS)) return;
  const may = (signerName: string) => authorizer.decide({ user, verb, isResource: true, group: GROUP, version: '*', resource: 'signers', subresource: '', namespace: '', name: signerName, path: '' }).allowed;
  if (may(signer) || may(`${signer.split('/')[0]}/*`)) return;
  throw forbidden(resource, name, `user not permitted to ${verb} requests with signerName ${JSON.stringify(signer)}`);
}
