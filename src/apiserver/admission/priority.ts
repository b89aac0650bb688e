import { forbidden } from '../../api/errors.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import type { PriorityClass } from '../../api/types/scheduling.v1.ts';
import type { Store } from '../../store/store.ts';
import type { AdmissionPlugin } from './plugin.ts';

/** Turns a pod's priorityClassName into its priority; only one class may be the default (plugin/pkg/admission/priority). */
export function priority(store: Store): AdmissionPlugin {
  const classes = () => store.list('priorityclasses.scheduling.k8s.io//').entries.map((entry) => entry.object as PriorityClass);
  /** Of several defaults the lowest counts. */
  const fallback = () => classes().filter((c) => c.globalDefault).sort((a, b) => a.value - b.value)[0];
  return {
    name: 'Priority',
    mutate({ operation, kind, resource, name, object, subresource }) {
      if (subresource !== '' || operation !== 'CREATE' || kind.plural !== 'pods' || !object) return;
      const { spec, metadata } = object as Pod;
      const wanted = spec.priorityClassName ?? '';
      const found = wanted === '' ? fallback() : classes().find((c) => c.metadata.name === wanted);
      const refuse = (why: string) => forbidden(resource, metadata.name ?? name, why);
      if (wanted !== '' && !found) throw refuse(`no PriorityClass with name ${wanted} was found`);
      const value = found?.value ?? 0;
      if (spec.priority !== undefined && spec.priority !== value) throw refuse(`the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`);
      const policy = found?.preemptionPolicy ?? 'PreemptLowerPriority';
      if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy) throw refuse(`the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`);
      if (found) spec.priorityClassName = found.metadata.name;
      spec.priority = value;
      spec.preemptionPolicy = policy;
    },
    validate({ operation, kind, resource, name, object, subresource }) {
      if (subresource !== '' || kind.plural !== 'priorityclasses' || !object || (operation !== 'CREATE' && operation !== 'UPDATE')) return;
      const standing = fallback();
      const candidate = object as PriorityClass;
      if (candidate.globalDefault && standing && standing.metadata.name !== candidate.metadata.name) {
        throw forbidden(resource, candidate.metadata.name ?? name, `PriorityClass ${standing.metadata.name ?? ''} is already marked as default. Only one default can exist`);
      }
    },
  };
}
