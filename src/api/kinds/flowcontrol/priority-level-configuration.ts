import type { PriorityLevelConfiguration } from '../../types/flowcontrol.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const priorityLevelConfiguration = defineKind<PriorityLevelConfiguration>({
  kind: 'PriorityLevelConfiguration',
  plural: 'prioritylevelconfigurations',
  singular: 'prioritylevelconfiguration',
  namespaced: false,
  storage: { group: 'flowcontrol.apiserver.k8s.io', version: 'v1', message: 'flowcontrol/v1.PriorityLevelConfiguration' },
  status: true,
  generation: true,
});

export const PriorityLevelConfigurations = resourceOf(priorityLevelConfiguration);
