import type { Meter } from '../meter.ts';
import type { Protocol } from '../table/spec.ts';

export type Scheme = 'http' | 'https';

/** One way a request may go. Ingress and HTTPRoute are both compiled to these. */
export interface Rule {
  /** Exact host in lower case, `*.example.org`, or '' for all. */
  readonly host: string;
  /** Whether `*` stands for exactly one label (Ingress) or for one and more (Gateway API). */
  readonly oneLabel: boolean;
  /** By which it must come in; undefined for both. */
  readonly scheme: Scheme | undefined;
  readonly path: PathMatch;
  readonly method: string | undefined;
  readonly headers: readonly ValueMatch[];
  readonly query: readonly ValueMatch[];
  readonly action: Action;
  readonly timeoutMs: number | undefined;
  /** Plain HTTP is sent on to HTTPS. */
  readonly forceTls: boolean;
  /** Used only when no other rule of the host fits (an Ingress' default backend). */
  readonly fallback: boolean;
  readonly source: RouteSource;
  readonly meter: Meter;
  /** Older objects win between equals: creation time, then namespace/name, then position. */
  readonly age: string;
}

export interface RouteSource {
  readonly kind: 'Ingress' | 'HTTPRoute' | 'GRPCRoute';
  readonly namespace: string;
  readonly name: string;
  readonly host: string;
  readonly path: string;
}

export type PathMatch = { readonly type: 'Exact' | 'Prefix'; readonly value: string } | { readonly type: 'Regex'; readonly value: string; readonly regex: RegExp };

/** `name` is in lower case for headers. */
export interface ValueMatch {
  readonly name: string;
  readonly value: string | RegExp;
}

export type Action =
  | { readonly kind: 'refuse'; readonly status: number; readonly why: string }
  | { readonly kind: 'redirect'; readonly redirect: Redirect }
  | { readonly kind: 'forward'; readonly targets: readonly Target[]; readonly pick: (usable: (index: number) => boolean) => number; readonly canaries: readonly Canary[]; readonly mirrors: readonly Mirror[]; readonly rewrite: Rewrite | undefined; readonly requestHeaders: HeaderChange | undefined; readonly responseHeaders: HeaderChange | undefined };

export interface Target {
  readonly namespace: string;
  readonly service: string;
  readonly port: number | string;
  /** What its pods are spoken to in; undefined: as the Service's port says. */
  readonly protocol?: Protocol | undefined;
  /** Why it can never be used (a reference across namespaces that nobody granted …). */
  readonly invalid?: string;
  readonly requestHeaders: HeaderChange | undefined;
  readonly responseHeaders: HeaderChange | undefined;
}

/** Where copies of requests go; `take` says for each whether it is copied. */
export interface Mirror {
  readonly target: Target;
  readonly take: () => boolean;
}

/** A canary that a request chooses by a header or a cookie; its weight is part of `pick`. `index` is its target. */
export interface Canary {
  readonly index: number;
  readonly header: string | undefined;
  readonly headerValue: string | undefined;
  readonly headerPattern: RegExp | undefined;
  readonly cookie: string | undefined;
}

export interface Redirect {
  readonly scheme: Scheme | undefined;
  readonly hostname: string | undefined;
  readonly port: number | undefined;
  readonly path: PathChange | undefined;
  readonly status: number;
}

export interface Rewrite {
  readonly hostname: string | undefined;
  readonly path: PathChange | undefined;
}

export type PathChange = { readonly type: 'full'; readonly value: string } | { readonly type: 'prefix'; readonly value: string } | { readonly type: 'regex'; readonly value: string };

export interface HeaderChange {
  readonly set: readonly (readonly [string, string])[];
  readonly add: readonly (readonly [string, string])[];
  readonly remove: readonly string[];
}

/** What of a request rules look at. */
export interface RequestView {
  readonly method: string;
  header(name: string): string | undefined;
}

/**
 * The path after a change. `matched` is the rule's path. (HTTPRoute's ReplacePrefixMatch; nginx' rewrite-target with capture groups.)
 */
export function changePath(path: string, change: PathChange, matched: PathMatch): string {
  return visible(changed(path, change, matched));
}

/** What routes say goes into heads: nothing in it may end a line, or be more than one word. */
export const visible = (text: string): string => text.replace(/[^\x21-\x7e]/g, (c) => (c >= '\ud800' && c <= '\udfff' ? '%EF%BF%BD' : encodeURIComponent(c)));

function changed(path: string, change: PathChange, matched: PathMatch): string {
  switch (change.type) {
    case 'full':
      return change.value;
    case 'prefix': {
      const prefix = matched.value.replace(/\/$/, '');
      const rest = path.slice(prefix.length);
      const base = change.value.replace(/\/$/, '');
      return `${base}${rest === '' && base === '' ? '/' : rest}` || '/';
    }
    case 'regex': {
      const groups = matched.type === 'Regex' ? matched.regex.exec(path) : null;
      const made = change.value.replace(/\$(\d)/g, (_, digit: string) => groups?.[Number(digit)] ?? '');
      return made.startsWith('/') ? made : `/${made}`;
    }
  }
}

/** Header lines (each with CRLF) after a change. */
export function changeHeaders(lines: string, change: HeaderChange): string {
  const gone = new Set([...change.remove, ...change.set.map(([name]) => name)].map((name) => name.toLowerCase()));
  const existing = new Map<string, boolean>();
  let kept = '';
  for (const line of lines.split('\r\n')) {
    if (line === '') continue;
    const name = line.slice(0, line.indexOf(':')).toLowerCase();
    if (gone.has(name)) continue;
    const addition = change.add.find(([added]) => added.toLowerCase() === name);
    if (addition && !existing.get(name)) {
      // RFC 9110 5.3: a value added to a list goes behind what is there.
      existing.set(name, true);
      kept += `${line},${addition[1]}\r\n`;
    } else kept += `${line}\r\n`;
  }
  for (const [name, value] of change.set) kept += `${name}: ${value}\r\n`;
  for (const [name, value] of change.add) if (!existing.get(name.toLowerCase())) kept += `${name}: ${value}\r\n`;
  return kept;
}
