import { ReplicationControllers } from '../../api/kinds/core/replication-controller.ts';
import type { ReplicationController } from '../../api/types/core.v1.ts';
import type { Component } from '../../client/controller.ts';
import type { ControllerContext } from '../context.ts';
import { setController } from '../replicaset/engine.ts';

/** Keeps every ReplicationController's pods at spec.replicas: a ReplicaSet whose selector is a plain map (pkg/controller/replication). */
export function replicationControllerController(context: ControllerContext): Component {
  return setController<ReplicationController>(context, {
    type: ReplicationControllers,
    component: 'replication-controller',
    selector: ({ spec }) => ({ matchLabels: spec.selector ?? spec.template?.metadata.labels ?? {} }),
    view: ({ metadata, spec, status }) => ({
      replicas: spec.replicas ?? 1,
      minReadySeconds: spec.minReadySeconds ?? 0,
      template: spec.template ?? { metadata: {}, spec: { containers: [] } },
      generation: metadata.generation ?? 0,
      status: status ?? { replicas: 0 },
    }),
    withStatus: (set, status) => ({ ...set, status }),
  });
}
