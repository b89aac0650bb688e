/** Part of a parsed file whose fields are read with their types checked; every error names file and field. */
export interface Fields {
  readonly file: string;
  /** `FILE: path.of.field`. */
  at(field: string): string;
  names(): string[];
  text(field: string): string | undefined;
  required(field: string): string;
  flag(field: string): boolean;
  texts(field: string): string[];
  items(field: string): Fields[];
  child(field: string, path?: string): Fields | undefined;
}

/** Throws when `value` is no mapping. */
export function fields(file: string, path: string, value: unknown): Fields {
  const at = (field: string) => `${file}: ${[path, field].filter((part) => part !== '').join('.')}`;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${file}: ${path || 'the file'}: expected a mapping, found ${nameOf(value)}`);
  const of = (field: string): unknown => (Object.hasOwn(value, field) ? (value as Record<string, unknown>)[field] : undefined) ?? undefined;
  const wrong = (field: string, expected: string) => new Error(`${at(field)}: expected ${expected}, found ${nameOf(of(field))}`);
  const text = (field: string) => {
    const found = of(field);
    if (found !== undefined && typeof found !== 'string') throw wrong(field, 'a string');
    return found;
  };
  const list = (field: string): unknown[] => {
    const found = of(field);
    if (found !== undefined && !Array.isArray(found)) throw wrong(field, 'a list');
    return found ?? [];
  };
  return {
    file,
    at,
    names: () => Object.keys(value),
    text,
    required(field) {
      const found = text(field);
      if (!found) throw new Error(`${at(field)}: is required`);
      return found;
    },
    flag(field) {
      const found = of(field);
      if (found !== undefined && typeof found !== 'boolean') throw wrong(field, 'true or false');
      return found ?? false;
    },
    texts: (field) =>
      list(field).map((item, i) => {
        if (typeof item !== 'string') throw new Error(`${at(`${field}[${i}]`)}: expected a string, found ${nameOf(item)}`);
        return item;
      }),
    items: (field) => list(field).map((item, i) => fields(file, [path, `${field}[${i}]`].filter((part) => part !== '').join('.'), item)),
    child(field, childPath) {
      const found = of(field);
      return found === undefined ? undefined : fields(file, childPath ?? [path, field].join('.'), found);
    },
  };
}

function nameOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'a mapping' : `a ${typeof value}`;
}
