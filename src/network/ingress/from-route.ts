import type { Gateway, GatewayListener, HeaderModifier, HttpBackendRef, HttpRoute, HttpRouteFilter, HttpRouteMatch, HttpRouteRule, ParentRef, PathModifier } from './gateway-types.ts';
import type { Keep } from './from-ingress.ts';
import type { Action, HeaderChange, PathChange, PathMatch, RouteSource, Rule, Target, ValueMatch } from './rule.ts';

/** What a GatewayClass must name for its Gateways to be ours. */
export const GATEWAY_CONTROLLER = 'coracle.dev/gateway';

/** A parent that takes a route, and the host names that come of it; or why it does not. */
export interface Attachment {
  readonly ref: ParentRef;
  readonly gateway: Gateway;
  readonly hosts: readonly string[];
  /** A reason of RouteConditionAccepted when there are no hosts. */
  readonly reason: 'Accepted' | 'NoMatchingListenerHostname' | 'NotAllowedByListeners' | 'NoMatchingParent';
}

/** Where a route attaches among our Gateways: by its parentRefs, the listeners' allowedRoutes and their host names. */
export function attachments(route: HttpRoute, gateways: readonly Gateway[]): Attachment[] {
  const namespace = route.metadata.namespace ?? '';
  return (route.spec?.parentRefs ?? []).flatMap((ref): Attachment[] => {
    if ((ref.kind ?? 'Gateway') !== 'Gateway') return [];
    const gateway = gateways.find((g) => g.metadata.name === ref.name && g.metadata.namespace === (ref.namespace ?? namespace));
    if (!gateway) return [];
    const named = (gateway.spec?.listeners ?? []).filter((l) => (ref.sectionName === undefined || l.name === ref.sectionName) && (ref.port === undefined || l.port === ref.port) && isHttp(l));
    if (named.length === 0) return [{ ref, gateway, hosts: [], reason: 'NoMatchingParent' }];
    const allowed = named.filter((l) => (l.allowedRoutes?.namespaces?.from ?? 'Same') === 'All' || gateway.metadata.namespace === namespace);
    if (allowed.length === 0) return [{ ref, gateway, hosts: [], reason: 'NotAllowedByListeners' }];
    const hosts = [...new Set(allowed.flatMap((l) => commonHosts(l.hostname, route.spec?.hostnames)))];
    return [{ ref, gateway, hosts, reason: hosts.length > 0 ? 'Accepted' : 'NoMatchingListenerHostname' }];
  });
}

const isHttp = (listener: GatewayListener): boolean => listener.protocol === 'HTTP' || listener.protocol === 'HTTPS';

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
  readonly unresolved: readonly string[];
}

/** Compiles a route for `hosts`. `hasService`: whether a backend can be found. */
export function rulesOfRoute(route: HttpRoute, hosts: readonly string[], keep: Keep, hasService: (namespace: string, name: string) => boolean): CompiledRoute {
  const namespace = route.metadata.namespace ?? '';
  const name = route.metadata.name ?? '';
  const unsupported: string[] = [];
  const unresolved: string[] = [];
  const rules = (route.spec?.rules ?? [{}]).flatMap((rule, position) =>
    hosts.flatMap((host) =>
      (rule.matches && rule.matches.length > 0 ? rule.matches : [{}]).flatMap((match, matchPosition) => {
        const path = pathOf(match);
        const source: RouteSource = { kind: 'HTTPRoute', namespace, name, host, path: path.value };
        const action = actionOf(rule, namespace, `HTTPRoute ${namespace}/${name} ${position}`, keep, hasService, unsupported, unresolved);
        const made: Rule = {
          host,
          oneLabel: false,
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
  return { rules, unsupported: [...new Set(unsupported)], unresolved: [...new Set(unresolved)] };
}

function actionOf(rule: HttpRouteRule, namespace: string, key: string, keep: Keep, hasService: (namespace: string, name: string) => boolean, unsupported: string[], unresolved: string[]): Action {
  const filters = rule.filters ?? [];
  for (const filter of filters) if (!SUPPORTED.has(filter.type)) unsupported.push(`filter ${filter.type} is not supported`);
  const redirect = filters.find((f) => f.type === 'RequestRedirect')?.requestRedirect;
  if (redirect) {
    return { kind: 'redirect', redirect: { scheme: redirect.scheme, hostname: redirect.hostname, port: redirect.port, path: pathChange(redirect.path), status: redirect.statusCode ?? 302 } };
  }
  const rewrite = filters.find((f) => f.type === 'URLRewrite')?.urlRewrite;
  const refs = rule.backendRefs ?? [];
  const targets = refs.map((ref): Target => {
    const invalid = whyNot(ref, namespace, hasService);
    if (invalid !== undefined) unresolved.push(invalid);
    return { namespace, service: ref.name, port: ref.port ?? 0, ...(invalid !== undefined && { invalid }), requestHeaders: headersOf(ref.filters, 'RequestHeaderModifier'), responseHeaders: headersOf(ref.filters, 'ResponseHeaderModifier') };
  });
  const weights = refs.map((ref) => ref.weight ?? 1);
  const turn = keep.weighted(`${key} ${targets.map((t) => `${t.service}:${t.port}`).join(' ')}`, weights);
  return {
    kind: 'forward',
    targets,
    pick: turn.next,
    canaries: [],
    rewrite: rewrite && { hostname: rewrite.hostname, path: pathChange(rewrite.path) },
    requestHeaders: headersOf(filters, 'RequestHeaderModifier'),
    responseHeaders: headersOf(filters, 'ResponseHeaderModifier'),
  };
}

const SUPPORTED = new Set(['RequestHeaderModifier', 'ResponseHeaderModifier', 'RequestRedirect', 'URLRewrite']);

/** Why a backend cannot be used. Services of other namespaces need a ReferenceGrant, which is not supported: they are refused. */
function whyNot(ref: HttpBackendRef, namespace: string, hasService: (namespace: string, name: string) => boolean): string | undefined {
  if ((ref.kind ?? 'Service') !== 'Service' || (ref.group ?? '') !== '') return `backend kind ${ref.kind ?? ref.group} is not supported`;
  if (ref.namespace !== undefined && ref.namespace !== namespace) return `backend ${ref.namespace}/${ref.name} is in another namespace, and ReferenceGrants are not supported`;
  if (ref.port === undefined) return `backend ${ref.name} has no port`;
  return hasService(namespace, ref.name) ? undefined : `service "${ref.name}" not found`;
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

function regexOf(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch {
    return /(?!)/;
  }
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
