import type { FlowSchema } from '../../types/flowcontrol.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const flowSchema = defineKind<FlowSchema>({
  kind: 'FlowSchema',
  plural: 'flowschemas',
  singular: 'flowschema',
  namespaced: false,
  storage: { group: 'flowcontrol.apiserver.k8s.io', version: 'v1', message: 'flowcontrol/v1.FlowSchema' },
  status: true,
  generation: true,
});

export const FlowSchemas = resourceOf(flowSchema);
