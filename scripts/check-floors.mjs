// The floors of the house (ARCHITECTURE.md): a room imports only from rooms below it. And the clock rule: only base/ reads the machine's time or randomness.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const floors = [
  ['base'], ['api'], ['store', 'client'],
  ['apiserver', 'controllers', 'scheduler', 'kubelet', 'network', 'metrics'],
  ['cluster'], ['simulator'], ['platform', 'dashboard'], ['cli'],
];
const floorOf = new Map(floors.flatMap((rooms, floor) => rooms.map((room) => [room, floor])));
// platform and dashboard stand on the client alone.
const onlyClient = new Set(['platform', 'dashboard']);
const root = resolve('src');
const files = (dir) => readdirSync(dir).flatMap((name) => {
  const path = join(dir, name);
  return statSync(path).isDirectory() ? files(path) : /\.tsx?$/.test(name) ? [path] : [];
});
const problems = [];
for (const file of files(root)) {
  const room = relative(root, file).split('/')[0];
  const text = readFileSync(file, 'utf8');
  const test = /\.(test|suite)\.tsx?$/.test(file);
  for (const match of text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)) {
    const target = relative(root, resolve(dirname(file), match[1])).split('/')[0];
    if (target === room || target.startsWith('..') || !floorOf.has(room) || !floorOf.has(target) || test) continue;
    const bad = onlyClient.has(room) ? !['base', 'api', 'client'].includes(target) : floorOf.get(target) >= floorOf.get(room);
    if (bad) problems.push(`${relative('.', file)}: ${room} must not import ${target} (${match[1]})`);
  }
  for (const match of test ? [] : text.matchAll(/\bimport\('([^.'][^']*)'\)/g)) {
    problems.push(`${relative('.', file)}: import('${match[1]}'): a bundled CommonJS package gives its names to static imports only; import it from a file that is itself loaded late`);
  }
  if (room === 'base' || test) continue;
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  for (const match of code.matchAll(/\b(Date\.now|new Date\(\)|setTimeout|setInterval|Math\.random|performance\.now)\b/g)) {
    problems.push(`${relative('.', file)}: ${match[1]} outside base/; take a Clock or a Random`);
  }
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
