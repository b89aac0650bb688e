import pc from '../colors.ts';
import type { Event, Pod } from '../../api/types/core.v1.ts';

/** What of a cluster is shown. */
export interface ClusterState {
  readonly name: string;
  readonly url: string;
  readonly ingress: string | undefined;
  readonly kubeconfig: string;
  readonly upMs: number;
  readonly nodes: readonly { readonly name: string; readonly ready: boolean; readonly schedulable: boolean }[];
  readonly workloads: readonly Workload[];
  readonly pods: readonly Pod[];
  /** Oldest first. */
  readonly events: readonly Event[];
  readonly limitations: readonly string[];
}

export interface Workload {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly wanted: number;
  readonly ready: number;
  readonly updated: number;
  readonly pods: readonly Pod[];
  /** When anything about it last changed (ms since the epoch). */
  readonly changedAt: number;
}

interface Row {
  readonly cells: readonly string[];
  readonly tone: (text: string) => string;
}

/** The live view: `columns` wide and at most `rows` high. */
export function render(state: ClusterState, columns: number, rows: number, now: number): string[] {
  const header = headerLines(state, columns);
  const room = Math.max(4, rows - header.length - 1);
  const sorted = state.workloads.toSorted((a, b) => b.changedAt - a.changedAt);
  // Half of the room at most, so that events are always seen.
  const most = Math.max(2, Math.min(sorted.length, Math.ceil(room / 2) - 3));
  const table = sorted.length === 0 ? [pc.dim('No workloads yet.')] : tableLines(sorted.slice(0, most).map((workload) => row(workload, now)), columns);
  if (sorted.length > most) table.push(pc.dim(cut(`… and ${sorted.length - most} more that changed earlier`, columns)));
  const eventRoom = Math.max(1, room - table.length - 3);
  const events = eventLines(state.events.slice(-eventRoom), columns);
  return [...header, '', ...table, '', pc.bold('EVENTS'), ...(events.length === 0 ? [pc.dim('None yet.')] : events)].slice(0, Math.max(1, rows - 1));
}

function headerLines({ name, url, ingress, kubeconfig, upMs, nodes, pods, limitations }: ClusterState, columns: number): string[] {
  const running = pods.filter(isReady).length;
  const live = pods.filter(({ status }) => status?.phase !== 'Succeeded').length;
  const readyNodes = nodes.filter(({ ready }) => ready).length;
  const cordoned = nodes.filter(({ schedulable }) => !schedulable).length;
  const nodeText = `${readyNodes === nodes.length ? '' : `${readyNodes}/`}${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'}${readyNodes === nodes.length ? '' : ' ready'}${cordoned > 0 ? ` (${cordoned} cordoned)` : ''}`;
  const facts = [url, nodeText, `${running}/${live} pods ready`, `up ${age(upMs)}`];
  const dot = (readyNodes === nodes.length ? pc.green : pc.yellow)('●');
  const title = `Coracle ${name}`;
  const rest = cut(facts.join('   '), columns - title.length - 5);
  const lines = [`${dot} ${pc.bold(title)}   ${rest.startsWith(url) ? pc.cyan(url) + rest.slice(url.length) : rest}`];
  if (ingress !== undefined) lines.push(cut(`  Ingress ${ingress} and every *.localhost name`, columns));
  lines.push(pc.dim(cut(`  export KUBECONFIG=${kubeconfig}`, columns)));
  for (const sentence of limitations) lines.push(`${pc.yellow('!')} ${cut(sentence, columns - 2)}`);
  return lines;
}

const TITLES = ['NAMESPACE', 'WORKLOAD', 'READY', 'AGE', 'STATE'];

function row({ kind, namespace, name, wanted, ready, updated, pods, changedAt }: Workload, now: number): Row {
  const trouble = pods.map(troubleOf).find((reason) => reason !== undefined);
  const leaving = pods.filter(({ metadata }) => metadata.deletionTimestamp !== undefined).length;
  const state = trouble ?? (updated < wanted ? `rolling out ${updated}/${wanted}` : ready < wanted ? `${wanted - ready} starting` : leaving > 0 ? `${leaving} leaving` : wanted === 0 ? 'asleep' : 'ok');
  const tone = trouble !== undefined ? pc.red : state === 'ok' ? pc.green : state === 'asleep' ? pc.dim : pc.yellow;
  return { cells: [namespace, `${kind.toLowerCase()}/${name}`, `${ready}/${wanted}`, age(now - changedAt), state], tone };
}

/** Titles and rows, aligned; the workload's name gives way where the terminal is narrow. */
function tableLines(rows: readonly Row[], columns: number): string[] {
  const widths = TITLES.map((title, i) => Math.max(title.length, ...rows.map(({ cells }) => cells[i]!.length)));
  const gaps = 3 * (TITLES.length - 1);
  const state = Math.min(widths[4]!, 28);
  const fixed = Math.min(widths[0]!, 20) + widths[2]! + widths[3]! + state + gaps;
  const limits = [Math.min(widths[0]!, 20), Math.max(12, Math.min(widths[1]!, columns - fixed)), widths[2]!, widths[3]!, Math.max(5, columns - fixed + state - Math.max(12, Math.min(widths[1]!, columns - fixed)))];
  const shown = (cells: readonly string[]) => cells.map((cell, i) => (i === cells.length - 1 ? cut(cell, limits[i]!) : cut(cell, limits[i]!).padEnd(limits[i]! + 3)));
  return [
    pc.bold(cut(shown(TITLES).join(''), columns)),
    ...rows.map(({ cells, tone }) => {
      const parts = shown(cells);
      return parts.slice(0, -1).join('') + tone(parts.at(-1)!);
    }),
  ];
}

/** Narrower than this, the reason gives its place to the message, which says more. */
const REASON_FROM = 110;

/** Time, object, reason and message in columns; the message takes what is left. */
function eventLines(events: readonly Event[], columns: number): string[] {
  const rows = events.toSorted((a, b) => (timeOf(a) < timeOf(b) ? -1 : timeOf(a) > timeOf(b) ? 1 : 0)).map((event) => {
    const { kind = '', name = '', namespace } = event.involvedObject;
    const count = (event.count ?? 1) > 1 ? `(x${event.count}) ` : '';
    return {
      time: timeOf(event).slice(11, 19),
      object: `${namespace === undefined || namespace === 'default' || namespace === '' ? '' : `${namespace} `}${kind.toLowerCase()}/${name}`,
      reason: event.reason ?? '',
      message: `${count}${(event.message ?? '').replaceAll(/\s+/g, ' ')}`,
      tone: event.type === 'Warning' ? pc.yellow : pc.green,
    };
  });
  const widest = (of: (row: (typeof rows)[number]) => string, most: number) => Math.min(most, Math.max(0, ...rows.map((row) => of(row).length)));
  const object = widest((row) => row.object, Math.floor(columns * 0.35));
  if (columns < REASON_FROM) {
    return rows.map((row) => `${pc.dim(row.time.padEnd(8))}  ${row.tone(cut(row.object, object).padEnd(object))}  ${cut(row.message === '' ? row.reason : row.message, columns - 8 - object - 4)}`.trimEnd());
  }
  const reason = widest((row) => row.reason, Math.max(12, Math.floor(columns * 0.2)));
  return rows.map((row) => {
    const room = columns - 8 - object - reason - 6;
    return `${pc.dim(row.time.padEnd(8))}  ${cut(row.object, object).padEnd(object)}  ${row.tone(cut(row.reason, reason).padEnd(reason))}  ${cut(row.message, room)}`.trimEnd();
  });
}

const timeOf = ({ lastTimestamp, eventTime, metadata }: Event): string => lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? '';

/** Why a pod does not come up, in one word: `CrashLoopBackOff`, `ErrImagePull`, `Unschedulable`. */
function troubleOf({ metadata, status }: Pod): string | undefined {
  if (metadata.deletionTimestamp !== undefined) return undefined;
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const waiting = containers.map(({ state }) => state?.waiting?.reason).find((reason) => reason !== undefined && reason !== 'ContainerCreating' && reason !== 'PodInitializing');
  const unscheduled = status?.conditions?.find(({ type, status: value }) => type === 'PodScheduled' && value === 'False')?.reason;
  return waiting ?? unscheduled ?? (status?.phase === 'Failed' ? (status.reason ?? 'Failed') : undefined);
}

export const isReady = ({ metadata, status }: Pod): boolean => metadata.deletionTimestamp === undefined && (status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false);

/** At most `width` characters, with an ellipsis where something is missing. */
function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/** `42s`, `3m05s`, `2h10m`, `4d`. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m${two(seconds % 60)}s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)}h${two(Math.floor((seconds % 3_600) / 60))}m`;
  return `${Math.floor(seconds / 86_400)}d`;
}
