/** Who asks. What authentication found, or what impersonation put in its place. */
export interface UserInfo {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** Everything is allowed to members of this group, before any rule is read. */
export const MASTERS = 'system:masters';
export const AUTHENTICATED = 'system:authenticated';
export const UNAUTHENTICATED = 'system:unauthenticated';

/** The server's own loopback identity, used by the in-process client when no user is named. */
export const loopback: UserInfo = { name: 'system:apiserver', groups: [MASTERS, AUTHENTICATED] };

export const anonymous: UserInfo = { name: 'system:anonymous', groups: [UNAUTHENTICATED] };

/** The user that a service account's token speaks for. */
export function serviceAccountUser(namespace: string, name: string, uid: string, extra: Readonly<Record<string, readonly string[]>> = {}): UserInfo {
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, AUTHENTICATED],
    ...(Object.keys(extra).length > 0 && { extra }),
  };
}
