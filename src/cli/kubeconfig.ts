import { existsSync, readFileSync } from 'node:fs';
import { place, type PlaceOptions } from './place.ts';

export function kubeconfig(options: PlaceOptions & { path?: boolean }): void {
  const { kubeconfig: file, name, start } = place(options);
  if (!existsSync(file)) throw new Error(`cluster "${name}" has no kubeconfig yet: start it with \`${start}\``);
  process.stdout.write(options.path ? `${file}\n` : readFileSync(file, 'utf8'));
}
