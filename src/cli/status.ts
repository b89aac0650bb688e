import { readFileSync } from 'node:fs';
import { Nodes } from '../api/kinds/core/node.ts';
import { Pods } from '../api/kinds/core/pod.ts';
import { connect } from './connect.ts';
import { columns } from './output.ts';
import { place, type PlaceOptions } from './place.ts';

/** `coracle status`. Exit code 3 when the cluster does not run, as systemd's status. */
export async function status(options: PlaceOptions & { output: string }): Promise<void> {
  if (options.output !== 'table' && options.output !== 'json') throw new Error(`-o ${options.output}: it is table or json`);
  const where = place(options);
  const running = where.running();
  if (!running) {
    process.stdout.write(options.output === 'json' ? `${JSON.stringify({ name: where.name, running: false })}\n` : `Cluster "${where.name}" does not run. Start it with \`${where.start}\`.\n`);
    process.exitCode = 3;
    return;
  }
  const client = connect(where);
  const [nodes, pods] = await Promise.all([client.list(Nodes), client.list(Pods)]);
  await client.close();
  const phases: Record<string, number> = {};
  for (const pod of pods.items) phases[pod.status?.phase ?? 'Unknown'] = (phases[pod.status?.phase ?? 'Unknown'] ?? 0) + 1;
  const ready = nodes.items.filter((n) => n.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True')).length;
  const memoryMiB = Math.round(residentKiB(running.pid) / 1024);
  if (options.output === 'json') {
    process.stdout.write(`${JSON.stringify({ name: where.name, running: true, ...running, kubeconfig: where.kubeconfig, nodes: nodes.items.length, readyNodes: ready, pods: phases, memoryMiB })}\n`);
    return;
  }
  process.stdout.write(`${columns([
    ['NAME', where.name], ['API', running.url], ...(running.ingress ? [['INGRESS', `${running.ingress.http} and ${running.ingress.https}`]] : []), ['KUBECONFIG', where.kubeconfig], ['SINCE', running.startedAt], ['PID', String(running.pid)], ['MEMORY', `${memoryMiB} MiB`],
    ['NODES', `${ready} of ${nodes.items.length} ready`], ['PODS', Object.entries(phases).map(([phase, count]) => `${count} ${phase}`).join(', ') || 'none'],
  ])}\n`);
}

function residentKiB(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
}
