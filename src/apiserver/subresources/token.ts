import { conflict, invalid, notFound } from '../../api/errors.ts';
import type { FieldError } from '../../api/errors.ts';
import type { TokenRequest } from '../../api/types/authentication.v1.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import { ISSUER, type BoundObject } from '../authn/tokens.ts';
import type { Outcome, Target } from '../operations.ts';
import { timestamp, type Core } from '../registry/core.ts';
import { get } from '../registry/read.ts';
import type { Subresource } from './index.ts';

const MINIMUM = 600;
const MAXIMUM = 2 ** 32;
const DEFAULT = 3_600;
const PLURALS = { Pod: 'pods', Secret: 'secrets', Node: 'nodes' } as const;

/** Issues a service account's token (pkg/registry/core/serviceaccount/storage/token.go). */
export const tokenSubresource: Subresource = {
  body: [{ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', message: 'authentication/v1.TokenRequest' }],
  create: async (core, target, object) => issue(core, target, object as TokenRequest),
};

function issue(core: Core, target: Target, request: TokenRequest): Outcome {
  const account = get(core, target.resource, target.namespace, target.name).object;
  const spec = request.spec ?? {};
  const seconds = spec.expirationSeconds ?? DEFAULT;
  const errors: FieldError[] = [];
  const wrong = (detail: string) => errors.push({ type: 'FieldValueInvalid', field: 'spec.expirationSeconds', detail: `Invalid value: ${seconds}: ${detail}` });
  if (seconds < MINIMUM) wrong('may not specify a duration less than 10 minutes');
  if (seconds > MAXIMUM) wrong('may not specify a duration larger than 2^32 seconds');
  if (errors.length > 0) throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, '', errors);
  const audiences = spec.audiences && spec.audiences.length > 0 ? spec.audiences : [ISSUER];
  const bound = spec.boundObjectRef && boundObject(core, target, spec.boundObjectRef);
  const token = core.access.tokens.issue({
    namespace: target.namespace, name: target.name, uid: account.metadata.uid!, audiences, expirationSeconds: seconds, ...bound,
  });
  const answer: TokenRequest = {
    ...request,
    metadata: { name: target.name, namespace: target.namespace, creationTimestamp: timestamp(core.clock.now()) },
    spec: { ...spec, audiences, expirationSeconds: seconds },
    status: { token, expirationTimestamp: timestamp(core.clock.now() + seconds * 1000) },
  };
  return { object: answer, status: 201 };
}

function boundObject(core: Core, target: Target, ref: NonNullable<TokenRequest['spec']['boundObjectRef']>): { bound: BoundObject; node?: { name: string; uid: string } } {
  const kind = ref.kind as keyof typeof PLURALS;
  if (!Object.hasOwn(PLURALS, ref.kind ?? '')) {
    throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, '', [{ type: 'FieldValueInvalid', field: 'spec.boundObjectRef.kind', detail: `Invalid value: ${JSON.stringify(ref.kind ?? '')}: cannot bind token for serviceaccount to type` }]);
  }
  const plural = PLURALS[kind];
  const found = core.store.get(`${plural}/${kind === 'Node' ? '' : target.namespace}/${ref.name ?? ''}`)?.object;
  if (!found) throw notFound({ group: '', plural }, ref.name ?? '');
  const uid = found.metadata.uid!;
  if (ref.uid && ref.uid !== uid) throw conflict({ group: '', plural }, ref.name!, `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`);
  const nodeName = kind === 'Pod' ? (found as Pod).spec.nodeName : undefined;
  const node = nodeName ? core.store.get(`nodes//${nodeName}`)?.object.metadata : undefined;
  return { bound: { kind, name: ref.name!, uid }, ...(node && { node: { name: node.name!, uid: node.uid! } }) };
}
