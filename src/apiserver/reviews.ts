import { badRequest, invalid } from '../api/errors.ts';
import type { KubeObject } from '../api/object.ts';
import type { SelfSubjectReview, TokenReview } from '../api/types/authentication.v1.ts';
import type { LocalSubjectAccessReview, SelfSubjectAccessReview, SelfSubjectRulesReview, SubjectAccessReview, SubjectAccessReviewSpec } from '../api/types/authorization.v1.ts';
import type { Attributes } from './authz/attributes.ts';
import { ISSUER } from './authn/tokens.ts';
import type { Access } from './registry/core.ts';
import type { UserInfo } from './user.ts';

/** What is created only to be answered. */
export type Review = (access: Access, object: KubeObject, user: UserInfo, namespace: string) => KubeObject;

/** Reviews by group and plural. */
export const reviews: ReadonlyMap<string, Review> = new Map<string, Review>([
  ['authentication.k8s.io/tokenreviews', (access, object) => reviewToken(access, object as TokenReview)],
  ['authentication.k8s.io/selfsubjectreviews', (_access, object, user) => ({ ...object, status: { userInfo: shown(user) } }) as SelfSubjectReview],
  ['authorization.k8s.io/subjectaccessreviews', (access, object) => reviewAccess(access, object as SubjectAccessReview)],
  ['authorization.k8s.io/localsubjectaccessreviews', reviewLocalAccess],
  ['authorization.k8s.io/selfsubjectaccessreviews', reviewOwnAccess],
  ['authorization.k8s.io/selfsubjectrulesreviews', reviewOwnRules],
]);

/** Whether objects of the resource are only answered, not stored. */
export const isReview = ({ group, plural }: { readonly group: string; readonly plural: string }): boolean => reviews.has(`${group}/${plural}`);

function reviewToken(access: Access, review: TokenReview): TokenReview {
  const token = review.spec?.token ?? '';
  if (token === '') throw badRequest('token is required for TokenReview in authentication');
  const wanted = review.spec.audiences && review.spec.audiences.length > 0 ? review.spec.audiences : [ISSUER];
  const found = access.authenticateToken(token);
  if (found === undefined || typeof found === 'string') return { ...review, status: { user: {}, error: found ?? 'invalid bearer token' } };
  const audiences = wanted.filter((audience) => found.audiences.includes(audience));
  if (audiences.length === 0) return { ...review, status: { user: {}, error: 'token audiences do not match' } };
  return { ...review, status: { authenticated: true, user: shown(found.user), audiences } };
}

function shown(user: UserInfo) {
  const extra = Object.fromEntries(Object.entries(user.extra ?? {}).map(([key, values]) => [key, [...values]]));
  return { username: user.name, ...(user.uid && { uid: user.uid }), groups: [...user.groups], ...(user.extra && { extra }) };
}

/** The question of a review. Throws Invalid unless it asks exactly one. */
function question(kind: string, spec: Pick<SubjectAccessReviewSpec, 'resourceAttributes' | 'nonResourceAttributes'>, user: UserInfo): Attributes {
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec ?? {};
  if ((resource === undefined) === (path === undefined)) {
    const detail = resource ? 'Invalid value: cannot be specified in combination with resourceAttributes' : 'Invalid value: exactly one of nonResourceAttributes or resourceAttributes must be specified';
    throw invalid({ group: 'authorization.k8s.io', kind }, '', [{ type: 'FieldValueInvalid', field: resource ? 'spec.nonResourceAttributes' : 'spec.resourceAttributes', detail }]);
  }
  if (path) return { user, verb: path.verb ?? '', isResource: false, group: '', version: '', resource: '', subresource: '', namespace: '', name: '', path: path.path ?? '' };
  const { verb = '', group = '', version = '', subresource = '', namespace = '', name = '' } = resource!;
  return { user, verb, isResource: true, group, version, resource: resource!.resource ?? '', subresource, namespace, name, path: '' };
}

function answered<T extends KubeObject>(access: Access, review: T, asked: Attributes): T {
  const { allowed, reason } = access.authorizer.decide(asked);
  return { ...review, status: { allowed, ...(reason !== '' && { reason }) } };
}

function reviewAccess(access: Access, review: SubjectAccessReview | LocalSubjectAccessReview): KubeObject {
  const { user = '', groups = [], uid, extra } = review.spec ?? {};
  if (user === '' && groups.length === 0) {
    throw invalid({ group: 'authorization.k8s.io', kind: review.kind }, '', [{ type: 'FieldValueInvalid', field: 'spec.user', detail: 'Invalid value: "": at least one of user or group must be specified' }]);
  }
  return answered(access, review, question(review.kind, review.spec, { name: user, groups, ...(uid && { uid }), ...(extra && { extra }) }));
}

function reviewLocalAccess(access: Access, object: KubeObject, _user: UserInfo, namespace: string): KubeObject {
  const review = object as LocalSubjectAccessReview;
  if (review.spec?.resourceAttributes?.namespace !== namespace) throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${namespace}`);
  return reviewAccess(access, review);
}

function reviewOwnAccess(access: Access, object: KubeObject, user: UserInfo): KubeObject {
  const review = object as SelfSubjectAccessReview;
  return answered(access, review, question(review.kind, review.spec, user));
}

function reviewOwnRules(access: Access, object: KubeObject, user: UserInfo): KubeObject {
  const review = object as SelfSubjectRulesReview;
  const namespace = review.spec?.namespace ?? '';
  if (namespace === '') throw badRequest('no namespace on request');
  const rules = access.authorizer.rules(user, namespace);
  return {
    ...review,
    status: {
      resourceRules: rules.filter((rule) => rule.resources?.length).map(({ verbs, apiGroups, resources, resourceNames }) => ({ verbs, ...(apiGroups && { apiGroups }), ...(resources && { resources }), ...(resourceNames && { resourceNames }) })),
      nonResourceRules: rules.filter((rule) => rule.nonResourceURLs?.length).map(({ verbs, nonResourceURLs }) => ({ verbs, ...(nonResourceURLs && { nonResourceURLs }) })),
      incomplete: false,
    },
  } as SelfSubjectRulesReview;
}

