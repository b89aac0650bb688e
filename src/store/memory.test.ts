import { memoryStore } from './memory.ts';
import { storeSuite } from './store.suite.ts';

storeSuite('memoryStore', async (options) => memoryStore(options));
