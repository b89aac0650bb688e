import type { FlowSchema } from '../../types/flowcontrol.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { validateFlowSchema } from './validation.ts';

export const flowSchema = defineKind<FlowSchema>({
  kind: 'FlowSchema',
  plural: 'flowschemas',
  singular: 'flowschema',
  namespaced: false,
  storage: { group: 'flowcontrol.apiserver.k8s.io', version: 'v1', message: 'flowcontrol/v1.FlowSchema' },
  status: true,
  generation: true,
  defaults(schema) {
    if (schema.spec) schema.spec.matchingPrecedence ||= 1000;
  },
  validate: validateFlowSchema,
  columns: [
    nameColumn,
    text('PriorityLevel', (schema) => schema.spec.priorityLevelConfiguration.name),
    text('MatchingPrecedence', (schema) => schema.spec.matchingPrecedence ?? 0),
    text('DistinguisherMethod', (schema) => schema.spec.distinguisherMethod?.type ?? '<none>'),
    ageColumn,
    text('MissingPL', (schema) => schema.status?.conditions?.find((c) => c.type === 'Dangling')?.status ?? '?'),
  ],
});

export const FlowSchemas = resourceOf(flowSchema);
