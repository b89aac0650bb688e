/** A .dockerignore: says whether a path of the context (no leading slash) is left out. The last pattern that matches decides; `!` takes back (moby's patternmatcher). */
export function ignoreFilter(text: string): (path: string) => boolean {
  const patterns = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line && !line.startsWith('#'))
    .map((line) => {
      const negated = line.startsWith('!');
      const pattern = (negated ? line.slice(1) : line).trim().replace(/^\/+/, '').replace(/\/+$/, '');
      return { negated, matches: globMatcher(pattern === '.' ? '**' : pattern) };
    });
  return (path) => {
    const parts = path.split('/');
    // A pattern that matches a directory takes what is in it along.
    const prefixes = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
    return patterns.reduce((ignored, { negated, matches }) => (prefixes.some(matches) ? !negated : ignored), false);
  };
}

/** Go's filepath.Match, with `**` for any number of directories. */
export function globMatcher(pattern: string): (path: string) => boolean {
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i]!;
    if (char === '*' && pattern[i + 1] === '*') {
      i++;
      if (pattern[i + 1] === '/') {
        i++;
        source += '(?:.*/)?';
      } else source += '.*';
    } else if (char === '*') source += '[^/]*';
    else if (char === '?') source += '[^/]';
    else if (char === '[') {
      const end = pattern.indexOf(']', i + 1);
      if (end < 0) source += '\\[';
      else {
        source += `[${pattern.slice(i + 1, end).replace(/^!/, '^').replaceAll('\\', '\\\\')}]`;
        i = end;
      }
    } else if (char === '\\' && i + 1 < pattern.length) source += escaped(pattern[++i]!);
    else source += escaped(char);
  }
  const expression = new RegExp(`^${source}$`, 's');
  return (path) => expression.test(path);
}

function escaped(char: string): string {
  return char.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
