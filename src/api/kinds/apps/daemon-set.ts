import type { DaemonSet } from '../../types/apps.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { ageColumn, integer, labelsText, nameColumn, selectorOrNone, templateColumns, text, wide } from '../columns.ts';
import { defaultPodTemplate } from '../core/pod-spec-defaults.ts';
import { equalJson } from '../../json.ts';
import { oldDaemonSets, TEMPLATE_GENERATION } from './old-versions.ts';
import { selectorStays, validateDaemonSet } from './workload-validation.ts';
import { templateWarnings } from '../core/pod-warnings.ts';

export const daemonSet = defineKind<DaemonSet>({
  kind: 'DaemonSet',
  plural: 'daemonsets',
  singular: 'daemonset',
  shortNames: ['ds'],
  categories: ['all'],
  namespaced: true,
  storage: { group: 'apps', version: 'v1', message: 'apps/v1.DaemonSet' },
  served: oldDaemonSets,
  status: true,
  generation: true,
  defaults(set) {
    const spec = (set.spec ??= {} as DaemonSet['spec']);
    const strategy = (spec.updateStrategy ??= {});
    strategy.type ||= 'RollingUpdate';
    if (strategy.type === 'RollingUpdate') strategy.rollingUpdate = { maxUnavailable: 1, maxSurge: 0, ...strategy.rollingUpdate };
    spec.revisionHistoryLimit ??= 10;
    spec.template ??= { metadata: {}, spec: { containers: [] } };
    defaultPodTemplate(spec.template);
    (set.metadata.annotations ??= {})[TEMPLATE_GENERATION] ??= '0';
  },
  validate: validateDaemonSet,
  validateUpdate: selectorStays,
  prepareUpdate(next, old) {
    const before = Number(old.metadata.annotations?.[TEMPLATE_GENERATION] ?? 0);
    countTemplate(next, before + (equalJson(next.spec.template, old.spec.template) ? 0 : 1));
  },
  prepareCreate(set) {
    countTemplate(set, Math.max(1, Number(set.metadata.annotations?.[TEMPLATE_GENERATION]) || 1));
    set.status = { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 };
  },
  warnings: (set, old) => templateWarnings(set, old, set.spec.template),
  columns: [
    nameColumn,
    integer('Desired', (set) => set.status?.desiredNumberScheduled ?? 0),
    integer('Current', (set) => set.status?.currentNumberScheduled ?? 0),
    integer('Ready', (set) => set.status?.numberReady ?? 0),
    integer('Up-to-date', (set) => set.status?.updatedNumberScheduled ?? 0),
    integer('Available', (set) => set.status?.numberAvailable ?? 0),
    text('Node Selector', (set) => labelsText(set.spec.template.spec.nodeSelector)),
    ageColumn,
    ...templateColumns<DaemonSet>((set) => set.spec.template.spec.containers),
    wide('Selector', (set) => selectorOrNone(set.spec.selector)),
  ],
});

/** Counts changes of the template, as extensions/v1beta1's field did (registry/apps/daemonset/strategy.go). */
function countTemplate(set: DaemonSet, generation: number): void {
  (set.metadata.annotations ??= {})[TEMPLATE_GENERATION] = String(generation);
}

export const DaemonSets = resourceOf(daemonSet);
