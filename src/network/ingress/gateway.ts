import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { isReason } from '../../api/errors.ts';
import { CustomResourceDefinitions } from '../../api/kinds/apiextensions/custom-resource-definition.ts';
import { Namespaces } from '../../api/kinds/core/namespace.ts';
import type { KubeObject, ResourceType } from '../../api/object.ts';
import type { Condition } from '../../api/types/meta.v1.ts';
import { createInformer, type Client, type Informer } from '../../client/index.ts';
import type { TlsName } from './certificates.ts';
import { attachments, GATEWAY_CONTROLLER, rulesOfRoute, type Attachment, type CompiledRoute } from './from-route.ts';
import { CLASS_NAME, type Keep } from './from-ingress.ts';
import { asHttpRoute } from './from-grpc-route.ts';
import { GatewayClasses, Gateways, GrpcRoutes, HttpRoutes, ReferenceGrants, type Gateway, type GatewayClass, type HttpRoute } from './gateway-types.ts';
import { checkListeners, type CheckedListener, type References } from './listeners.ts';
import type { Rule } from './rule.ts';

export interface GatewayOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  /** Shown in the status of Gateways. */
  readonly addresses: readonly { readonly ip?: string; readonly hostname?: string }[];
  readonly hasService: References['hasService'];
  readonly certificateProblem: References['certificateProblem'];
  /** Something changed: compile again. */
  readonly changed: () => void;
}

/**
 * The Gateway API: GatewayClasses, Gateways, HTTPRoutes and GRPCRoutes, once their CustomResourceDefinitions are installed. Listeners are served on the ingress' own ports, HTTP on the one and HTTPS on the other, whatever port they
 * name.
 */
export interface GatewayController {
  start(): Promise<void>;
  stop(): void;
  /** Rules of all routes that are attached, and the certificates of their listeners; writes what became of each into its status. */
  compile(keep: Keep): { readonly rules: readonly Rule[]; readonly tls: readonly TlsName[] };
}

export function createGateways(options: GatewayOptions): GatewayController {
  const { client, clock, random } = options;
  const crds = createInformer(client, clock, random, CustomResourceDefinitions);
  const namespaces = createInformer(client, clock, random, Namespaces);
  const watched = new Map<string, Informer<KubeObject>>();
  let stopped = false;
  const informerOf = <T extends KubeObject>(type: ResourceType<T>) => watched.get(type.plural) as Informer<T> | undefined;
  const all = <T extends KubeObject>(type: ResourceType<T>) => informerOf(type)?.list() ?? [];

  const follow = <T extends KubeObject>(type: ResourceType<T>) => {
    const crd = crds.get('', `${type.plural}.${type.group}`);
    const served = crd?.spec.versions.some((v) => v.name === type.version && v.served) && crd.status?.conditions?.some((c) => c.type === 'Established' && c.status === 'True');
    if (served && !watched.has(type.plural)) {
      const informer = createInformer(client, clock, random, type);
      watched.set(type.plural, informer as unknown as Informer<KubeObject>);
      informer.onChange({ added: options.changed, updated: (old, next) => (sameButStatus(old, next) ? undefined : options.changed()), deleted: options.changed });
      void informer.start();
      if (type.plural === GatewayClasses.plural) void ensureClass(client).catch(() => {});
    } else if (!served && watched.has(type.plural)) {
      watched.get(type.plural)!.stop();
      watched.delete(type.plural);
      options.changed();
    }
  };
  const followAll = () => {
    if (stopped) return;
    follow(GatewayClasses);
    follow(Gateways);
    follow(HttpRoutes);
    follow(GrpcRoutes);
    follow(ReferenceGrants);
  };
  crds.onChange({ added: followAll, updated: followAll, deleted: followAll });
  // Listeners may choose routes by the labels of their namespaces.
  namespaces.onChange({ added: options.changed, updated: (old, next) => (sameLabels(old, next) ? undefined : options.changed()), deleted: options.changed });

  const now = () => new Date(clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');
  /** Writes a status when it says something new. What fails is written with the next change. */
  const write = <T extends KubeObject & { status?: object }>(type: ResourceType<T>, object: T, status: object) => {
    const merged = { ...object.status, ...status };
    if (JSON.stringify(canonical(merged)) === JSON.stringify(canonical(object.status ?? {}))) return;
    const { name, namespace } = object.metadata;
    client.patch(type, name!, { type: 'merge', body: { status } }, { namespace, subresource: 'status' }).catch(() => {});
  };

  return {
    async start() {
      await Promise.all([crds.start(), namespaces.start()]);
    },
    stop() {
      stopped = true;
      crds.stop();
      namespaces.stop();
      for (const informer of watched.values()) informer.stop();
    },
    compile(keep) {
      const classes = all(GatewayClasses).filter((c) => c.spec?.controllerName === GATEWAY_CONTROLLER);
      for (const one of classes) write(GatewayClasses, one, { conditions: conditions(one, one.status?.conditions, now(), [['Accepted', true, 'Accepted', 'handled by Coracle']]) });
      const references: References = {
        hasService: options.hasService,
        certificateProblem: options.certificateProblem,
        namespaceLabels: (name) => namespaces.get('', name)?.metadata.labels,
        grants: all(ReferenceGrants),
      };
      const gateways = all(Gateways)
        .filter((g) => classes.some((c) => c.metadata.name === g.spec?.gatewayClassName))
        .map((gateway) => ({ gateway, listeners: checkListeners(gateway, references), attached: new Map<string, number>() }));
      const rules: Rule[] = [];
      const routes = [...all(HttpRoutes).map((route) => ({ type: HttpRoutes, kind: 'HTTPRoute' as const, route })), ...all(GrpcRoutes).map((route) => ({ type: AS_HTTP, kind: 'GRPCRoute' as const, route: asHttpRoute(route) }))];
      for (const { type, kind, route } of routes) {
        const parents = attachments(route, gateways, references, kind);
        if (parents.length === 0) continue;
        const places = new Map(parents.flatMap((parent) => parent.places).map((place) => [`${place.scheme} ${place.host}`, place]));
        const compiled = rulesOfRoute(route, [...places.values()], keep, references, kind);
        rules.push(...compiled.rules);
        for (const { gateway, attached } of gateways) {
          const taking = new Set(parents.filter((parent) => parent.gateway === gateway).flatMap((parent) => parent.listeners));
          for (const name of taking) attached.set(name, (attached.get(name) ?? 0) + 1);
        }
        write(type, route, { parents: parentsOf(route, parents, compiled, now()) });
      }
      for (const { gateway, listeners, attached } of gateways) write(Gateways, gateway, gatewayStatus(gateway, listeners, attached, options.addresses, now()));
      return { rules, tls: gateways.flatMap(({ listeners }) => listeners.flatMap((l) => l.tls)) };
    },
  };
}

/** GRPCRoutes, as what `asHttpRoute` makes of them. */
const AS_HTTP: ResourceType<HttpRoute> = { ...HttpRoutes, kind: GrpcRoutes.kind, plural: GrpcRoutes.plural };

type Said = readonly [type: string, holds: boolean, reason: string, message: string];

/** Conditions with the time of their last change kept. */
function conditions(about: KubeObject, old: readonly Condition[] | undefined, now: string, said: readonly Said[]): Condition[] {
  return said.map(([type, holds, reason, message]) => {
    const status = holds ? 'True' : 'False';
    const before = old?.find((c) => c.type === type);
    return { type, status, reason, message, observedGeneration: about.metadata.generation ?? 0, lastTransitionTime: before?.status === status ? before.lastTransitionTime : now };
  });
}

function parentsOf(route: HttpRoute, parents: readonly Attachment[], compiled: CompiledRoute, now: string): unknown[] {
  const others = (route.status?.parents ?? []).filter((p) => p.controllerName !== GATEWAY_CONTROLLER);
  const mine = parents.map(({ ref, reason }) => {
    const before = route.status?.parents?.find((p) => p.controllerName === GATEWAY_CONTROLLER && JSON.stringify(canonical(p.parentRef)) === JSON.stringify(canonical(ref)))?.conditions;
    const accepted: Said =
      reason === 'Accepted' && compiled.unsupported.length > 0
        ? ['Accepted', false, 'UnsupportedValue', compiled.unsupported.join('; ')]
        : ['Accepted', reason === 'Accepted', reason, WHY_ATTACHED[reason]];
    const resolved: Said = compiled.unresolved.length > 0 ? ['ResolvedRefs', false, compiled.unresolved[0]!.reason, compiled.unresolved.map(({ message }) => message).join('; ')] : ['ResolvedRefs', true, 'ResolvedRefs', 'All references are resolved'];
    return { parentRef: ref, controllerName: GATEWAY_CONTROLLER, conditions: conditions(route, before, now, [accepted, resolved]) };
  });
  return [...others, ...mine];
}

const WHY_ATTACHED: Record<Attachment['reason'], string> = {
  Accepted: 'Route is accepted',
  NoMatchingListenerHostname: 'no listener has a host name in common with this route',
  NotAllowedByListeners: 'no listener takes routes of this kind from this namespace (allowedRoutes)',
  NoMatchingParent: 'the Gateway has no listener of this name and port',
};

function gatewayStatus(gateway: Gateway, listeners: readonly CheckedListener[], attached: ReadonlyMap<string, number>, addresses: GatewayOptions['addresses'], now: string): object {
  const before = gateway.status?.listeners as { name: string; conditions?: Condition[] }[] | undefined;
  const bad = listeners.filter((l) => l.notAccepted ?? l.unresolved);
  const some = listeners.some((l) => l.scheme !== undefined);
  return {
    addresses: addresses.map((a) => (a.ip !== undefined ? { type: 'IPAddress', value: a.ip } : { type: 'Hostname', value: a.hostname ?? '' })),
    conditions: conditions(gateway, gateway.status?.conditions, now, [
      bad.length === 0 ? ['Accepted', true, 'Accepted', 'handled by Coracle'] : ['Accepted', some, 'ListenersNotValid', bad.map((l) => `listener ${l.listener.name}: ${(l.notAccepted ?? l.unresolved)!.message}`).join('; ')],
      some ? ['Programmed', true, 'Programmed', "served on the ingress' ports"] : ['Programmed', false, 'Invalid', 'no listener can be served'],
    ]),
    listeners: listeners.map(({ listener, scheme, routes, notAccepted, unresolved }) => ({
      name: listener.name,
      attachedRoutes: attached.get(listener.name) ?? 0,
      supportedKinds: notAccepted === undefined ? routes.map((kind) => ({ group: HttpRoutes.group, kind })) : [],
      conditions: conditions(gateway, before?.find((l) => l.name === listener.name)?.conditions, now, [
        notAccepted ? ['Accepted', false, notAccepted.reason, notAccepted.message] : ['Accepted', true, 'Accepted', ''],
        scheme ? ['Programmed', true, 'Programmed', ''] : ['Programmed', false, 'Invalid', 'nothing is served here'],
        unresolved ? ['ResolvedRefs', false, unresolved.reason, unresolved.message] : ['ResolvedRefs', true, 'ResolvedRefs', ''],
      ]),
    })),
  };
}

const sameLabels = (old: KubeObject, next: KubeObject): boolean => JSON.stringify(old.metadata.labels) === JSON.stringify(next.metadata.labels);

const sameButStatus = (old: KubeObject, next: KubeObject): boolean =>
  old.metadata.uid === next.metadata.uid && JSON.stringify((old as { spec?: unknown }).spec) === JSON.stringify((next as { spec?: unknown }).spec);

/** The same value with its keys in order: servers do not promise theirs. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, canonical(inner)]),
  );
}

async function ensureClass(client: Client): Promise<void> {
  const made: GatewayClass = { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'GatewayClass', metadata: { name: CLASS_NAME }, spec: { controllerName: GATEWAY_CONTROLLER } };
  await client.create(GatewayClasses, made).catch((error: unknown) => {
    if (!isReason(error, 'AlreadyExists')) throw error;
  });
}
