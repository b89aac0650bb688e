import type { DaemonSet } from '../../types/apps.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const daemonSet = defineKind<DaemonSet>({
  kind: 'DaemonSet',
  plural: 'daemonsets',
  singular: 'daemonset',
  shortNames: ['ds'],
  categories: ['all'],
  namespaced: true,
  storage: { group: 'apps', version: 'v1', message: 'apps/v1.DaemonSet' },
  status: true,
  generation: true,
});

export const DaemonSets = resourceOf(daemonSet);
