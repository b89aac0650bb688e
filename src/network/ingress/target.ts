/** A request's target and host, as rules look at them. */
export interface Location {
  /** Lower case, without port. */
  readonly host: string;
  /** As asked for, with the query. */
  readonly target: string;
  /** For matching: dot segments and doubled slashes resolved, so that `/open/../secret` is `/secret`. */
  readonly path: string;
  readonly query: string;
}

/** Reads them; an absolute target's host goes before the Host header's (RFC 9112 3.2.2). Undefined when the target is no path. */
export function locate(target: string, hostHeader: string): Location | undefined {
  let host = hostHeader;
  if (target.charCodeAt(0) !== 47) {
    if (target === '*') return { host: bareHost(host), target, path: '/', query: '' };
    const absolute = /^https?:\/\/([^/?#]*)([^#]*)$/i.exec(target);
    if (!absolute) return undefined;
    host = absolute[1]!;
    target = absolute[2] === '' ? '/' : absolute[2]!.startsWith('/') ? absolute[2]! : `/${absolute[2]}`;
  }
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  return { host: bareHost(host), target, path: UNCLEAN.test(path) ? clean(path) : path, query: mark < 0 ? '' : target.slice(mark + 1) };
}

const UNCLEAN = /\/\/|\/\.|%2e|\\/i;

function clean(path: string): string {
  const kept: string[] = [];
  const segments = path.replace(/%2e/gi, '.').replaceAll('\\', '/').split('/');
  const last = segments.at(-1)!;
  for (const segment of segments) {
    if (segment === '..') kept.pop();
    else if (segment !== '.' && segment !== '') kept.push(segment);
  }
  const directory = last === '' || last === '.' || last === '..';
  return `/${kept.join('/')}${directory && kept.length > 0 ? '/' : ''}`;
}

/** Host header values seen lately: most connections ask for the same few. */
const known = new Map<string, string>();

function bareHost(header: string): string {
  const found = known.get(header);
  if (found !== undefined) return found;
  const bare = header.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
  if (known.size > 1_000) known.clear();
  known.set(header, bare);
  return bare;
}
