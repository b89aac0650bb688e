import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Where br_netfilter sends bridged packets through iptables and Docker (or a firewall) has set FORWARD to DROP, pods would not reach each other. Then, and only then, one rule lets a
 * bridge's own traffic pass. Does nothing where there is no iptables.
 */
export async function allowBridge(bridge: string): Promise<void> {
  if (!(await filtersBridges())) return;
  const rules = await iptables('-S', 'FORWARD');
  if (rules === undefined || !needsRule(rules, bridge)) return;
  await iptables('-I', 'FORWARD', '1', ...ruleFor(bridge));
}

/** Takes the rule away again. */
export async function forgetBridge(bridge: string): Promise<void> {
  const rules = (await filtersBridges()) ? await iptables('-S', 'FORWARD') : undefined;
  if (rules?.includes(` -i ${bridge} -o ${bridge} `)) await iptables('-D', 'FORWARD', ...ruleFor(bridge));
}

/** Whether the FORWARD chain, as `iptables -S` prints it, would drop what stays on the bridge. */
export function needsRule(rules: string, bridge: string): boolean {
  return rules.startsWith('-P FORWARD DROP') && !rules.includes(` -i ${bridge} -o ${bridge} `);
}

function ruleFor(bridge: string): string[] {
  return ['-i', bridge, '-o', bridge, '-m', 'comment', '--comment', 'coracle: pods of one node', '-j', 'ACCEPT'];
}

async function filtersBridges(): Promise<boolean> {
  return (await readFile('/proc/sys/net/bridge/bridge-nf-call-iptables', 'utf8').catch(() => '0')).trim() === '1';
}

async function iptables(...args: string[]): Promise<string | undefined> {
  try {
    return (await run('iptables', ['-w', '5', ...args], { env: { PATH: '/usr/sbin:/sbin:/usr/bin:/bin' } })).stdout;
  } catch {
    return undefined;
  }
}
