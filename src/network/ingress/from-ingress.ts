import type { Ingress, IngressBackend, IngressClass } from '../../api/types/networking.v1.ts';
import type { Meter } from '../meter.ts';
import { NGINX } from './annotations.ts';
import type { Canary, PathMatch, RouteSource, Rule, Target } from './rule.ts';
import type { Protocol } from '../table/spec.ts';
import type { WeightedRoundRobin } from './weighted.ts';

/** What IngressClass objects must name for their Ingresses to be ours. */
export const CONTROLLER = 'coracle.dev/ingress';
export const CLASS_NAME = 'coracle';

/** What outlives a recompilation: counts and the turn of weighted backends, by key. */
export interface Keep {
  meter(source: RouteSource): Meter;
  weighted(key: string, weights: readonly number[]): WeightedRoundRobin;
}

/**
 * Whether an Ingress is ours. A class with an object of that name is ours when the object says so; a class without an object (old manifests name `nginx` or `traefik` where no such controller runs) and none
 * at all are.
 */
export function isOurs(ingress: Ingress, classes: readonly IngressClass[]): boolean {
  const name = ingress.spec.ingressClassName ?? ingress.metadata.annotations?.['kubernetes.io/ingress.class'];
  const found = classes.find((c) => c.metadata.name === name);
  return found === undefined || found.spec.controller === CONTROLLER;
}

interface Path {
  readonly ingress: Ingress;
  readonly host: string;
  readonly path: PathMatch;
  readonly fallback: boolean;
  readonly target: Target;
  readonly age: string;
}

/** Compiles Ingresses, and the canaries among them (nginx' annotations), to rules. */
export function rulesOfIngresses(ingresses: readonly Ingress[], keep: Keep): Rule[] {
  const byAge = [...ingresses].sort((a, b) => (ageOf(a) < ageOf(b) ? -1 : 1));
  const isCanary = (ingress: Ingress) => annotation(ingress, 'canary') === 'true';
  const main = byAge.filter((ingress) => !isCanary(ingress)).flatMap(pathsOf);
  const canaries = byAge.filter(isCanary).flatMap(pathsOf);
  return main.map((path) => ruleOf(path, canaries.filter((canary) => canary.host === path.host && canary.path.value === path.path.value && canary.fallback === path.fallback), keep));
}

function ruleOf(path: Path, alternatives: readonly Path[], keep: Keep): Rule {
  const { ingress } = path;
  const source: RouteSource = { kind: 'Ingress', namespace: ingress.metadata.namespace ?? '', name: ingress.metadata.name ?? '', host: path.host, path: path.path.value };
  const targets = [path.target, ...alternatives.map((a) => a.target)];
  const weights = weightsOf(alternatives.map((a) => a.ingress));
  const turn = keep.weighted(`Ingress ${source.namespace}/${source.name} ${path.host}${path.path.value} ${targets.map((t) => `${t.service}:${t.port}`).join(' ')}`, weights);
  const rewrite = annotation(ingress, 'rewrite-target');
  const timeout = Number(annotation(ingress, 'proxy-read-timeout') ?? Number.NaN);
  return {
    host: path.host,
    oneLabel: true,
    scheme: undefined,
    path: path.path,
    method: undefined,
    headers: [],
    query: [],
    action: {
      kind: 'forward',
      targets,
      pick: targets.length === 1 ? () => 0 : turn.next,
      mirrors: [],
      canaries: alternatives.flatMap((a, i) => canaryOf(a.ingress, i + 1)),
      rewrite: rewrite === undefined ? undefined : { hostname: undefined, path: path.path.type === 'Regex' ? { type: 'regex', value: rewrite } : { type: 'full', value: rewrite } },
      requestHeaders: undefined,
      responseHeaders: undefined,
    },
    timeoutMs: timeout > 0 ? timeout * 1000 : undefined,
    forceTls: annotation(ingress, 'force-ssl-redirect') === 'true' || (annotation(ingress, 'ssl-redirect') === 'true' && (ingress.spec.tls ?? []).length > 0),
    fallback: path.fallback,
    source,
    meter: keep.meter(source),
    age: path.age,
  };
}

/** Weights of the main backend and its canaries; a canary's total defaults to 100. */
export function weightsOf(canaries: readonly Ingress[]): number[] {
  const shares = canaries.map((ingress) => {
    const weight = Number(annotation(ingress, 'canary-weight') ?? 0);
    const total = Number(annotation(ingress, 'canary-weight-total') ?? 100);
    return Number.isFinite(weight) && total > 0 ? Math.max(0, Math.min(1, weight / total)) : 0;
  });
  const sum = shares.reduce((a, b) => a + b, 0);
  const scale = sum > 1 ? 1 / sum : 1;
  return [Math.max(0, 1 - sum), ...shares.map((share) => share * scale)].map((share) => Math.round(share * 1e6));
}

function canaryOf(ingress: Ingress, index: number): Canary[] {
  const header = annotation(ingress, 'canary-by-header');
  const cookie = annotation(ingress, 'canary-by-cookie');
  if (header === undefined && cookie === undefined) return [];
  const pattern = annotation(ingress, 'canary-by-header-pattern');
  return [{ index, header: header?.toLowerCase(), headerValue: annotation(ingress, 'canary-by-header-value'), headerPattern: pattern === undefined ? undefined : regexOf(pattern), cookie }];
}

function pathsOf(ingress: Ingress): Path[] {
  const { spec } = ingress;
  const found: Path[] = [];
  const usesRegex = annotation(ingress, 'use-regex') === 'true' || /\$\d/.test(annotation(ingress, 'rewrite-target') ?? '');
  const age = ageOf(ingress);
  const add = (host: string, path: PathMatch, backend: IngressBackend, fallback: boolean) =>
    found.push({ ingress, host: host.toLowerCase(), path, fallback, target: targetOf(ingress, backend), age: `${age} ${String(found.length).padStart(4, '0')}` });
  for (const rule of spec.rules ?? []) {
    for (const path of rule.http?.paths ?? []) add(rule.host ?? '', pathMatch(path.path, path.pathType, usesRegex), path.backend, false);
    if (spec.defaultBackend) add(rule.host ?? '', ROOT, spec.defaultBackend, true);
  }
  // Also for hosts that no Ingress names (networking/v1 IngressSpec.defaultBackend).
  if (spec.defaultBackend) add('', ROOT, spec.defaultBackend, true);
  return found;
}

const ROOT: PathMatch = { type: 'Prefix', value: '/' };

function pathMatch(path: string | undefined, type: string, usesRegex: boolean): PathMatch {
  const value = path === undefined || path === '' ? '/' : path;
  if (type === 'Exact') return { type: 'Exact', value };
  if (usesRegex && type === 'ImplementationSpecific') return { type: 'Regex', value, regex: regexOf(`^${value}`) };
  return { type: 'Prefix', value };
}

function targetOf(ingress: Ingress, backend: IngressBackend): Target {
  const { service } = backend;
  const common = { namespace: ingress.metadata.namespace ?? '', protocol: backendProtocol(ingress), requestHeaders: undefined, responseHeaders: undefined };
  if (!service) return { ...common, service: '', port: 0, invalid: 'resource backends are not supported' };
  return { ...common, service: service.name, port: service.port?.name || (service.port?.number ?? 0) };
}

/** nginx' backend-protocol; what it is not is said by annotations.ts. */
export function backendProtocol(ingress: Ingress): Protocol | undefined {
  const asked = annotation(ingress, 'backend-protocol')?.toUpperCase();
  return asked === undefined ? undefined : BACKEND_PROTOCOLS[asked];
}

const BACKEND_PROTOCOLS: Readonly<Record<string, Protocol>> = { HTTP: 'http', HTTPS: 'https', GRPC: 'h2c', GRPCS: 'h2' };

/** The regular expressions of an Ingress that are none; what they would match is served by nobody. */
export function badPatterns(ingress: Ingress): string[] {
  const paths = pathsOf(ingress).flatMap(({ path }) => (path.type === 'Regex' && path.regex === NOTHING ? [path.value] : []));
  const header = annotation(ingress, 'canary-by-header-pattern');
  return [...new Set([...paths, ...(header !== undefined && regexOf(header) === NOTHING ? [header] : [])])];
}

const NOTHING = /(?!)/;

/** A pattern that does not compile matches nothing: one bad Ingress must not take down the others. */
function regexOf(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch {
    return NOTHING;
  }
}

const annotation = (ingress: Ingress, name: string): string | undefined => ingress.metadata.annotations?.[`${NGINX}${name}`];
const ageOf = ({ metadata }: Ingress): string => `${metadata.creationTimestamp ?? ''} ${metadata.namespace ?? ''}/${metadata.name ?? ''}`;
