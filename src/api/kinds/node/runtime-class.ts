import type { RuntimeClass } from '../../types/node.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';

export const runtimeClass = defineKind<RuntimeClass>({
  kind: 'RuntimeClass',
  plural: 'runtimeclasses',
  singular: 'runtimeclass',
  namespaced: false,
  storage: { group: 'node.k8s.io', version: 'v1', message: 'node/v1.RuntimeClass' },
  createOnUpdate: true,
  unconditionalUpdate: false,
  columns: [nameColumn, text('Handler', (runtimeClass) => runtimeClass.handler), ageColumn],
});

export const RuntimeClasses = resourceOf(runtimeClass);
