import type { RequestView, Rule, ValueMatch } from './rule.ts';

/** Finds the rule for a request. */
export interface Router {
  match(host: string, path: string, query: string, request: RequestView): Rule | undefined;
  readonly rules: readonly Rule[];
}

interface HostRules {
  readonly exact: Map<string, Rule[]>;
  /** By prefix without its last slash; '' is the root. */
  readonly prefix: Map<string, Rule[]>;
  readonly regex: Rule[];
  readonly fallback: Rule[];
}

/**
 * A router over `rules`. Order: the more exact host; then an exact path, regular expressions, the longest prefix; among equals a rule with a method, then more headers, then more query parameters, then the
 * older one (HTTPRouteRule.matches in the Gateway API; networking/v1 Ingress path rules agree where they say something).
 */
export function createRouter(rules: readonly Rule[]): Router {
  const exactHosts = new Map<string, HostRules>();
  const wildcards = new Map<string, HostRules>();
  const everywhere = newHost();
  const sorted = [...rules].sort(precedence);
  for (const rule of sorted) {
    if (rule.host === '') put(everywhere, rule);
    else if (rule.host.startsWith('*.')) put(entry(wildcards, rule.host.slice(1)), rule);
    else put(entry(exactHosts, rule.host), rule);
  }
  const hosts = exactHosts.size;
  return {
    rules: sorted,
    match(host, path, query, request) {
      const exact = hosts === 0 ? undefined : exactHosts.get(host);
      const found = exact && findIn(exact, path, query, request, undefined);
      if (found) return found;
      if (wildcards.size > 0) {
        const firstDot = host.indexOf('.');
        for (let dot = firstDot; dot >= 0; dot = host.indexOf('.', dot + 1)) {
          const rules = wildcards.get(host.slice(dot));
          const hit = rules && findIn(rules, path, query, request, dot === firstDot ? undefined : deep);
          if (hit) return hit;
        }
      }
      return findIn(everywhere, path, query, request, undefined);
    },
  };
}

/** An Ingress' wildcard stands for one label only. */
const deep = (rule: Rule) => !rule.oneLabel;

function findIn(rules: HostRules, path: string, query: string, request: RequestView, only: ((rule: Rule) => boolean) | undefined): Rule | undefined {
  const fits = (list: readonly Rule[] | undefined): Rule | undefined => {
    if (list) for (const rule of list) if ((!only || only(rule)) && conditionsHold(rule, query, request)) return rule;
    return undefined;
  };
  if (rules.exact.size > 0) {
    const hit = fits(rules.exact.get(path));
    if (hit) return hit;
  }
  for (const rule of rules.regex) if (rule.path.type === 'Regex' && rule.path.regex.test(path) && (!only || only(rule)) && conditionsHold(rule, query, request)) return rule;
  if (rules.prefix.size > 0) {
    let end = path.length;
    if (path.charCodeAt(end - 1) === 47) end--;
    for (;;) {
      const hit = fits(rules.prefix.get(path.slice(0, end)));
      if (hit) return hit;
      if (end <= 0) break;
      end = path.lastIndexOf('/', end - 1);
    }
  }
  return fits(rules.fallback);
}

function conditionsHold(rule: Rule, query: string, request: RequestView): boolean {
  if (rule.method !== undefined && rule.method !== request.method) return false;
  for (const match of rule.headers) if (!valueFits(match, request.header(match.name))) return false;
  if (rule.query.length === 0) return true;
  const parameters = new URLSearchParams(query);
  return rule.query.every((match) => valueFits(match, parameters.get(match.name) ?? undefined));
}

const valueFits = (match: ValueMatch, value: string | undefined): boolean => value !== undefined && (typeof match.value === 'string' ? match.value === value : match.value.test(value));

function precedence(a: Rule, b: Rule): number {
  return (
    b.path.value.length - a.path.value.length ||
    Number(b.method !== undefined) - Number(a.method !== undefined) ||
    b.headers.length - a.headers.length ||
    b.query.length - a.query.length ||
    (a.age < b.age ? -1 : a.age > b.age ? 1 : 0)
  );
}

function put(host: HostRules, rule: Rule): void {
  if (rule.fallback) host.fallback.push(rule);
  else if (rule.path.type === 'Exact') push(host.exact, rule.path.value, rule);
  else if (rule.path.type === 'Regex') host.regex.push(rule);
  else push(host.prefix, rule.path.value.replace(/\/+$/, ''), rule);
}

function push(map: Map<string, Rule[]>, key: string, rule: Rule): void {
  const list = map.get(key);
  if (list) list.push(rule);
  else map.set(key, [rule]);
}

const newHost = (): HostRules => ({ exact: new Map(), prefix: new Map(), regex: [], fallback: [] });

function entry(map: Map<string, HostRules>, key: string): HostRules {
  let found = map.get(key);
  if (!found) {
    found = newHost();
    map.set(key, found);
  }
  return found;
}
