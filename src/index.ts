/** Coracle as a package: a cluster in a test, and the typed client. */
export { startCluster } from './cluster/start.ts';
export type { Cluster, ClusterOptions } from './cluster/cluster.ts';
export type { Client } from './client/client.ts';
export { virtualClock, type VirtualClock } from './base/clock.ts';
export { seededRandom } from './base/random.ts';
export * as resources from './api/kinds/resources.ts';
