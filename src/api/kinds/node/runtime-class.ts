import type { RuntimeClass } from '../../types/node.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { invalidEach } from '../../validation/field.ts';
import { dns1123Label } from '../../validation/formats.ts';
import { immutable } from '../../validation/immutable.ts';
import { validateLabels } from '../../validation/metadata.ts';
import { validateTolerations } from '../core/affinity-validation.ts';
import { validateResources } from '../core/resource-validation.ts';

export const runtimeClass = defineKind<RuntimeClass>({
  kind: 'RuntimeClass',
  plural: 'runtimeclasses',
  singular: 'runtimeclass',
  namespaced: false,
  storage: { group: 'node.k8s.io', version: 'v1', message: 'node/v1.RuntimeClass' },
  validate: ({ handler = '', overhead, scheduling }) => [
    ...invalidEach('handler', handler, dns1123Label(handler)),
    ...validateResources({ limits: overhead?.podFixed }, 'overhead'),
    ...validateLabels(scheduling?.nodeSelector, 'scheduling.nodeSelector'),
    ...validateTolerations(scheduling?.tolerations, 'scheduling.tolerations'),
  ],
  validateUpdate: (next, old) => immutable(next.handler, old.handler, 'handler'),
  createOnUpdate: true,
  unconditionalUpdate: false,
  columns: [nameColumn, text('Handler', (runtimeClass) => runtimeClass.handler), ageColumn],
});

export const RuntimeClasses = resourceOf(runtimeClass);
