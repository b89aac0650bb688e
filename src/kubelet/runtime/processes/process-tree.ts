import { readFileSync } from 'node:fs';

/** USER_HZ, which Linux fixes at 100 for what /proc shows. */
const NANOSECONDS_PER_TICK = 1e7;
const PAGE = 4096;

/** Usage of a process and its descendants out of /proc, for machines without control groups. CPU of those that have ended is counted where their parent waited for them. */
export function processTreeUsage(pid: number): { cpuNanoseconds: number; memoryUsageBytes: number; memoryWorkingSetBytes: number; oomKills: number } | undefined {
  const own = usageOf(pid);
  if (!own) return undefined;
  let { ticks, pages } = own;
  const queue = childrenOf(pid);
  while (queue.length > 0) {
    const next = queue.pop()!;
    const usage = usageOf(next);
    ticks += usage?.ticks ?? 0;
    pages += usage?.pages ?? 0;
    queue.push(...childrenOf(next));
  }
  return { cpuNanoseconds: ticks * NANOSECONDS_PER_TICK, memoryUsageBytes: pages * PAGE, memoryWorkingSetBytes: pages * PAGE, oomKills: 0 };
}

function usageOf(pid: number): { ticks: number; pages: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(') ') + 2).split(' ').map(Number);
    // utime, stime, and those of children that were waited for (proc(5), fields 14 to 17); rss is field 24.
    return { ticks: fields[11]! + fields[12]! + fields[13]! + fields[14]!, pages: fields[21]! };
  } catch {
    return undefined;
  }
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
