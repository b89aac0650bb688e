import type { ConfigMap } from '../../types/core.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const configMap = defineKind<ConfigMap>({
  kind: 'ConfigMap',
  plural: 'configmaps',
  singular: 'configmap',
  shortNames: ['cm'],
  namespaced: true,
  storage: { group: '', version: 'v1', message: 'core/v1.ConfigMap' },
});

export const ConfigMaps = resourceOf(configMap);
