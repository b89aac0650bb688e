export { compactor } from './compactor.ts';
export { durableStore } from './durable.ts';
export { lockDirectory } from './lock.ts';
export { memoryStore } from './memory.ts';
export { Compacted, FutureRevision, WriteConflict } from './store.ts';
export type { Entry, ListRange, Range, Store, StoreEvent } from './store.ts';
