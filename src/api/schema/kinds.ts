import { parseApiVersion } from '../object.ts';
import { findMessage } from './registry.ts';
import type { Message } from './table.ts';

/** Groups whose tables are not named by the first word of the group. */
const PACKAGES = new Map([['', 'core'], ['custom.metrics.k8s.io', 'custommetrics'], ['external.metrics.k8s.io', 'externalmetrics']]);
/** Kinds that belong to every group-version. */
const UNIVERSAL = new Set(['DeleteOptions', 'Status']);

/** The message of a built-in kind, by what an object says of itself; undefined when the tables have none. */
export function messageOf(apiVersion: string, kind: string): Message | undefined {
  const { group, version } = parseApiVersion(apiVersion);
  const found = findMessage(`${PACKAGES.get(group) ?? group.split('.')[0]}/${version}.${kind}`);
  return found ?? (UNIVERSAL.has(kind) ? findMessage(`meta/v1.${kind}`) : undefined);
}
