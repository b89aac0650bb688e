import type { LimitRange, LimitRangeItem } from '../../types/core.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { createdAtColumn, nameColumn } from '../columns.ts';
import { validateLimitRange } from './quota-validation.ts';

export const limitRange = defineKind<LimitRange>({
  kind: 'LimitRange',
  plural: 'limitranges',
  singular: 'limitrange',
  shortNames: ['limits'],
  namespaced: true,
  storage: { group: '', version: 'v1', message: 'core/v1.LimitRange' },
  defaults(range) {
    range.spec ??= { limits: [] };
    range.spec.limits?.forEach(defaultItem);
  },
  prepareCreate(range) {
    range.metadata.name ||= range.metadata.uid!;
  },
  validate: validateLimitRange,
  createOnUpdate: true,
  columns: [nameColumn, createdAtColumn],
});

export const LimitRanges = resourceOf(limitRange);

/** A container's default limit comes from max; its default request from that, then from min. */
function defaultItem(item: LimitRangeItem): void {
  if (item.type !== 'Container') return;
  item.default = { ...item.max, ...item.default };
  item.defaultRequest = { ...item.min, ...item.default, ...item.defaultRequest };
}
