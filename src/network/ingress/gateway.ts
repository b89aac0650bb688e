import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { isReason } from '../../api/errors.ts';
import { CustomResourceDefinitions } from '../../api/kinds/apiextensions/custom-resource-definition.ts';
import type { KubeObject, ResourceType } from '../../api/object.ts';
import type { Condition } from '../../api/types/meta.v1.ts';
import { createInformer, type Client, type Informer } from '../../client/index.ts';
import type { TlsName } from './certificates.ts';
import { attachments, GATEWAY_CONTROLLER, rulesOfRoute, type Attachment, type CompiledRoute } from './from-route.ts';
import { CLASS_NAME, type Keep } from './from-ingress.ts';
import { GatewayClasses, Gateways, HttpRoutes, type Gateway, type GatewayClass, type HttpRoute } from './gateway-types.ts';
import type { Rule } from './rule.ts';

export interface GatewayOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  /** Shown in the status of Gateways. */
  readonly addresses: readonly { readonly ip?: string; readonly hostname?: string }[];
  readonly hasService: (namespace: string, name: string) => boolean;
  /** Something changed: compile again. */
  readonly changed: () => void;
}

/**
 * The Gateway API: GatewayClasses, Gateways and HTTPRoutes, once their CustomResourceDefinitions are installed. Listeners are served on the ingress' own ports, HTTP on the one and HTTPS on the other, whatever port they
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
  };
  crds.onChange({ added: followAll, updated: followAll, deleted: followAll });

  const now = () => new Date(clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');
  /** Writes a status when it says something new. What fails is written with the next change. */
  const write = <T extends KubeObject & { status?: object }>(type: ResourceType<T>, object: T, status: object) => {
    const merged = { ...object.status, ...status };
    if (JSON.stringify(canonical(merged)) === JSON.stringify(canonical(object.status ?? {}))) return;
    const { name, namespace } = object.metadata;
    client.patch(type, name!, { type: 'merge', body: { status } }, { namespace, subresource: 'status' }).catch(() => {});
  };

  return {
    start: () => crds.start(),
    stop() {
      stopped = true;
      crds.stop();
      for (const informer of watched.values()) informer.stop();
    },
    compile(keep) {
      const classes = all(GatewayClasses).filter((c) => c.spec?.controllerName === GATEWAY_CONTROLLER);
      for (const one of classes) write(GatewayClasses, one, { conditions: conditions(one, one.status?.conditions, now(), [['Accepted', true, 'Accepted', 'handled by Coracle']]) });
      const gateways = all(Gateways).filter((g) => classes.some((c) => c.metadata.name === g.spec?.gatewayClassName));
      const rules: Rule[] = [];
      const attached = new Map<Gateway, number>();
      for (const route of all(HttpRoutes)) {
        const places = attachments(route, gateways);
        if (places.length === 0) continue;
        const hosts = [...new Set(places.flatMap((place) => place.hosts))];
        const compiled = rulesOfRoute(route, hosts, keep, options.hasService);
        rules.push(...compiled.rules);
        for (const place of places) if (place.reason === 'Accepted') attached.set(place.gateway, (attached.get(place.gateway) ?? 0) + 1);
        write(HttpRoutes, route, { parents: parentsOf(route, places, compiled, now()) });
      }
      for (const gateway of gateways) write(Gateways, gateway, gatewayStatus(gateway, attached.get(gateway) ?? 0, options.addresses, now()));
      return { rules, tls: gateways.flatMap(tlsNames) };
    },
  };
}

type Said = readonly [type: string, holds: boolean, reason: string, message: string];

/** Conditions with the time of their last change kept. */
function conditions(about: KubeObject, old: readonly Condition[] | undefined, now: string, said: readonly Said[]): Condition[] {
  return said.map(([type, holds, reason, message]) => {
    const status = holds ? 'True' : 'False';
    const before = old?.find((c) => c.type === type);
    return { type, status, reason, message, observedGeneration: about.metadata.generation ?? 0, lastTransitionTime: before?.status === status ? before.lastTransitionTime : now };
  });
}

function parentsOf(route: HttpRoute, places: readonly Attachment[], compiled: CompiledRoute, now: string): unknown[] {
  const others = (route.status?.parents ?? []).filter((p) => p.controllerName !== GATEWAY_CONTROLLER);
  const mine = places.map(({ ref, reason }) => {
    const before = route.status?.parents?.find((p) => p.controllerName === GATEWAY_CONTROLLER && JSON.stringify(canonical(p.parentRef)) === JSON.stringify(canonical(ref)))?.conditions;
    const accepted: Said =
      reason === 'Accepted' && compiled.unsupported.length > 0
        ? ['Accepted', false, 'UnsupportedValue', compiled.unsupported.join('; ')]
        : ['Accepted', reason === 'Accepted', reason, reason === 'Accepted' ? 'Route is accepted' : 'no listener takes this route'];
    const resolved: Said = compiled.unresolved.length > 0 ? ['ResolvedRefs', false, refReason(compiled.unresolved[0]!), compiled.unresolved.join('; ')] : ['ResolvedRefs', true, 'ResolvedRefs', 'All references are resolved'];
    return { parentRef: ref, controllerName: GATEWAY_CONTROLLER, conditions: conditions(route, before, now, [accepted, resolved]) };
  });
  return [...others, ...mine];
}

const refReason = (problem: string): string => (problem.includes('another namespace') ? 'RefNotPermitted' : problem.includes('kind') ? 'InvalidKind' : 'BackendNotFound');

function gatewayStatus(gateway: Gateway, attachedRoutes: number, addresses: GatewayOptions['addresses'], now: string): object {
  const served = (protocol: string | undefined) => protocol === 'HTTP' || protocol === 'HTTPS';
  const before = gateway.status?.listeners as { name: string; conditions?: Condition[] }[] | undefined;
  return {
    addresses: addresses.map((a) => (a.ip !== undefined ? { type: 'IPAddress', value: a.ip } : { type: 'Hostname', value: a.hostname ?? '' })),
    conditions: conditions(gateway, gateway.status?.conditions, now, [
      ['Accepted', true, 'Accepted', 'handled by Coracle'],
      ['Programmed', true, 'Programmed', "served on the ingress' ports"],
    ]),
    listeners: (gateway.spec?.listeners ?? []).map((listener) => ({
      name: listener.name,
      attachedRoutes: served(listener.protocol) ? attachedRoutes : 0,
      supportedKinds: served(listener.protocol) ? [{ group: HttpRoutes.group, kind: HttpRoutes.kind }] : [],
      conditions: conditions(gateway, before?.find((l) => l.name === listener.name)?.conditions, now, [
        served(listener.protocol) ? ['Accepted', true, 'Accepted', ''] : ['Accepted', false, 'UnsupportedProtocol', `protocol ${listener.protocol} is not supported; use HTTP or HTTPS`],
        ['Programmed', served(listener.protocol), served(listener.protocol) ? 'Programmed' : 'Invalid', ''],
        ['ResolvedRefs', true, 'ResolvedRefs', ''],
      ]),
    })),
  };
}

function tlsNames(gateway: Gateway): TlsName[] {
  const namespace = gateway.metadata.namespace ?? '';
  return (gateway.spec?.listeners ?? []).flatMap((listener) => {
    const ref = listener.protocol === 'HTTPS' ? listener.tls?.certificateRefs?.[0] : undefined;
    // A Secret of another namespace would need a ReferenceGrant.
    if (!ref || (ref.kind ?? 'Secret') !== 'Secret' || (ref.namespace ?? namespace) !== namespace) return [];
    return [{ host: (listener.hostname ?? '').toLowerCase(), namespace, secret: ref.name }];
  });
}

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
