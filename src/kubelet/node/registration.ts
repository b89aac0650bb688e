/** Keeps the Node object and its Lease (kubelet_node_status.go, component-helpers/apimachinery/lease). */
import { isReason } from '../../api/errors.ts';
import { Leases } from '../../api/kinds/coordination/lease.ts';
import { Nodes } from '../../api/kinds/core/node.ts';
import type { Lease } from '../../api/types/coordination.v1.ts';
import type { Node } from '../../api/types/core.v1.ts';
import type { Clock, Timer } from '../../base/clock.ts';
import type { Client } from '../../client/client.ts';
import type { EventRecorder } from '../../client/events.ts';
import { rfc3339 } from '../../base/time.ts';
import { rfc3339Micro } from '../time.ts';
import { newNode, nodeStatus, resourcesDiffer, type NodeFacts } from './object.ts';

export interface NodeKeeper {
  /** As last written or seen. */
  readonly node: Node;
  /** The Node as it is now in the API: others taint it, and advertise resources on it. */
  seen(node: Node): void;
  /** Registers, or takes over what is there. Resolves once the node is Ready in the API. */
  start(): Promise<void>;
  /** Reads the Node again; keeps the last one when the API does not answer. */
  reload(): Promise<void>;
  /** Writes the status now: something of it changed. */
  refresh(): void;
  stop(): Promise<void>;
}

export interface NodeKeeperOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly events: EventRecorder;
  readonly leaseMs: number;
  readonly statusMs: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: Parameters<typeof newNode>[2];
  readonly podCIDR: string | undefined;
  readonly capacity: NodeFacts['capacity'];
  facts(): Promise<NodeFacts>;
}

const LEASE_NAMESPACE = 'kube-node-lease';
const LEASE_SECONDS = 40;

export function nodeKeeper(name: string, options: NodeKeeperOptions): NodeKeeper {
  const { client, clock } = options;
  let node = newNode(name, options.labels, options.taints, options.podCIDR);
  let lease: Lease | undefined;
  let stopped = false;
  let leaseTimer: Timer | undefined;
  let statusTimer: Timer | undefined;
  let writing: Promise<void> = Promise.resolve();

  const register = async () => {
    try {
      node = await client.create(Nodes, node);
    } catch (error) {
      if (!isReason(error, 'AlreadyExists')) throw error;
      const known = await client.get(Nodes, name);
      // The kubelet owns its own labels, whatever they were before; others' stay (reconcileLabels).
      node = await client.update(Nodes, { ...known, metadata: { ...known.metadata, labels: { ...known.metadata.labels, ...options.labels } } });
    }
  };

  const writeStatus = async () => {
    for (let tries = 0; tries < 5; tries++) {
      const before = node.status?.conditions ?? [];
      const status = nodeStatus(await options.facts(), node.status ?? {}, rfc3339(clock.now()));
      try {
        node = await client.update(Nodes, { ...node, status: { ...node.status, ...status } }, { subresource: 'status' });
        for (const condition of status.conditions ?? []) {
          if (before.find((c) => c.type === condition.type)?.status !== condition.status) tell(condition.type, condition.status);
        }
        return;
      } catch (error) {
        if (isReason(error, 'NotFound')) await register();
        else if (isReason(error, 'Conflict')) node = await client.get(Nodes, name);
        else throw error;
      }
    }
  };

  const tell = (type: string, status: string) => {
    const reasons: Readonly<Record<string, readonly [string, string]>> = {
      Ready: ['NodeReady', 'NodeNotReady'],
      MemoryPressure: ['NodeHasInsufficientMemory', 'NodeHasSufficientMemory'],
      DiskPressure: ['NodeHasDiskPressure', 'NodeHasNoDiskPressure'],
      PIDPressure: ['NodeHasInsufficientPID', 'NodeHasSufficientPID'],
    };
    const reason = reasons[type]?.[status === 'True' ? 0 : 1];
    if (reason) options.events.event(node, 'Normal', reason, `Node ${name} status is now: ${reason}`);
  };

  const renew = async () => {
    const renewTime = rfc3339Micro(clock.now());
    const spec = { holderIdentity: name, leaseDurationSeconds: LEASE_SECONDS, renewTime };
    try {
      lease = lease
        ? await client.update(Leases, { ...lease, spec: { ...lease.spec, ...spec } })
        : await client.create(Leases, {
          apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', spec,
          metadata: { name, namespace: LEASE_NAMESPACE, ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid: node.metadata.uid ?? '' }] },
        });
    } catch {
      // Gone, changed by another, or the API is away: the next turn begins from what is there.
      lease = await client.get(Leases, name, { namespace: LEASE_NAMESPACE }).catch(() => undefined);
    }
  };

  const every = (ms: number, act: () => Promise<void>, keep: (timer: Timer) => void) => {
    if (!stopped && ms !== Infinity) keep(clock.after(ms, () => void act().catch(() => {}).then(() => every(ms, act, keep))));
  };
  const enqueueStatus = () => (writing = writing.then(() => (stopped ? undefined : writeStatus())).catch(() => {}));

  return {
    get node() { return node; },
    async start() {
      options.events.event(node, 'Normal', 'Starting', 'Starting kubelet.');
      await register();
      await writeStatus();
      options.events.event(node, 'Normal', 'NodeAllocatableEnforced', 'Updated Node Allocatable limit across pods');
      await renew();
      if (!lease) await renew();
      every(options.leaseMs, renew, (t) => void (leaseTimer = t));
      every(options.statusMs, () => enqueueStatus(), (t) => void (statusTimer = t));
    },
    seen(now) {
      if (Number(now.metadata.resourceVersion) <= Number(node.metadata.resourceVersion ?? 0)) return;
      node = now;
      if (resourcesDiffer(options, now.status ?? {})) void enqueueStatus();
    },
    async reload() {
      node = await client.get(Nodes, name).catch(() => node);
    },
    refresh: () => void enqueueStatus(),
    async stop() {
      stopped = true;
      leaseTimer?.cancel();
      statusTimer?.cancel();
      await writing;
    },
  };
}
