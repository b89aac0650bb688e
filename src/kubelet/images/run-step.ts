import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join, posix, resolve } from 'node:path';
import type { Mount } from '../runtime/runtime.ts';
import type { Step } from './dockerfile.ts';

/** What a RUN's shell is given: its line, or the here-document that stands for it. */
export function runScript(step: Step): string {
  if (step.heredocs.length === 0) return step.text;
  const [only] = step.heredocs;
  if (only && /^<<-?["']?\w+["']?$/.test(step.text)) {
    if (!only.content.startsWith('#!')) return only.content;
    // A script with its own interpreter is run as a file.
    return `f=$(mktemp) && cat > "$f" <<'${only.name}'\n${only.content}${only.name}\nchmod +x "$f" && "$f"; s=$?; rm -f "$f"; exit $s`;
  }
  return [step.text, ...step.heredocs.map(({ name, content }) => `${content}${name}`)].join('\n');
}

/** The mounts of `RUN --mount=type=cache|bind,…`. */
export async function runMounts(step: Step, places: { readonly cache: string; readonly context: string; readonly expand: (raw: string) => string }): Promise<Mount[]> {
  const mounts: Mount[] = [];
  for (const [flag, raw] of step.flags) {
    if (flag === 'network' || flag === 'security') continue;
    if (flag !== 'mount') throw new Error(`unknown flag: --${flag}`);
    const settings = new Map(places.expand(raw).split(',').map((each) => [each.split('=')[0] ?? '', each.slice(each.indexOf('=') + 1)] as const));
    const target = settings.get('target') ?? settings.get('dst') ?? settings.get('destination');
    const type = settings.get('type') ?? 'bind';
    const known = type === 'cache' || (type === 'bind' && !settings.has('from'));
    if (!known) throw new Error(`--mount=type=${type}${settings.has('from') ? ',from' : ''} is not supported: cache, and bind from the context, are`);
    if (!target) throw new Error(`--mount=${raw}: target is missing`);
    if (type === 'cache') {
      const id = settings.get('id') ?? target;
      const hostPath = join(places.cache, createHash('sha256').update(id).digest('hex').slice(0, 32));
      await mkdir(hostPath, { recursive: true, mode: 0o755 });
      mounts.push({ hostPath, containerPath: target, readOnly: settings.has('ro') || settings.has('readonly'), propagation: 'private' });
    } else {
      const source = posix.join('/', settings.get('source') ?? settings.get('src') ?? '/');
      mounts.push({ hostPath: resolve(places.context, `.${source}`), containerPath: target, readOnly: true, propagation: 'private' });
    }
  }
  return mounts;
}
