import { matchesLabels, parseLabelSelector } from '../../api/selectors.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import type { SharedInformer } from '../../client/index.ts';

const LABELS = 'labels';

const labelKeys = (pod: Pod): readonly string[] => Object.entries(pod.metadata.labels ?? {}).map(([key, value]) => `${pod.metadata.namespace}/${key}=${value}`);

/** Finds a namespace's pods by a selector's text without looking at the others: by the label it asks for, where it asks for one. */
export function podsBySelector(pods: SharedInformer<Pod>): (namespace: string, selector: string) => readonly Pod[] {
  pods.addIndex(LABELS, labelKeys);
  return (namespace, selector) => {
    const requirements = parseLabelSelector(selector);
    const buckets = requirements.filter(({ operator, values }) => (operator === '=' || operator === '==') && values.length === 1).map(({ key, values }) => pods.byIndex(LABELS, `${namespace}/${key}=${values[0]}`));
    const candidates = buckets.sort((a, b) => a.length - b.length)[0] ?? pods.list(namespace);
    return candidates.filter((pod) => matchesLabels(requirements, pod.metadata.labels));
  };
}
