import type { ConfigMap } from '../../types/core.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { validateConfigMap, validateConfigMapUpdate } from './data-validation.ts';

export const configMap = defineKind<ConfigMap>({
  kind: 'ConfigMap',
  plural: 'configmaps',
  singular: 'configmap',
  shortNames: ['cm'],
  namespaced: true,
  storage: { group: '', version: 'v1', message: 'core/v1.ConfigMap' },
  validate: validateConfigMap,
  validateUpdate: validateConfigMapUpdate,
  columns: [nameColumn, text('Data', (map) => Object.keys(map.data ?? {}).length + Object.keys(map.binaryData ?? {}).length), ageColumn],
});

export const ConfigMaps = resourceOf(configMap);
