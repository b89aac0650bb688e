import { erase } from '../../kind.ts';
import { namespace } from './namespace.ts';
import { node } from './node.ts';
import { pod } from './pod.ts';
import { service } from './service.ts';
import { endpoints } from './endpoints.ts';
import { configMap } from './config-map.ts';
import { secret } from './secret.ts';
import { serviceAccount } from './service-account.ts';
import { persistentVolume } from './persistent-volume.ts';
import { persistentVolumeClaim } from './persistent-volume-claim.ts';
import { resourceQuota } from './resource-quota.ts';
import { limitRange } from './limit-range.ts';
import { event } from './event.ts';
import { replicationController } from './replication-controller.ts';
import { podTemplate } from './pod-template.ts';
import { binding } from './binding.ts';
import { componentStatus } from './component-status.ts';

/** The kinds of the core group, in the order discovery lists them. */
export const coreKinds = [
  erase(namespace),
  erase(node),
  erase(pod),
  erase(service),
  erase(endpoints),
  erase(configMap),
  erase(secret),
  erase(serviceAccount),
  erase(persistentVolume),
  erase(persistentVolumeClaim),
  erase(resourceQuota),
  erase(limitRange),
  erase(event),
  erase(replicationController),
  erase(podTemplate),
  erase(binding),
  erase(componentStatus),
];
