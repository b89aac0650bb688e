import type { PolicyRule } from '../../api/types/rbac.v1.ts';
import type { Attributes } from './attributes.ts';

/** Whether one rule allows what is asked (pkg/apis/rbac/v1/evaluation_helpers.go). */
export function ruleAllows(rule: PolicyRule, asked: Attributes): boolean {
  if (!matches(rule.verbs, asked.verb)) return false;
  if (!asked.isResource) return (rule.nonResourceURLs ?? []).some((url) => urlMatches(url, asked.path));
  return matches(rule.apiGroups ?? [], asked.group) && resourceMatches(rule, asked) && nameMatches(rule, asked);
}

function matches(list: readonly string[], value: string): boolean {
  return list.includes('*') || list.includes(value);
}

function resourceMatches(rule: PolicyRule, { resource, subresource }: Attributes): boolean {
  const full = subresource === '' ? resource : `${resource}/${subresource}`;
  return (rule.resources ?? []).some((entry) => entry === '*' || entry === full || (subresource !== '' && entry === `*/${subresource}`));
}

function nameMatches(rule: PolicyRule, { name }: Attributes): boolean {
  const names = rule.resourceNames ?? [];
  return names.length === 0 || names.includes(name);
}

function urlMatches(url: string, path: string): boolean {
  return url === '*' || url === path || (url.endsWith('*') && path.startsWith(url.slice(0, -1)));
}

/** The rules of `wanted` that `held` does not cover, split into single verbs, groups, resources and names (component-helpers/auth/rbac/validation Covers). */
export function uncovered(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  return wanted.flatMap(single).filter((rule) => !held.some((owner) => covers(owner, rule)));
}

function single(rule: PolicyRule): PolicyRule[] {
  const results: PolicyRule[] = [];
  for (const group of rule.apiGroups ?? []) {
    for (const resource of rule.resources ?? []) {
      for (const verb of rule.verbs) {
        const names = rule.resourceNames ?? [];
        if (names.length === 0) results.push({ apiGroups: [group], resources: [resource], verbs: [verb] });
        for (const name of names) results.push({ apiGroups: [group], resources: [resource], resourceNames: [name], verbs: [verb] });
      }
    }
  }
  for (const url of rule.nonResourceURLs ?? []) for (const verb of rule.verbs) results.push({ nonResourceURLs: [url], verbs: [verb] });
  return results;
}

function covers(owner: PolicyRule, rule: PolicyRule): boolean {
  const all = (have: readonly string[] | undefined, want: readonly string[] | undefined) => (want ?? []).every((value) => (have ?? []).includes('*') || (have ?? []).includes(value));
  const names = owner.resourceNames ?? [];
  const namesCovered = names.length === 0 || ((rule.resourceNames ?? []).length > 0 && rule.resourceNames!.every((name) => names.includes(name)));
  const resourceCovered = (rule.resources ?? []).every((resource) => {
    const have = owner.resources ?? [];
    const slash = resource.indexOf('/');
    return have.includes('*') || have.includes(resource) || (slash > 0 && have.includes(`*/${resource.slice(slash + 1)}`));
  });
  const urlsCovered = (rule.nonResourceURLs ?? []).every((url) => (owner.nonResourceURLs ?? []).some((have) => urlMatches(have, url)));
  return all(owner.verbs, rule.verbs) && all(owner.apiGroups, rule.apiGroups) && resourceCovered && namesCovered && urlsCovered;
}

/** A rule as the text of refusals shows it. */
export function ruleText(rule: PolicyRule): string {
  const list = (values: readonly string[]) => `[${values.map((value) => JSON.stringify(value)).join(' ')}]`;
  const parts: string[] = [];
  if (rule.nonResourceURLs?.length) parts.push(`NonResourceURLs:${list(rule.nonResourceURLs)}`);
  if (rule.apiGroups?.length) parts.push(`APIGroups:${list(rule.apiGroups)}`);
  if (rule.resources?.length) parts.push(`Resources:${list(rule.resources)}`);
  if (rule.resourceNames?.length) parts.push(`ResourceNames:${list(rule.resourceNames)}`);
  return `{${[...parts, `Verbs:${list(rule.verbs)}`].join(', ')}}`;
}
