import type { Page } from './router.ts';
import { textReply } from './reply.ts';

/** Something whose well-being `/readyz` tells. */
export interface HealthCheck {
  readonly name: string;
  /** undefined = well, else what is wrong. */
  check(): string | undefined;
}

const ROOTS = ['/healthz', '/livez', '/readyz'];

/** `/healthz`, `/livez`, `/readyz`, with `?verbose`, `?exclude=` and a path for each single check (apiserver pkg/server/healthz). */
export function healthPages(checks: readonly HealthCheck[]): Page {
  return (path, query) => {
    const root = ROOTS.find((candidate) => path === candidate || path.startsWith(`${candidate}/`));
    if (root === undefined) return undefined;
    const single = path.slice(root.length + 1);
    if (single !== '') {
      const found = checks.find((check) => check.name === single);
      if (!found) return textReply(404, '404 page not found\n');
      const wrong = found.check();
      return wrong === undefined ? textReply(200, 'ok') : textReply(500, `internal server error: ${wrong}\n`);
    }
    const excluded = new Set(query.all('exclude'));
    const lines: string[] = [];
    const failed: string[] = [];
    for (const { name, check } of checks) {
      const wrong = excluded.has(name) ? undefined : check();
      if (wrong !== undefined) failed.push(name);
      lines.push(excluded.has(name) ? `[+]${name} excluded: ok` : wrong === undefined ? `[+]${name} ok` : `[-]${name} failed: reason withheld`);
    }
    const title = root.slice(1);
    if (failed.length > 0) return textReply(500, `${lines.join('\n')}\n${title} check failed\n`);
    return textReply(200, query.get('verbose') === undefined ? 'ok' : `${lines.join('\n')}\n${title} check passed\n`);
  };
}

/** `/metrics/slis`: how each check is at this moment, under component-base's names. */
export function healthMetrics(checks: readonly HealthCheck[]): Page {
  return (path) => {
    if (path !== '/metrics/slis') return undefined;
    const rows = ROOTS.flatMap((root) => checks.map(({ name, check }) => `kubernetes_healthcheck{name="${name}",type="${root.slice(1)}"} ${check() === undefined ? 1 : 0}`));
    return textReply(200, ['# HELP kubernetes_healthcheck [STABLE] This metric records the result of a single healthcheck.', '# TYPE kubernetes_healthcheck gauge', ...rows, ''].join('\n'));
  };
}
