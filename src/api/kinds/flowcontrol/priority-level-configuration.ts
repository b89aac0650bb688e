import type { PriorityLevelConfiguration } from '../../types/flowcontrol.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { validatePriorityLevel } from './validation.ts';

export const priorityLevelConfiguration = defineKind<PriorityLevelConfiguration>({
  kind: 'PriorityLevelConfiguration',
  plural: 'prioritylevelconfigurations',
  singular: 'prioritylevelconfiguration',
  namespaced: false,
  storage: { group: 'flowcontrol.apiserver.k8s.io', version: 'v1', message: 'flowcontrol/v1.PriorityLevelConfiguration' },
  status: true,
  generation: true,
  defaults(level) {
    const { exempt, limited } = level.spec ?? {};
    if (exempt) {
      exempt.nominalConcurrencyShares ??= 0;
      exempt.lendablePercent ??= 0;
    }
    if (!limited) return;
    limited.nominalConcurrencyShares ??= 30;
    limited.lendablePercent ??= 0;
    const queuing = limited.limitResponse?.queuing;
    if (!queuing) return;
    queuing.handSize ||= 8;
    queuing.queues ||= 64;
    queuing.queueLengthLimit ||= 50;
  },
  validate: validatePriorityLevel,
  columns: [
    nameColumn,
    text('Type', (level) => level.spec.type),
    text('NominalConcurrencyShares', (level) => level.spec.limited?.nominalConcurrencyShares ?? '<none>'),
    text('Queues', (level) => level.spec.limited?.limitResponse?.queuing?.queues ?? '<none>'),
    text('HandSize', (level) => level.spec.limited?.limitResponse?.queuing?.handSize ?? '<none>'),
    text('QueueLengthLimit', (level) => level.spec.limited?.limitResponse?.queuing?.queueLengthLimit ?? '<none>'),
    ageColumn,
  ],
});

export const PriorityLevelConfigurations = resourceOf(priorityLevelConfiguration);
