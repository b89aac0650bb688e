import type { RuntimeClass } from '../../types/node.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const runtimeClass = defineKind<RuntimeClass>({
  kind: 'RuntimeClass',
  plural: 'runtimeclasses',
  singular: 'runtimeclass',
  namespaced: false,
  storage: { group: 'node.k8s.io', version: 'v1', message: 'node/v1.RuntimeClass' },
});

export const RuntimeClasses = resourceOf(runtimeClass);
