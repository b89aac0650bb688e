import { GROUP, type Gateway, type HeaderModifier, type HttpBackendRef, type HttpRoute, type HttpRouteFilter, type HttpRouteMatch, type HttpRouteRule, type ParentRef, type PathModifier } from './gateway-types.ts';
import type { Keep } from './from-ingress.ts';
import { allowsNamespace, mayRefer, type CheckedListener, type Problem, type References } from './listeners.ts';
import type { Action, HeaderChange, Mirror, PathChange, PathMatch, RouteSource, Rule, Scheme, Target, ValueMatch } from './rule.ts';

/** What a GatewayClass must name for its Gateways to be ours. */
export const GATEWAY_CONTROLLER = 'coracle.dev/gateway';

/** A host, and how its requests come in. */
export interface Place {
  readonly host: string;
  readonly scheme: Scheme;
}

/** One of a route's parents: the listeners that take it, or why none does. */
export interface Attachment {
  readonly ref: ParentRef;
  readonly gateway: Gateway;
  /** Names of listeners. */
  readonly listeners: readonly string[];
  readonly places: readonly Place[];
  /** A reason of RouteConditionAccepted. */
  readonly reason: 'Accepted' | 'NoMatchingListenerHostname' | 'NotAllowedByListeners' | 'NoMatchingParent';
}

/** A Gateway of ours with what is made of its listeners. */
export interface CheckedGateway {
  readonly gateway: Gateway;
  readonly listeners: readonly CheckedListener[];
}

/** Where a route attaches among our Gateways: by its parentRefs, the listeners' allowedRoutes and their host names. */
export function attachments(route: HttpRoute, gateways: readonly CheckedGateway[], references: References, kind: RouteKind = 'HTTPRoute'): Attachment[] {
  const namespace = route.metadata.namespace ?? '';
  return (route.spec?.parentRefs ?? []).flatMap((ref): Attachment[] => {
    if ((ref.kind ?? 'Gateway') !== 'Gateway') return [];
    const own = ref.namespace ?? namespace;
    const found = gateways.find(({ gateway }) => gateway.metadata.name === ref.name && gateway.metadata.namespace === own);
    if (!found) return [];
    const { gateway } = found;
    const refused = (reason: Attachment['reason']): Attachment[] => [{ ref, gateway, listeners: [], places: [], reason }];
    const named = found.listeners.filter(({ listener: l }) => (ref.sectionName === undefined || l.name === ref.sectionName) && (ref.port === undefined || l.port === ref.port));
    if (named.length === 0) return refused('NoMatchingParent');
    const allowed = named.filter((l) => l.routes.includes(kind) && l.notAccepted === undefined && allowsNamespace(l.listener, own, namespace, references));
    if (allowed.length === 0) return refused('NotAllowedByListeners');
    const fitting = allowed.map((l) => ({ ...l, hosts: commonHosts(l.listener.hostname, route.spec?.hostnames) })).filter(({ hosts }) => hosts.length > 0);
    if (fitting.length === 0) return refused('NoMatchingListenerHostname');
    const places = fitting.flatMap(({ scheme, hosts }) => (scheme === undefined ? [] : hosts.map((host) => ({ host, scheme }))));
    return [{ ref, gateway, listeners: fitting.map(({ listener }) => listener.name), places, reason: 'Accepted' }];
  });
}

/** The host names that a listener and a route share; '' for all. The more exact of two that overlap. */
export function commonHosts(listener: string | undefined, route: readonly string[] | undefined): string[] {
  const own = (route ?? []).map((host) => host.toLowerCase());
  const offered = (listener ?? '').toLowerCase();
  if (own.length === 0) return [offered];
  if (offered === '') return own;
  return own.flatMap((host) => (host === offered || covers(offered, host) ? [host] : covers(host, offered) ? [offered] : []));
}

const covers = (wildcard: string, host: string): boolean => wildcard.startsWith('*.') && host.endsWith(wildcard.slice(1)) && host !== wildcard;

/** What became of a route's rules: usable ones, and sentences about what cannot be had. */
export interface CompiledRoute {
  readonly rules: readonly Rule[];
  readonly unsupported: readonly string[];
  readonly unresolved: readonly Problem[];
}

export type RouteKind = 'HTTPRoute' | 'GRPCRoute';

/** Compiles a route (a GRPCRoute as what it stands for) for the places that it has been given. */
export function rulesOfRoute(route: HttpRoute, places: readonly Place[], keep: Keep, references: References, kind: RouteKind = 'HTTPRoute'): CompiledRoute {
  const namespace = route.metadata.namespace ?? '';
  const name = route.metadata.name ?? '';
  const unsupported: string[] = [];
  const unresolved: Problem[] = [];
  for (const rule of route.spec?.rules ?? []) unsupported.push(...badPatterns(rule));
  const rules = (route.spec?.rules ?? [{}]).flatMap((rule, position) =>
    places.flatMap(({ host, scheme }) =>
      (rule.matches && rule.matches.length > 0 ? rule.matches : [{}]).flatMap((match, matchPosition) => {
        const path = pathOf(match);
        const source: RouteSource = { kind, namespace, name, host, path: path.value };
        const action = actionOf(rule, kind, namespace, `${kind} ${namespace}/${name} ${position}`, keep, references, unsupported, unresolved);
        const made: Rule = {
          host,
          oneLabel: false,
          scheme,
          path,
          method: match.method,
          headers: (match.headers ?? []).map((h) => valueMatch({ ...h, name: h.name.toLowerCase() })),
          query: (match.queryParams ?? []).map(valueMatch),
          action,
          timeoutMs: milliseconds(rule.timeouts?.request) ?? milliseconds(rule.timeouts?.backendRequest),
          forceTls: false,
          fallback: false,
          source,
          meter: keep.meter(source),
          age: `${route.metadata.creationTimestamp ?? ''} ${namespace}/${name} ${pad(position)} ${pad(matchPosition)}`,
        };
        return [made];
      }),
    ),
  );
  return { rules, unsupported: [...new Set(unsupported)], unresolved: [...new Map(unresolved.map((problem) => [problem.message, problem])).values()] };
}

function actionOf(rule: HttpRouteRule, kind: RouteKind, namespace: string, key: string, keep: Keep, references: References, unsupported: string[], unresolved: Problem[]): Action {
  const filters = rule.filters ?? [];
  const unknown = [...filters.filter((f) => !SUPPORTED.has(f.type)), ...(rule.backendRefs ?? []).flatMap((ref) => ref.filters ?? []).filter((f) => !OF_BACKENDS.has(f.type))].map((f) => `filter ${f.type} is not supported${SUPPORTED.has(f.type) ? ' on a backend; put it on the rule' : ''}`);
  unsupported.push(...unknown);
  // A filter that cannot be applied must not be skipped (HTTPRouteFilter in the Gateway API).
  if (unknown.length > 0) return { kind: 'refuse', status: 500, why: unknown.join('; ') };
  const redirect = filters.find((f) => f.type === 'RequestRedirect')?.requestRedirect;
  if (redirect) {
    return { kind: 'redirect', redirect: { scheme: redirect.scheme, hostname: redirect.hostname, port: redirect.port, path: pathChange(redirect.path), status: redirect.statusCode ?? 302 } };
  }
  const rewrite = filters.find((f) => f.type === 'URLRewrite')?.urlRewrite;
  const checked = (rule.backendRefs ?? []).map((ref) => ({ ref, invalid: whyNot(ref, kind, namespace, references) }));
  for (const { invalid } of checked) if (invalid) unresolved.push(invalid);
  // Nothing goes to a backend of weight 0, not even when it is the only one.
  const live = checked.filter(({ ref }) => (ref.weight ?? 1) > 0);
  if (live.length === 0) return { kind: 'refuse', status: 500, why: 'no backend has any weight' };
  const targets = live.map(({ ref, invalid }): Target => {
    return { namespace: ref.namespace ?? namespace, service: ref.name, port: ref.port ?? 0, protocol: SPOKEN[kind], ...(invalid !== undefined && { invalid: invalid.message }), requestHeaders: headersOf(ref.filters, 'RequestHeaderModifier'), responseHeaders: headersOf(ref.filters, 'ResponseHeaderModifier') };
  });
  const weights = live.map(({ ref }) => ref.weight ?? 1);
  const turn = keep.weighted(`${key} ${targets.map((t) => `${t.namespace}/${t.service}:${t.port}`).join(' ')}`, weights);
  return {
    kind: 'forward',
    targets,
    pick: turn.next,
    canaries: [],
    mirrors: mirrorsOf(filters, kind, namespace, key, keep, references, unresolved),
    rewrite: rewrite && { hostname: rewrite.hostname, path: pathChange(rewrite.path) },
    requestHeaders: headersOf(filters, 'RequestHeaderModifier'),
    responseHeaders: headersOf(filters, 'ResponseHeaderModifier'),
  };
}

/** gRPC is HTTP/2, whether or not the Service says so; for the rest the Service's port speaks. */
const SPOKEN = { HTTPRoute: undefined, GRPCRoute: 'h2c' } as const;

const SUPPORTED = new Set(['RequestHeaderModifier', 'ResponseHeaderModifier', 'RequestMirror', 'RequestRedirect', 'URLRewrite']);

/** A mirror that cannot be used is left out: the request itself is none the worse (HTTPRequestMirrorFilter.backendRef). */
function mirrorsOf(filters: readonly HttpRouteFilter[], kind: RouteKind, namespace: string, key: string, keep: Keep, references: References, unresolved: Problem[]): Mirror[] {
  return filters.flatMap(({ requestMirror: { backendRef: ref, percent, fraction } = {} }, position) => {
    if (!ref) return [];
    const problem = whyNot(ref, kind, namespace, references);
    if (problem) {
      unresolved.push(problem);
      return [];
    }
    const target = { namespace: ref.namespace ?? namespace, service: ref.name, port: ref.port ?? 0, protocol: SPOKEN[kind], requestHeaders: undefined, responseHeaders: undefined };
    const [share, whole] = fraction ? [fraction.numerator, fraction.denominator ?? 100] : [percent ?? 100, 100];
    const turn = keep.weighted(`${key} mirror ${position}`, [share, Math.max(0, whole - share)]);
    return [{ target, take: () => turn.next() === 0 }];
  });
}

const OF_BACKENDS = new Set(['RequestHeaderModifier', 'ResponseHeaderModifier']);

/** Why a backend cannot be used, with a reason of RouteConditionResolvedRefs. */
function whyNot(ref: HttpBackendRef, kind: RouteKind, namespace: string, references: References): Problem | undefined {
  const to = { group: ref.group ?? '', kind: ref.kind ?? 'Service', namespace: ref.namespace ?? namespace, name: ref.name };
  if (to.kind !== 'Service' || to.group !== '') return { reason: 'InvalidKind', message: `backend kind ${to.kind} is not supported; use a Service` };
  if (!mayRefer({ group: GROUP, kind, namespace }, to, references.grants)) return { reason: 'RefNotPermitted', message: `backend ${to.namespace}/${to.name} is in another namespace, and no ReferenceGrant there allows it` };
  if (ref.port === undefined) return { reason: 'UnsupportedValue', message: `backend ${to.name} has no port` };
  return references.hasService(to.namespace, to.name) ? undefined : { reason: 'BackendNotFound', message: `service "${to.name}" not found${to.namespace === namespace ? '' : ` in namespace "${to.namespace}"`}` };
}

function headersOf(filters: readonly HttpRouteFilter[] | undefined, type: 'RequestHeaderModifier' | 'ResponseHeaderModifier'): HeaderChange | undefined {
  const filter = filters?.find((f) => f.type === type);
  const change: HeaderModifier | undefined = type === 'RequestHeaderModifier' ? filter?.requestHeaderModifier : filter?.responseHeaderModifier;
  if (!change) return undefined;
  const pairs = (list: HeaderModifier['set']) => (list ?? []).filter((h) => SAFE_NAME.test(h.name) && SAFE_VALUE.test(h.value)).map((h) => [h.name, h.value] as const);
  return { set: pairs(change.set), add: pairs(change.add), remove: change.remove ?? [] };
}

/** What may stand in a head: anything else could end the line and begin another. */
const SAFE_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const SAFE_VALUE = /^[\t\x20-\x7e]*$/;

/** Regular expressions that mean nothing; they match nothing. */
function badPatterns({ matches = [] }: HttpRouteRule): string[] {
  const patterns = matches.flatMap(({ path, headers = [], queryParams = [] }) => [path, ...headers, ...queryParams]).flatMap((m) => (m?.type === 'RegularExpression' ? [m.value ?? ''] : []));
  return patterns.map(compiled).filter((made) => typeof made === 'string');
}

function pathOf(match: HttpRouteMatch): PathMatch {
  const value = match.path?.value ?? '/';
  switch (match.path?.type ?? 'PathPrefix') {
    case 'Exact':
      return { type: 'Exact', value };
    case 'RegularExpression':
      return { type: 'Regex', value, regex: regexOf(`^(?:${value})$`) };
    default:
      return { type: 'Prefix', value };
  }
}

const valueMatch = (match: { type?: string; name: string; value: string }): ValueMatch => ({ name: match.name, value: match.type === 'RegularExpression' ? regexOf(match.value) : match.value });

/** The expression, or why there is none. */
function compiled(pattern: string): RegExp | string {
  try {
    return new RegExp(pattern);
  } catch {
    return `${JSON.stringify(pattern)} is no regular expression`;
  }
}

function regexOf(pattern: string): RegExp {
  const made = compiled(pattern);
  return typeof made === 'string' ? /(?!)/ : made;
}

function pathChange(path: PathModifier | undefined): PathChange | undefined {
  if (path?.type === 'ReplaceFullPath') return { type: 'full', value: path.replaceFullPath ?? '/' };
  if (path?.type === 'ReplacePrefixMatch') return { type: 'prefix', value: path.replacePrefixMatch ?? '/' };
  return undefined;
}

/** A Gateway API duration (GEP-2257: `1h30m10s500ms`); 0 means no limit. */
export function milliseconds(duration: string | undefined): number | undefined {
  if (duration === undefined || !/^(\d{1,5}(h|m|s|ms)){1,4}$/.test(duration)) return undefined;
  let total = 0;
  for (const [, digits, unit] of duration.matchAll(/(\d+)(ms|h|m|s)/g)) total += Number(digits) * (unit === 'h' ? 3_600_000 : unit === 'm' ? 60_000 : unit === 's' ? 1_000 : 1);
  return total === 0 ? undefined : total;
}

const pad = (position: number): string => String(position).padStart(4, '0');
