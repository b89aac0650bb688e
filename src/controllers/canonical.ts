/**
 * One text for objects that mean the same: sorted keys, nothing that is absent, null or an empty list. Semantic equality as apimachinery's equality.Semantic, where nil and
 * empty are equal.
 */
export function canonical(value: unknown): string {
  return write(value, false) ?? 'null';
}

/** Whether two statuses say the same: zero, '' and false are as good as absent, since servers drop them (Go's omitempty). */
export function sameStatus(a: unknown, b: unknown): boolean {
  return (write(a, true) ?? '{}') === (write(b, true) ?? '{}');
}

function write(value: unknown, dropZero: boolean): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (dropZero && (value === 0 || value === '' || value === false)) return undefined;
  if (Array.isArray(value)) return value.length === 0 ? undefined : `[${value.map((item) => write(item, dropZero) ?? 'null').join(',')}]`;
  if (typeof value !== 'object') return JSON.stringify(value);
  const fields: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const text = write((value as Record<string, unknown>)[key], dropZero);
    if (text !== undefined) fields.push(`${JSON.stringify(key)}:${text}`);
  }
  return `{${fields.join(',')}}`;
}
