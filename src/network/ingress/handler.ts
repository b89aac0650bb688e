import type { Clock } from '../../base/clock.ts';
import type { RequestHandler } from '../http1/downstream.ts';
import type { Forward, RequestCopy } from '../http1/exchange.ts';
import type { RequestHead, ResponseHead } from '../http1/head.ts';
import { mirror } from '../http1/mirror.ts';
import { textReply, type Reply } from '../http1/reply.ts';
import type { Backend } from '../table/backend.ts';
import type { Endpoint } from '../table/endpoint.ts';
import type { RoutingTable } from '../table/table.ts';
import type { Router } from './router.ts';
import { changeHeaders, changePath, visible, type Action, type Canary, type HeaderChange, type Mirror, type RequestView, type Rule, type Scheme, type Target } from './rule.ts';
import { protocolOf, type Protocol } from '../table/spec.ts';
import { locate, type Location } from './target.ts';

/** One line of the access log. */
export interface AccessRecord {
  /** ms since the epoch, at the end of the request. */
  readonly at: number;
  readonly client: string;
  readonly method: string;
  readonly host: string;
  readonly target: string;
  /** 0 when the client went away first. */
  readonly status: number;
  readonly ms: number;
  /** `namespace/name` of the pod that answered, and of the route; '' when none did. */
  readonly pod: string;
  readonly route: string;
  readonly service: string;
}

/** What the ingress' connections share. */
export interface IngressContext {
  readonly clock: Clock;
  readonly table: RoutingTable;
  router(scheme: Scheme): Router;
  /** The ports of the ingress, which redirects name. */
  ports(): { readonly http: number; readonly https: number };
  /** Undefined while nobody reads the access log. */
  access(): ((record: AccessRecord) => void) | undefined;
}

/** Where a connection came in. */
export interface Entry {
  readonly client: string;
  readonly scheme: Scheme;
  readonly port: number;
}

/** Decides on the requests of one connection. */
export function ingressHandler(context: IngressContext, entry: Entry): RequestHandler {
  const forwarded = `X-Forwarded-For: ${entry.client}\r\nX-Real-IP: ${entry.client}\r\nX-Forwarded-Proto: ${entry.scheme}\r\nX-Forwarded-Port: ${entry.port}\r\nX-Forwarded-Host: `;
  return {
    clock: context.clock,
    suspect: context.table.suspect,
    route(request) {
      const location = request.method === 'CONNECT' ? undefined : locate(request.target, request.host);
      if (!location) return textReply(400, '400 the request target must be a path');
      const rule = context.router(entry.scheme).match(location.host, location.path, location.query, request);
      if (!rule) return logged(context, entry, request, textReply(404, 'default backend - 404'));
      if (rule.forceTls && entry.scheme === 'http') return logged(context, entry, request, movedTo(308, `https://${location.host}${shownPort('https', context.ports().https)}${location.target}`));
      if (rule.action.kind === 'redirect') return logged(context, entry, request, redirect(rule.action, rule, location, entry, context.ports()));
      if (rule.action.kind === 'refuse') return logged(context, entry, request, textReply(rule.action.status, `${rule.action.status} ${rule.action.why}`), rule);
      const way = wayTo(context.table, rule, rule.action, request, location, forwarded);
      const { mirrors } = rule.action;
      const copies = mirrors.length > 0 && !('why' in way) ? copiesFor(mirrors, context, entry, rule, request, location, forwarded) : undefined;
      return 'why' in way ? logged(context, entry, request, textReply(way.status, `${way.status} ${way.why}`), rule) : new RoutedRequest(context, entry, rule, way, forwarded, copies);
    },
  };
}

/** Where a request goes, and as what. */
interface Way {
  readonly backend: Backend;
  readonly protocol: Protocol;
  readonly head: string;
  readonly responseFields: ((head: ResponseHead) => string) | undefined;
}

/** Why there is none: 500 for what the route has wrong, 503 for what may come to be. */
interface NoWay {
  readonly status: 500 | 503;
  readonly why: string;
}

function wayTo(table: RoutingTable, rule: Rule, action: Action & { kind: 'forward' }, request: RequestHead, location: Location, forwarded: string): Way | NoWay {
  const target = chooseTarget(action, request, table);
  if (target === undefined) return { status: 503, why: 'no backend has any weight' };
  if (target.invalid !== undefined) return { status: 500, why: target.invalid };
  const backend = table.backend(target.namespace, target.service, target.port);
  if (!backend) return { status: 503, why: table.has(target.namespace, target.service) ? `service "${target.namespace}/${target.service}" has no port ${target.port}` : `service "${target.namespace}/${target.service}" not found` };
  return { backend, protocol: spokenTo(target, backend), head: upstreamHead(request, location, rule, target, forwarded), responseFields: responseChange(action.responseHeaders, target.responseHeaders) };
}

/** What the route says, else what the Service says of its port. */
const spokenTo = (target: Target, backend: Backend): Protocol => target.protocol ?? protocolOf(backend.spec.appProtocol) ?? 'http';

function copiesFor(mirrors: readonly Mirror[], { table, clock }: IngressContext, { client }: Entry, rule: Rule, request: RequestHead, location: Location, forwarded: string): RequestCopy[] {
  return mirrors.flatMap(({ target, take }) => {
    const backend = table.backend(target.namespace, target.service, target.port);
    return take() && backend?.open ? [mirror(backend, spokenTo(target, backend), upstreamHead(request, location, rule, target, forwarded), client, clock, table.suspect)] : [];
  });
}

/** A request on its way along a rule. */
class RoutedRequest implements Forward {
  readonly kind = 'forward';
  readonly external = true;
  readonly timeoutMs: number | undefined;
  readonly copies: readonly RequestCopy[] | undefined;
  private way: Way;
  private readonly forwarded: string;
  private readonly context: IngressContext;
  private readonly entry: Entry;
  private readonly rule: Rule;

  constructor(context: IngressContext, entry: Entry, rule: Rule, way: Way, forwarded: string, copies: readonly RequestCopy[] | undefined) {
    this.context = context;
    this.entry = entry;
    this.rule = rule;
    this.way = way;
    this.forwarded = forwarded;
    this.timeoutMs = rule.timeoutMs;
    this.copies = copies;
    rule.meter.begin();
  }

  get backend(): Backend {
    return this.way.backend;
  }

  get head(): string {
    return this.way.head;
  }

  get protocol(): Protocol {
    return this.way.protocol;
  }

  get responseFields(): Way['responseFields'] {
    return this.way.responseFields;
  }

  /** The routes of now may know another way: a canary has been withdrawn while the request waited for it. */
  reroute(request: RequestHead): boolean {
    const { table } = this.context;
    const location = locate(request.target, request.host);
    const rule = location && this.context.router(this.entry.scheme).match(location.host, location.path, location.query, request);
    if (!rule || rule.action.kind !== 'forward') return false;
    const way = wayTo(table, rule, rule.action, request, location, this.forwarded);
    if ('why' in way || way.backend === this.way.backend || !way.backend.open) return false;
    this.way = way;
    return true;
  }

  finished(request: RequestHead, status: number, ms: number, endpoint: Endpoint | undefined): void {
    this.rule.meter.end(ms, status);
    const access = this.context.access();
    if (access) access(recordOf(this.context, this.entry, request, status, ms, endpoint, this.rule, this.backend));
  }
}

/** The head for the pod: hop-by-hop lines and what clients claim about forwarding are gone, ours are there. */
function upstreamHead(request: RequestHead, location: Location, rule: Rule, target: Target, forwarded: string): string {
  const { action } = rule;
  let path = location.target;
  let fields = request.fieldText(false);
  if (action.kind === 'forward') {
    if (action.rewrite?.path) {
      const query = location.target.indexOf('?');
      path = changePath(location.path, action.rewrite.path, rule.path) + (query < 0 ? '' : location.target.slice(query));
    }
    if (action.rewrite?.hostname !== undefined) fields = changeHeaders(fields, { set: [['Host', visible(action.rewrite.hostname)]], add: [], remove: [] });
    if (action.requestHeaders) fields = changeHeaders(fields, action.requestHeaders);
    if (target.requestHeaders) fields = changeHeaders(fields, target.requestHeaders);
  }
  // An upgrade to HTTP/2 is one of this hop (RFC 9113 3.1 knows it no more), and would lead past the rules for the requests behind it.
  const upgrade = request.upgrade ? (request.header('upgrade') ?? '') : '';
  const connection = upgrade !== '' && !/\bh2c\b/i.test(upgrade) ? `Connection: upgrade\r\nUpgrade: ${upgrade}\r\n` : request.host === '' ? 'Host: \r\n' : '';
  // Whatever the client speaks, the pod is spoken to in 1.1, over connections that are kept.
  return `${request.method} ${path} HTTP/1.1\r\n${fields}${connection}${forwarded}${request.host}\r\n\r\n`;
}

function responseChange(first: HeaderChange | undefined, second: HeaderChange | undefined): ((head: ResponseHead) => string) | undefined {
  if (!first && !second) return undefined;
  return (head) => {
    let fields = head.fieldText(false);
    if (second) fields = changeHeaders(fields, second);
    if (first) fields = changeHeaders(fields, first);
    return fields;
  };
}

/**
 * The target for this request: what a canary's header or cookie says, else by weight. A target without any prospect of an endpoint is passed over while another has one.
 */
function chooseTarget(action: Action & { kind: 'forward' }, request: RequestView, table: RoutingTable): Target | undefined {
  const { targets } = action;
  const usable = (index: number) => {
    const target = targets[index]!;
    return target.invalid === undefined && (table.backend(target.namespace, target.service, target.port)?.open ?? false);
  };
  const asked = chosenByClient(action.canaries, request);
  if (asked.index !== undefined && usable(asked.index)) return targets[asked.index]!;
  if (targets.length === 1) return targets[0];
  const any = targets.some((_, index) => usable(index));
  // What can never be used keeps its share, which is answered with 500 (HTTPRouteRule.backendRefs): a typing error must not look like a route that works.
  const index = action.pick((index) => !asked.never.includes(index) && (!any || targets[index]!.invalid !== undefined || usable(index)));
  return targets[index] ?? targets.find((_, i) => usable(i));
}

/** nginx' order: header, cookie, weight. `always` and `never` decide; other values leave it to the next. */
function chosenByClient(canaries: readonly Canary[], request: RequestView): { index: number | undefined; never: readonly number[] } {
  if (canaries.length === 0) return NOBODY;
  const never: number[] = [];
  for (const canary of canaries) {
    const header = canary.header === undefined ? undefined : request.header(canary.header);
    if (header !== undefined) {
      if (canary.headerValue !== undefined ? header === canary.headerValue : canary.headerPattern ? canary.headerPattern.test(header) : header === 'always') return { index: canary.index, never };
      if (canary.headerValue === undefined && !canary.headerPattern && header === 'never') {
        never.push(canary.index);
        continue;
      }
    }
    const cookie = canary.cookie === undefined ? undefined : cookieValue(request.header('cookie'), canary.cookie);
    if (cookie === 'always') return { index: canary.index, never };
    if (cookie === 'never') never.push(canary.index);
  }
  return { index: undefined, never };
}

const NOBODY = { index: undefined, never: [] } as const;

function cookieValue(header: string | undefined, name: string): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const equals = pair.indexOf('=');
    if (equals > 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return undefined;
}

function redirect(action: Action & { kind: 'redirect' }, rule: Rule, location: Location, entry: Entry, ports: { readonly http: number; readonly https: number }): Reply {
  const { scheme, hostname, port, path, status } = action.redirect;
  const to = scheme ?? entry.scheme;
  // Without a port, the one that the new scheme has, or that the request came in by (HTTPRequestRedirectFilter.port). To ourselves, the new scheme's is the one that we serve it on.
  const at = port ?? (scheme === undefined ? entry.port : hostname === undefined ? ports[to] : WELL_KNOWN[to]);
  const query = location.query === '' ? '' : `?${location.query}`;
  return movedTo(status, `${to}://${hostname ?? location.host}${shownPort(to, at)}${path ? changePath(location.path, path, rule.path) : location.path}${query}`);
}

const WELL_KNOWN = { http: 80, https: 443 } as const;
const shownPort = (scheme: Scheme, port: number): string => (port === WELL_KNOWN[scheme] ? '' : `:${port}`);

const movedTo = (status: number, where: string): Reply => ({ kind: 'reply', status, headers: [['Location', visible(where)]], body: '' });

function logged(context: IngressContext, entry: Entry, request: RequestHead, reply: Reply, rule?: Rule): Reply {
  context.access()?.(recordOf(context, entry, request, reply.status, 0, undefined, rule, undefined));
  return reply;
}

function recordOf(context: IngressContext, entry: Entry, request: RequestHead, status: number, ms: number, endpoint: Endpoint | undefined, rule: Rule | undefined, backend: Backend | undefined): AccessRecord {
  return {
    at: context.clock.now(),
    client: entry.client,
    method: request.method,
    host: request.host,
    target: request.target,
    status,
    ms,
    pod: endpoint?.pod ?? '',
    route: rule ? `${rule.source.namespace}/${rule.source.name}` : '',
    service: backend ? `${backend.namespace}/${backend.service}` : '',
  };
}
