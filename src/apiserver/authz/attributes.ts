import { StatusError, forbidden } from '../../api/errors.ts';
import type { PolicyRule } from '../../api/types/rbac.v1.ts';
import { UNAUTHENTICATED, type UserInfo } from '../user.ts';

/** What an authorizer is asked: may this user do this to that. */
export interface Attributes {
  readonly user: UserInfo;
  readonly verb: string;
  /** false: a path such as `/metrics`. */
  readonly isResource: boolean;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly path: string;
}

export interface Decision {
  readonly allowed: boolean;
  /** Why, for reviews and for the text of a refusal. */
  readonly reason: string;
}

/** Decides who may do what. */
export interface Authorizer {
  decide(attributes: Attributes): Decision;
  /** Everything that a user may do in a namespace ('' = only what holds everywhere). */
  rules(user: UserInfo, namespace: string): readonly PolicyRule[];
}

/** The refusal, in the words of apiserver pkg/endpoints/handlers/responsewriters/errors.go. */
export function refusal(attributes: Attributes, reason: string): StatusError {
  const { user, verb, group, resource, subresource, namespace, name, path, isResource } = attributes;
  const who = `User ${JSON.stringify(user.name)} cannot ${verb}`;
  const because = reason === '' ? '' : `: ${reason}`;
  if (!isResource) {
    const error = forbidden({ group: '', plural: '' }, '', '');
    return new StatusError({ ...error.status, message: `forbidden: ${who} path ${JSON.stringify(path)}${because}`, details: {} });
  }
  const full = subresource === '' ? resource : `${resource}/${subresource}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
  return forbidden({ group, plural: resource }, name, `${who} resource ${JSON.stringify(full)} in API group ${JSON.stringify(group)} ${where}${because}`);
}

const PUBLIC = /^\/(healthz|livez|readyz|version)(\/|$)/;

/** Lets everyone do everything, once it is known who they are. */
export const alwaysAllow: Authorizer = {
  decide: ({ user, isResource, path }) => ({ allowed: !user.groups.includes(UNAUTHENTICATED) || (!isResource && PUBLIC.test(path)), reason: '' }),
  rules: () => [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }, { verbs: ['*'], nonResourceURLs: ['*'] }],
};
