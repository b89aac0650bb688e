import type { Ingress } from '../../api/types/networking.v1.ts';

export const NGINX = 'nginx.ingress.kubernetes.io/';
const TRAEFIK = 'traefik.ingress.kubernetes.io/';

/** What acts here. */
const ACTING = new Set([
  'canary', 'canary-weight', 'canary-weight-total', 'canary-by-header', 'canary-by-header-value', 'canary-by-header-pattern', 'canary-by-cookie', 'rewrite-target', 'use-regex', 'proxy-read-timeout', 'ssl-redirect',
  'force-ssl-redirect',
]);
/** Sizes, buffers and habits of nginx itself: nothing is missing without them. */
const NEEDLESS = /^(proxy-(body-size|buffering|request-buffering|buffers?-(size|number)|busy-buffers-size|max-temp-file-size|connect-timeout|send-timeout|http-version|next-upstream(-tries|-timeout)?)|client-body-buffer-size|enable-access-log|service-upstream)$/;

/** Whether leaving an annotation of nginx' out changes what is served. */
function matters(name: string, value: string): boolean {
  if (ACTING.has(name) || NEEDLESS.test(name) || value === 'false' || value === '') return false;
  return !(name === 'backend-protocol' && /^(HTTPS?|GRPCS?)$/i.test(value));
}

/** Annotations of other ingress controllers that change what they serve, and have no effect here. */
export function unsupportedAnnotations({ metadata }: Ingress): string[] {
  return Object.entries(metadata.annotations ?? {})
    .filter(([name, value]) => name.startsWith(TRAEFIK) || (name.startsWith(NGINX) && matters(name.slice(NGINX.length), value)))
    .map(([name]) => name)
    .sort();
}
