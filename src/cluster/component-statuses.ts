import type { ComponentStatus } from '../api/types/core.v1.ts';
import type { LiveSource } from '../store/live.ts';

const NAMES = ['controller-manager', 'etcd-0', 'scheduler'];

/** `kubectl get componentstatuses`: all of them are this process, and who reads this has reached it. */
export const componentStatuses: LiveSource = {
  prefix: 'componentstatuses/',
  list: () => NAMES.map((name): ComponentStatus => ({
    apiVersion: 'v1', kind: 'ComponentStatus', metadata: { name }, conditions: [{ type: 'Healthy', status: 'True', message: 'ok' }],
  })),
};
