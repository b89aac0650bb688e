// node share.mjs URL COUNT: asks COUNT times, each on a connection of its own, one after the other as the author's curl loop does; prints how many per cent each version answered.
import { Agent, get } from 'node:http';

const [url, count] = [process.argv[2], Number(process.argv[3])];
const seen = new Map();
const ask = () => new Promise((resolve, reject) => {
  get(url, { agent: new Agent({ keepAlive: false }) }, (response) => {
    let body = '';
    response.on('data', (chunk) => { body += chunk; }).on('end', () => resolve(JSON.parse(body)['app-version']));
  }).on('error', reject);
});
for (let i = 0; i < count; i++) {
  const version = await ask();
  seen.set(version, (seen.get(version) ?? 0) + 1);
}
for (const [version, number] of [...seen].sort()) console.log(`${version} ${Math.round((number / count) * 100)} %`);
