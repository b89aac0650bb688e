import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { badRequest, unauthorized } from '../../api/errors.ts';
import type { ApiRequest } from '../http/reply.ts';
import { anonymous, AUTHENTICATED, UNAUTHENTICATED, type UserInfo } from '../user.ts';
import type { Attributes } from '../authz/attributes.ts';
import { refusal } from '../authz/attributes.ts';
import { ISSUER, type TokenAuthority } from './tokens.ts';

/** A token that never expires, from a list given at start (kube-apiserver's --token-auth-file). */
export interface StaticToken {
  readonly token: string;
  readonly user: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
}

export type TokenCheck = { readonly user: UserInfo; readonly audiences: readonly string[] } | string | undefined;

/** Reads a static token list: lines of `token,user,uid,"group1,group2"`. Throws when a line has too few columns. */
export function parseTokenFile(text: string): StaticToken[] {
  return text.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#')).map((line) => {
    const columns = [...line.matchAll(/("([^"]*)"|[^,]*)(?:,|$)/g)].map((match) => (match[2] ?? match[1] ?? '').trim());
    const [token = '', user = '', uid = '', groups = ''] = columns;
    if (token === '' || user === '') throw new Error('token file must have at least 3 columns (token, user name, user uid)');
    return { token, user, uid, groups: groups.split(',').map((group) => group.trim()).filter(Boolean) };
  });
}

/** Who a bearer token speaks for. */
export function tokenChecker(authority: TokenAuthority, fixed: readonly StaticToken[]): (token: string) => TokenCheck {
  const known = new Map(fixed.map(({ token, user, uid, groups }) => [token, { name: user, ...(uid && { uid }), groups: [...(groups ?? []), AUTHENTICATED] }]));
  return (token) => {
    const user = known.get(token);
    return user ? { user, audiences: [ISSUER] } : authority.check(token);
  };
}

const certificates = new WeakMap<TLSSocket, { readonly user: UserInfo; readonly until: number } | null>();

/** The user of a connection's client certificate: CN and O. undefined when there is none that our CA signed. */
function certificateUser(socket: TLSSocket, nowMs: number): UserInfo | undefined {
  let known = certificates.get(socket);
  if (known === undefined) {
    const peer = socket.authorized ? socket.getPeerX509Certificate() : undefined;
    known = peer ? { user: subjectUser(peer), until: Date.parse(peer.validTo) } : null;
    certificates.set(socket, known);
  }
  return known && nowMs < known.until && known.user.name !== '' ? known.user : undefined;
}

function subjectUser(certificate: X509Certificate): UserInfo {
  const parts = certificate.subject.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const);
  const all = (name: string) => parts.filter(([key]) => key === name).map(([, value]) => value.replaceAll('\\', ''));
  return { name: all('CN')[0] ?? '', groups: [...all('O'), AUTHENTICATED], extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${certificate.fingerprint256.replaceAll(':', '').toLowerCase()}`] } };
}

/** Who asks: the bearer of a token, the holder of a certificate, or nobody known. Throws Unauthorized for a credential that does not hold. */
export function authenticate(request: ApiRequest, socket: TLSSocket, checkToken: (token: string) => TokenCheck, nowMs: number): UserInfo {
  const byCertificate = certificateUser(socket, nowMs);
  if (byCertificate) return byCertificate;
  const { authorization } = request.headers;
  const token = bearer(typeof authorization === 'string' ? authorization : undefined) ?? webSocketToken(request);
  if (token === undefined) {
    if (authorization !== undefined) throw unauthorized();
    return anonymous;
  }
  const found = checkToken(token);
  if (found === undefined || typeof found === 'string' || !found.audiences.includes(ISSUER)) throw unauthorized();
  return found.user;
}

function bearer(header: string | undefined): string | undefined {
  const match = header === undefined ? null : /^bearer +(\S+) *$/i.exec(header);
  return match?.[1];
}

/** Browsers can set no header on a WebSocket: the token comes as a subprotocol (apiserver pkg/authentication/request/websocket). */
function webSocketToken(request: ApiRequest): string | undefined {
  const protocols = request.headers['sec-websocket-protocol'];
  if (typeof protocols !== 'string') return undefined;
  const prefix = 'base64url.bearer.authorization.k8s.io.';
  const found = protocols.split(',').map((text) => text.trim()).find((text) => text.startsWith(prefix));
  return found && Buffer.from(found.slice(prefix.length), 'base64url').toString('utf8');
}

/**
 * The user to act as, when impersonation headers are there and the asker may (apiserver pkg/endpoints/filters/impersonation.go). Throws Forbidden, or an error for groups without a user.
 */
export function impersonate(user: UserInfo, request: ApiRequest, allowed: (attributes: Attributes) => { allowed: boolean; reason: string }): UserInfo {
  const { headers } = request;
  const name = first(headers['impersonate-user']);
  const groups = list(headers['impersonate-group']);
  const uid = first(headers['impersonate-uid']);
  const extras = Object.entries(headers).filter(([key]) => key.startsWith('impersonate-extra-')).map(([key, value]) => [decodeExtra(key.slice('impersonate-extra-'.length)), list(value)] as const);
  if (name === undefined) {
    if (groups.length === 0 && uid === undefined && extras.length === 0) return user;
    // Upstream answers 500; it is the client's mistake all the same.
    throw badRequest('requested groups, a uid or extra fields to be impersonated without impersonating a user');
  }
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name);
  const may = (group: string, resource: string, subresource: string, namespace: string, value: string) => {
    const asked: Attributes = { user, verb: 'impersonate', isResource: true, group, version: 'v1', resource, subresource, namespace, name: value, path: '' };
    const decision = allowed(asked);
    if (!decision.allowed) throw refusal(asked, decision.reason);
  };
  if (account) may('', 'serviceaccounts', '', account[1]!, account[2]!);
  else may('', 'users', '', '', name);
  for (const group of groups) may('', 'groups', '', '', group);
  if (uid !== undefined) may('authentication.k8s.io', 'uids', '', '', uid);
  for (const [key, values] of extras) for (const value of values) may('authentication.k8s.io', 'userextras', key, '', value);
  const own = account && groups.length === 0 ? ['system:serviceaccounts', `system:serviceaccounts:${account[1]}`] : groups;
  const known = name === anonymous.name ? UNAUTHENTICATED : AUTHENTICATED;
  return {
    name,
    groups: own.includes(known) ? own : [...own, known],
    ...(uid !== undefined && { uid }),
    ...(extras.length > 0 && { extra: Object.fromEntries(extras) }),
  };
}

function first(value: string | string[] | undefined): string | undefined {
  const text = Array.isArray(value) ? value[0] : value;
  return text === '' ? undefined : text;
}

/** Node joins a repeated header with a comma and a space; a group's name has neither. */
function list(value: string | string[] | undefined): string[] {
  return (Array.isArray(value) ? value : value === undefined ? [] : value.split(', ')).filter(Boolean);
}

function decodeExtra(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}
