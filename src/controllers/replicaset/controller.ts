import { ReplicaSets } from '../../api/kinds/apps/replica-set.ts';
import type { ReplicaSet } from '../../api/types/apps.v1.ts';
import type { Component } from '../../client/controller.ts';
import type { ControllerContext } from '../context.ts';
import { setController } from './engine.ts';

/** Keeps every ReplicaSet's pods at spec.replicas. */
export function replicaSetController(context: ControllerContext): Component {
  return setController<ReplicaSet>(context, {
    type: ReplicaSets,
    component: 'replicaset-controller',
    selector: (set) => set.spec.selector,
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
