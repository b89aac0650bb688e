/** An image reference in its full form: `redis` is docker.io/library/redis:latest (github.com/distribution/reference). */
export interface Reference {
  readonly domain: string;
  readonly path: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
  /** `docker.io/library/redis` */
  readonly name: string;
  /** `docker.io/library/redis:latest`, or with `@sha256:…`. What names are stored under. */
  readonly full: string;
}

const COMPONENT = '[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*';
const PATH = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`);
const HOST = /^(?:\[[0-9a-fA-F:]+\]|(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*)(?::[0-9]+)?$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
const MAX_NAME = 255;

/** Parses and normalises. Throws with upstream's words. */
export function parseReference(text: string): Reference {
  if (/^[a-f0-9]{64}$/.test(text)) throw new Error(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`);
  if (text === '') throw new Error('invalid reference format');
  const at = text.indexOf('@');
  const digest = at < 0 ? undefined : text.slice(at + 1);
  const rest = at < 0 ? text : text.slice(0, at);
  const colon = rest.lastIndexOf(':');
  const tagged = colon > rest.lastIndexOf('/');
  const tag = tagged ? rest.slice(colon + 1) : undefined;
  const [domain, path] = splitDomain(tagged ? rest.slice(0, colon) : rest);
  if (/[A-Z]/.test(path)) throw new Error(`invalid reference format: repository name (${path}) must be lowercase`);
  if (!PATH.test(path) || !HOST.test(domain) || (tag !== undefined && !TAG.test(tag))) throw new Error('invalid reference format');
  if (digest !== undefined && !DIGEST.test(digest)) throw new Error('invalid reference format');
  if (digest?.startsWith('sha256:') && !/^sha256:[a-f0-9]{64}$/.test(digest)) throw new Error('invalid checksum digest length');
  const name = `${domain}/${path}`;
  if (name.length > MAX_NAME) throw new Error('repository name must not be more than 255 characters');
  const named = tag ?? (digest ? undefined : 'latest');
  return { domain, path, tag: named, digest, name, full: digest ? `${name}@${digest}` : `${name}:${named}` };
}

/** The first part is a host when it looks like one; else it is a repository of Docker's. */
function splitDomain(name: string): [domain: string, path: string] {
  const slash = name.indexOf('/');
  const first = name.slice(0, slash);
  if (slash < 0 || !(/[.:]/.test(first) || first === 'localhost' || first.toLowerCase() !== first)) return ['docker.io', slash < 0 ? `library/${name}` : name];
  const domain = first === 'index.docker.io' ? 'docker.io' : first;
  const path = name.slice(slash + 1);
  return [domain, domain === 'docker.io' && !path.includes('/') ? `library/${path}` : path];
}

/** As people write it: `redis:7` for docker.io/library/redis:7. */
export function familiar(full: string): string {
  return full.replace(/^docker\.io\/library\//, '').replace(/^docker\.io\//, '');
}
