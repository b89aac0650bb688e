import { load, YAMLException } from 'js-yaml';

/** YAML as the JSON it stands for (dates and other values that JSON has not become what JSON makes of them), and what strict reading says of it. Of a key that stands twice the last counts. Throws for what is no YAML. */
export function readYaml(text: string): { value: unknown; problem?: string } {
  try {
    return { value: asJson(load(text)) };
  } catch (error) {
    if (!(error instanceof YAMLException) || error.reason !== 'duplicated mapping key' || !error.mark) throw error;
    const { line, position } = error.mark;
    const key = /^(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^:\n]*?))\s*:/.exec(text.slice(position));
    // The words of Go's yaml package.
    return { value: asJson(load(text, { json: true })), problem: `yaml: unmarshal errors:\n  line ${line + 1}: key ${JSON.stringify(key?.[1] ?? key?.[2] ?? key?.[3] ?? '')} already set in map` };
  }
}

const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));
