/** Longest first line looked at before it is taken for something else than HTTP. */
const MOST = 8_192;
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'PROPFIND', 'PROPPATCH', 'MKCOL', 'COPY', 'MOVE', 'LOCK', 'UNLOCK', 'REPORT', 'SEARCH', 'PURGE']);
const LONGEST_METHOD = 9;

/**
 * Whether a client that begins like this speaks HTTP/1.x: `METHOD target HTTP/1.x`. A method alone is not enough (redis' inline commands look like one), and CONNECT or HTTP/2's preface are not to be cut into
 * requests.
 */
export function sniff(bytes: Buffer): 'http' | 'raw' | 'more' {
  const space = bytes.subarray(0, LONGEST_METHOD + 1).indexOf(32);
  if (space < 0) {
    const text = bytes.toString('latin1', 0, LONGEST_METHOD + 1);
    return bytes.length <= LONGEST_METHOD && [...METHODS].some((method) => method.startsWith(text)) ? 'more' : 'raw';
  }
  if (!METHODS.has(bytes.toString('latin1', 0, space))) return 'raw';
  const line = bytes.indexOf(10, space);
  if (line < 0) return bytes.length < MOST ? 'more' : 'raw';
  const at = line - (bytes[line - 1] === 13 ? 10 : 9);
  return at > space && / HTTP\/1\.[01]\r?$/.test(bytes.toString('latin1', at, line)) ? 'http' : 'raw';
}
