import { objectReply } from './reply.ts';
import type { Page } from './router.ts';

/** What the server says it is: the Kubernetes version whose behaviour it follows. */
export const VERSION = {
  major: '1',
  minor: '33',
  emulationMajor: '1',
  emulationMinor: '33',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '32',
  gitVersion: 'v1.33.1',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '2025-05-15T08:19:08Z',
  goVersion: `node ${process.version}`,
  compiler: 'v8',
  platform: `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`,
};

export const versionPage: Page = (path) => (path === '/version' || path === '/version/' ? objectReply(200, VERSION) : undefined);
