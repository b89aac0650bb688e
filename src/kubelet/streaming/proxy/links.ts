/** Links of a page that is shown under another path (apimachinery pkg/util/proxy/transport.go rewriteHTML). */
import { pipeline, Transform, type Readable } from 'node:stream';
import { createDeflateRaw, createGunzip, createGzip, createInflateRaw } from 'node:zlib';

/** The attributes that hold an address, by tag. */
const LINKS: Readonly<Record<string, readonly string[]>> = {
  a: ['href'], applet: ['codebase'], area: ['href'], audio: ['src'], base: ['href'], blockquote: ['cite'], body: ['background'], button: ['formaction'], command: ['icon'], del: ['cite'], embed: ['src'], form: ['action'],
  frame: ['longdesc', 'src'], head: ['profile'], html: ['manifest'], iframe: ['longdesc', 'src'], img: ['longdesc', 'src', 'usemap'], input: ['src', 'usemap', 'formaction'], ins: ['cite'], link: ['href'],
  object: ['classid', 'codebase', 'data', 'usemap'], q: ['cite'], script: ['src'], source: ['src'], video: ['poster', 'src'],
};
/** What stands in these is no HTML. */
const RAW = new Set(['script', 'style', 'textarea', 'title', 'xmp', 'iframe', 'noembed', 'noframes']);
const TAG = /<([a-zA-Z][^\s/>]*)((?:"[^"]*"|'[^']*'|[^"'>])*)>/y;
const ATTRIBUTE = /([^\s"'=<>/]+)(\s*=\s*)(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/g;
/** A tag that is longer than this is passed on as it is. */
const LONGEST_TAG = 65_536;

/** A body with its links put through `rewrite`; undefined when it is no HTML, or packed in a way that is not understood. */
export function withLinks(body: Readable, headers: Readonly<Record<string, string | string[] | undefined>>, rewrite: (url: string) => string): Readable | undefined {
  if (String(headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase() !== 'text/html') return undefined;
  // A body that breaks off breaks its copy off, too: `pipeline` sees to that.
  const through = (...steps: readonly Transform[]) => pipeline([body, ...steps], () => {}) as unknown as Readable;
  switch (headers['content-encoding'] ?? '') {
    case '':
      return through(linkStream(rewrite));
    case 'gzip':
      return through(createGunzip(), linkStream(rewrite), createGzip());
    case 'deflate':
      return through(createInflateRaw(), linkStream(rewrite), createDeflateRaw());
    default:
      return undefined;
  }
}

/** Any encoding that has ASCII in it: what is not ASCII passes as it came. */
function linkStream(rewrite: (url: string) => string): Transform {
  const links = linkRewriter(rewrite);
  return new Transform({
    transform: (bytes: Buffer, _encoding, done) => done(null, Buffer.from(links.next(bytes.toString('latin1')), 'latin1')),
    flush: (done) => done(null, Buffer.from(links.end(), 'latin1')),
  });
}

/** Takes a page in pieces; what may be the beginning of a tag waits for its rest. */
export function linkRewriter(rewrite: (url: string) => string): { next(text: string): string; end(): string } {
  let held = '';
  /** The tag whose end is all that is looked for. */
  let raw: string | undefined;
  const read = (text: string): string => {
    let made = '';
    let at = 0;
    for (;;) {
      const open = raw === undefined ? text.indexOf('<', at) : endOf(text, raw, at);
      const stop = open < 0 ? (raw === undefined ? text.length : Math.max(at, text.length - raw.length - 2)) : open;
      made += text.slice(at, stop);
      held = open < 0 ? text.slice(stop) : '';
      if (open < 0) return made;
      const next = raw === undefined ? tag(text, open) : { end: open + 2 + raw.length, text: text.slice(open, open + 2 + raw.length) };
      if (next === undefined && text.length - open < LONGEST_TAG) {
        held = text.slice(open);
        return made;
      }
      made += next?.text ?? '<';
      at = next?.end ?? open + 1;
      raw = next && 'raw' in next ? next.raw : undefined;
    }
  };
  const tag = (text: string, open: number): { end: number; text: string; raw?: string | undefined } | undefined => {
    const after = text.charCodeAt(open + 1);
    if (Number.isNaN(after)) return undefined;
    if (text.startsWith('<!--', open)) return upTo(text, open, '-->');
    if (after === 33 && '<!--'.startsWith(text.slice(open))) return undefined;
    if (!/[a-z]/i.test(text[open + 1]!)) return { end: open + 1, text: '<' };
    TAG.lastIndex = open;
    const found = TAG.exec(text);
    if (!found) return undefined;
    const [whole, name = '', attributes = ''] = found;
    const lower = name.toLowerCase();
    const linked = LINKS[lower];
    const changed = linked === undefined ? whole : `<${name}${attributes.replace(ATTRIBUTE, (all: string, attribute: string, equals: string, double?: string, single?: string, bare?: string) => {
      if (!linked.includes(attribute.toLowerCase())) return all;
      const quote = single === undefined ? '"' : "'";
      return `${attribute}${equals}${quote}${rewrite(double ?? single ?? bare ?? '')}${quote}`;
    })}>`;
    return { end: open + whole.length, text: changed, raw: RAW.has(lower) && !whole.endsWith('/>') ? lower : undefined };
  };
  return {
    next: (text) => read(held + text),
    end() {
      const rest = held;
      held = '';
      return rest;
    },
  };
}

const endOf = (text: string, name: string, from: number): number => text.toLowerCase().indexOf(`</${name}`, from);

function upTo(text: string, open: number, close: string): { end: number; text: string } | undefined {
  const end = text.indexOf(close, open);
  return end < 0 ? undefined : { end: end + close.length, text: text.slice(open, end + close.length) };
}
