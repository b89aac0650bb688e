import type { LimitRange } from '../../types/core.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const limitRange = defineKind<LimitRange>({
  kind: 'LimitRange',
  plural: 'limitranges',
  singular: 'limitrange',
  shortNames: ['limits'],
  namespaced: true,
  storage: { group: '', version: 'v1', message: 'core/v1.LimitRange' },
});

export const LimitRanges = resourceOf(limitRange);
