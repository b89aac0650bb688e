/** The kubelet: `createKubelet`, what it needs of others, its streaming server, and the simulated runtime. */
export { clearKubelet } from './clear.ts';
export { createKubelet } from './kubelet.ts';
export { nodeFeed, type NodeFeed, type NodeFeedOptions } from './feed.ts';
export * from './types.ts';
export type * from './runtime/runtime.ts';
export { simulatedRuntime, type ContainerBehaviour, type PodBehaviour, type SimulatedOptions, type SimulatedRuntime } from './runtime/simulated.ts';
export { simulatedImages, type SimulatedImages } from './runtime/simulated-images.ts';
export { proxyHandler, streamServer, type ProxyOptions, type StreamServer, type StreamServerOptions, type StreamRequest } from './streaming/index.ts';
