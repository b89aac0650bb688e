import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { pack } from 'tar-stream';
import { realClock } from '../../base/clock.ts';
import { systemRandom } from '../../base/random.ts';
import type { BuildOptions } from './build.ts';
import { openImages } from './images.ts';
import type { Images } from './images.ts';
import { startRegistry, type RegistryOptions } from './registry.suite.ts';

const root = process.getuid?.() === 0;
const signal = new AbortController().signal;

describe.skipIf(!root)('images (needs root)', () => {
  let place: string;
  let images: Images;
  beforeAll(async () => {
    place = mkdtempSync(join(tmpdir(), 'coracle-images-'));
    images = await openImages({ directory: join(place, 'store'), cgroupRoot: `coracle-images-${place.slice(-6)}`, clock: realClock(), random: systemRandom() });
  });
  afterAll(async () => {
    await images.close();
    rmSync(place, { recursive: true, force: true });
    expect(readdirSync('/sys/fs/cgroup').flatMap((hierarchy) => readdirSync(`/sys/fs/cgroup/${hierarchy}`)).filter((name) => name.includes(place.slice(-6)))).toEqual([]);
  });

  let contexts = 0;
  const context = (files: Record<string, string>) => {
    const directory = join(place, `context-${contexts++}`);
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(join(directory, dirname(name)), { recursive: true });
      writeFileSync(join(directory, name), content);
    }
    return directory;
  };
  const build = (files: Record<string, string>, options: Partial<BuildOptions> = {}) => images.build({ context: context(files), tags: ['test'], ...options });
  /** What the image's own layers have at a path, highest first. */
  const inLayers = (layers: readonly string[], path: string) => {
    for (const layer of [...layers].reverse()) {
      try {
        return readFileSync(join(layer, path), 'utf8');
      } catch {
        continue;
      }
    }
    return undefined;
  };

  test('a Dockerfile on the host: files, variables, commands, configuration', async () => {
    const output: string[] = [];
    const image = await build(
      {
        Dockerfile: [
          'ARG TAG=3.9',
          'FROM python:${TAG} AS base',
          'ARG app_version',
          'ENV VERSION=${app_version:-none} GREETING="hello world"',
          'LABEL maintainer="me" version=$VERSION',
          'WORKDIR /app',
          'COPY *.txt src ./',
          'RUN echo "built $VERSION" > built && ls > listing && rm one.txt && mkdir -p /var/app && echo done',
          'RUN ["sh", "-c", "id -u > /tmp/uid"]',
          'RUN <<EOF',
          'echo "$GREETING" > greeting',
          'EOF',
          'COPY --chown=33:34 --chmod=600 <<CONF /etc/app.conf',
          'version=$VERSION',
          'CONF',
          'EXPOSE 8080 53/udp',
          'USER nobody',
          'STOPSIGNAL SIGINT',
          'HEALTHCHECK --interval=5s --retries=2 CMD true',
          'ENTRYPOINT ["/app/run"]',
          'CMD ["--port", "8080"]',
        ].join('\n'),
        'one.txt': '1',
        'two.txt': '2',
        'src/run': '#!/bin/sh\n',
        'src/deep/file': 'deep',
        'secret.txt': 'no',
        '.dockerignore': 'secret.txt',
      },
      { base: 'host', buildArgs: { app_version: '2.0' }, tags: ['dummy-api:2.0'], onProgress: ({ kind, text: line }) => kind === 'output' && output.push(line) },
    );
    expect(image).toMatchObject({
      host: true,
      reference: 'docker.io/library/dummy-api:2.0',
      config: { entrypoint: ['/app/run'], cmd: ['--port', '8080'], workingDir: '/app', user: 'nobody', stopSignal: 'SIGINT', exposedPorts: ['8080/tcp', '53/udp'], labels: { maintainer: 'me', version: '2.0', 'dev.coracle.base': 'host' } },
    });
    expect(image.config.env).toEqual(expect.arrayContaining(['VERSION=2.0', 'GREETING=hello world']));
    expect(output).toEqual(['done']);
    const has = (path: string) => inLayers(image.layers, path);
    expect(has('app/built')).toBe('built 2.0\n');
    expect(has('app/listing')).toBe('deep\nlisting\none.txt\nrun\ntwo.txt\n'.replace('deep\n', 'built\ndeep\n'));
    expect(has('app/deep/file')).toBe('deep');
    expect(has('app/greeting')).toBe('hello world\n');
    expect(has('tmp/uid')).toBe('0\n');
    expect(has('etc/app.conf')).toBe('version=2.0\n');
    const conf = image.layers.map((layer) => statSync(join(layer, 'etc/app.conf'), { throwIfNoEntry: false })).find(Boolean)!;
    expect([conf.uid, conf.gid, conf.mode & 0o777]).toEqual([33, 34, 0o600]);
    expect(await images.resolveUser(image, 'nobody')).toMatchObject({ uid: 65534, gid: 65534 });
    expect(await images.status('dummy-api:2.0')).toMatchObject({ id: image.id });
    expect(await images.status('docker.io/library/dummy-api:2.0')).toMatchObject({ id: image.id });
    expect(await images.status(image.id)).toMatchObject({ id: image.id });
    expect(await images.status('dummy-api:1.0')).toBeUndefined();
  });

  test('an ENTRYPOINT drops the CMD of the image below, and keeps its own', async () => {
    await build({ Dockerfile: 'FROM scratch\nENTRYPOINT ["/run"]\nCMD ["pause"]\n' }, { tags: ['below:1'] });
    expect((await build({ Dockerfile: 'FROM below:1\nENTRYPOINT ["/run", "on"]\n' })).config).toMatchObject({ entrypoint: ['/run', 'on'], cmd: [] });
    expect((await build({ Dockerfile: 'FROM below:1\nCMD ["x"]\nENTRYPOINT ["/run"]\n' })).config.cmd).toEqual(['x']);
    expect((await build({ Dockerfile: 'FROM below:1\nENV A=1\n' })).config.cmd).toEqual(['pause']);
  });

  test('the second time everything is cached; a changed file rebuilds from there on', async () => {
    const files = { Dockerfile: 'FROM scratch\nCOPY a /a\nCOPY b /b\n', a: '1', b: '1' };
    const kinds: string[] = [];
    const onProgress: BuildOptions['onProgress'] = ({ kind }) => kinds.push(kind);
    const first = await build(files);
    const second = await build(files, { onProgress });
    expect(kinds).toEqual(['step', 'step', 'cached', 'step', 'cached']);
    expect(second.layers).toEqual(first.layers);
    kinds.length = 0;
    const third = await build({ ...files, b: '2' }, { onProgress });
    expect(kinds).toEqual(['step', 'step', 'cached', 'step']);
    expect(third.layers[0]).toBe(first.layers[0]);
    expect(inLayers(third.layers, 'b')).toBe('2');
  });

  test('build arguments that nothing declares are told, by name; a proxy needs no declaration', async () => {
    const notes: string[] = [];
    const onProgress: BuildOptions['onProgress'] = ({ kind, text: line }) => kind === 'note' && notes.push(line);
    const files = { Dockerfile: 'ARG base=scratch\nFROM ${base} AS one\nARG here\nFROM one\nARG behind=1 two\n' };
    await build(files, { target: 'one', onProgress, buildArgs: { base: 'scratch', here: '1', behind: '2', two: '2', HTTPS_PROXY: 'http://p', zed: '1', APP: '1' } });
    expect(notes).toEqual(['[Warning] One or more build-args [APP zed] were not consumed']);
    notes.length = 0;
    await build(files, { onProgress, buildArgs: { here: '1' } });
    expect(notes).toEqual([]);
  });

  test('stages: by name, by number, up to a target; a removed file stays removed', async () => {
    const files = {
      Dockerfile: ['FROM busybox AS build', 'COPY x /out/x', 'RUN rm /out/x && echo made > /out/y', 'FROM scratch AS final', 'COPY --from=build /out /in', 'FROM scratch', 'COPY --from=1 /in/y /last'].join('\n'),
      x: 'x',
    };
    const whole = await build(files, { base: 'host' });
    expect(inLayers(whole.layers, 'last')).toBe('made\n');
    const part = await build(files, { base: 'host', target: 'final' });
    expect(part.layers.flatMap((layer) => readdirSync(join(layer, 'in')))).toEqual(['y']);
    await expect(build(files, { base: 'host', target: 'nowhere' })).rejects.toThrow('target stage "nowhere" could not be found');
  });

  test('ONBUILD is done by the images that build on it, once', async () => {
    await build({ Dockerfile: 'FROM scratch\nENV A=1\nONBUILD ENV B=${A}2\nONBUILD COPY own /own\n' }, { tags: ['parent:1'] });
    const child = await build({ Dockerfile: 'FROM parent:1\nENV C=${B}3\n', own: 'mine' }, { tags: ['child:1'] });
    expect(child.config.env).toEqual(expect.arrayContaining(['B=12', 'C=123']));
    expect(inLayers(child.layers, 'own')).toBe('mine');
    const grandchild = await build({ Dockerfile: 'FROM child:1\nENV D=1\n' });
    expect(grandchild.layers).toEqual(child.layers);
    await expect(build({ Dockerfile: 'FROM scratch\nONBUILD ONBUILD RUN x\n' })).rejects.toThrow("Dockerfile:2: Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
    await expect(build({ Dockerfile: 'FROM scratch\nONBUILD FROM y\n' })).rejects.toThrow("Dockerfile:2: FROM isn't allowed as an ONBUILD trigger");
  });

  test('--chown by name takes the user\'s own group, by number the group of that number', async () => {
    const image = await build({ Dockerfile: 'FROM debian\nCOPY --chown=nobody a /by-name\nCOPY --chown=7 a /by-number\n', a: '1' }, { base: 'host' });
    const owner = (path: string) => image.layers.map((layer) => statSync(join(layer, path), { throwIfNoEntry: false })).filter((s) => s !== undefined).map(({ uid, gid }) => [uid, gid]);
    const [, , uid, gid] = readFileSync('/etc/passwd', 'utf8').split('\n').find((line) => line.startsWith('nobody:'))!.split(':').map(Number);
    expect([owner('by-name'), owner('by-number')]).toEqual([[[uid, gid]], [[7, 7]]]);
  });

  test('what a build cannot do is said by name', async () => {
    await expect(build({ Dockerfile: 'FROM scratch\nRUN --mount=type=secret,id=x true\n' })).rejects.toThrow('--mount=type=secret is not supported');
    await expect(build({ Dockerfile: 'FROM scratch\nADD http://127.0.0.1:2/x /x\n' })).rejects.toThrow(/ADD http:\/\/127\.0\.0\.1:2\/x: connect ECONNREFUSED/);
  });

  test('a link in the image leads COPY inside the image', async () => {
    const directory = context({ Dockerfile: 'FROM scratch\nCOPY tree /\nCOPY file /link/\nCOPY file /bin2/sub/\n', file: 'content', 'tree/real/keep': '' });
    symlinkSync('/real', join(directory, 'tree/link'));
    symlinkSync('/nowhere/../etc', join(directory, 'tree/bin2'));
    const image = await images.build({ context: directory, tags: [] });
    expect(inLayers(image.layers, 'real/file')).toBe('content');
    expect(inLayers(image.layers, 'etc/sub/file')).toBe('content');
  });

  test('ADD unpacks an archive', async () => {
    const archive = pack();
    archive.entry({ name: 'dir/inside', mode: 0o640 }, 'packed');
    archive.finalize();
    const directory = context({ Dockerfile: 'FROM scratch\nADD a.tgz /there/\n' });
    writeFileSync(join(directory, 'a.tgz'), gzipSync(await bytesOf(archive)));
    const image = await images.build({ context: directory, tags: [] });
    expect(inLayers(image.layers, 'there/dir/inside')).toBe('packed');
  });

  test.each([
    ['FROM scratch\n\nCOPY missing /x', 'Dockerfile:3: failed to compute cache key: "/missing": not found'],
    ['FROM busybox\nRUN echo why; exit 3', 'Dockerfile:2: process "/bin/sh -c echo why; exit 3" did not complete successfully: exit code: 3\n  why'],
    ['FROM UPPER', 'Dockerfile:1: invalid reference format: repository name (library/UPPER) must be lowercase'],
    ['FROM scratch\nRUN --mount=type=secret,target=/x true', 'Dockerfile:2: --mount=type=secret is not supported'],
    ['FROM scratch\nADD ../x /', 'Dockerfile:2: failed to compute cache key: "/x": not found'],
    ['FROM scratch\nUSER web\nRUN true', 'Dockerfile:3: no users found: unable to find user web'],
  ])('%j says what and where', async (dockerfile, message) => {
    await expect(build({ Dockerfile: dockerfile }, { base: 'host' })).rejects.toThrow(message);
  });

  test('a base that can\'t be had says what to do', async () => {
    await expect(build({ Dockerfile: 'FROM localhost:1/base:1' })).rejects.toThrow(/Dockerfile:1: base image localhost:1\/base:1 is not in the local store and could not be pulled: .*--base host/);
    const image = await build({ Dockerfile: 'FROM localhost:1/base:1' }, { baseMapping: { 'localhost:1/base:*': 'host' } });
    expect(image.host).toBe(true);
  });

  test('tag, list, save, remove, load', async () => {
    const image = await build({ Dockerfile: 'FROM scratch\nCOPY f /f\nENV A=b', f: 'saved' }, { tags: ['one:1'] });
    await images.tag('one:1', 'localhost/two');
    expect((await images.list()).find(({ id }) => id === image.id)?.names).toEqual(['docker.io/library/one:1', 'localhost/two:latest']);
    const bytes = await bytesOf(await images.save(['one:1']));
    expect(await images.remove('localhost/two')).toEqual(['Untagged: localhost/two:latest']);
    expect(await images.remove('one:1')).toEqual(['Untagged: docker.io/library/one:1', `Deleted: ${image.id}`]);
    expect(await images.status('one:1')).toBeUndefined();
    const { Readable } = await import('node:stream');
    expect(await images.load(Readable.from([bytes]))).toEqual(['docker.io/library/one:1']);
    const again = (await images.status('one:1'))!;
    expect(inLayers(again.layers, 'f')).toBe('saved');
    expect(again.config.env).toContain('A=b');
    await expect(images.remove('none')).rejects.toThrow('No such image: none');
  });

  test('a name that is none', async () => {
    await expect(images.status('Bad Name')).rejects.toMatchObject({ reason: 'InvalidImageName', message: 'couldn\'t parse image name "Bad Name": invalid reference format: repository name (library/Bad Name) must be lowercase' });
  });

  describe('pull', () => {
    let stop: (() => void) | undefined;
    afterEach(() => stop?.());
    const registry = async (options: RegistryOptions = {}) => {
      const started = await startRegistry(options);
      stop = started.stop;
      return started;
    };

    test('with a token, by the platform, going on after a break, with whiteouts', async () => {
      const { host, requests, layer, list } = await registry({ token: true });
      const image = await images.pull(`${host}/app:v1`, undefined, signal);
      expect(image).toMatchObject({ reference: `${host}/app:v1`, imageId: `${host}/app@${list.digest}`, host: false, config: { cmd: ['/x'] } });
      expect(requests).toContain(`/v2/app/blobs/${layer.digest} bytes=1000-`);
      expect(inLayers(image.layers, 'etc/motd')).toBe('pulled');
      const gone = statSync(join(image.layers[0]!, 'etc/gone'));
      expect([gone.isCharacterDevice(), gone.rdev]).toEqual([true, 0]);
      expect(await images.status(`${host}/app@${list.digest}`)).toMatchObject({ id: image.id });
    });

    test('with credentials: by Basic, for a token, or with an identity token for a token; without them the way in stays closed', async () => {
      const credentials = { username: 'me', password: 'pa:ss' };
      for (const token of [false, true]) {
        const { host } = await registry({ token, credentials, config: { Labels: { case: String(token) } } });
        const denied = token ? /failed to authorize: failed to fetch anonymous token: unexpected status from GET request to http:.*: 401 Unauthorized/ : /pull access denied, repository does not exist or may require authorization/;
        await expect(images.pull(`${host}/app:v1`, undefined, signal)).rejects.toThrow(denied);
        await expect(images.pull(`${host}/app:v1`, { ...credentials, password: 'x' }, signal)).rejects.toThrow(token ? /failed to fetch oauth token/ : denied);
        expect(await images.pull(`${host}/app:v1`, credentials, signal)).toMatchObject({ reference: `${host}/app:v1` });
        stop?.();
      }
      const identityToken = 'id';
      const { host } = await registry({ token: true, credentials: { identityToken } });
      expect(await images.pull(`${host}/app:v1`, { identityToken }, signal)).toMatchObject({ reference: `${host}/app:v1` });
    }, 20_000);

    test('a blob that is elsewhere is fetched there, without the registry\'s credentials; and from a port that browsers shun', async () => {
      const credentials = { username: 'me', password: 'p' };
      const shunned = await registry({ address: '127.83.21.6', port: 6000 });
      expect(await images.pull(`${shunned.host}/app:v1`, undefined, signal)).toMatchObject({ reference: '127.83.21.6:6000/app:v1' });
      stop?.();
      const near = await registry({ redirect: true, credentials, config: { Labels: { case: 'redirect' } } });
      expect(await images.pull(`${near.host}/app:v1`, credentials, signal)).toMatchObject({ config: { cmd: ['/x'] } });
      expect(near.requests).toContain(`/store/${near.layer.digest} bytes=1000-`);
    }, 20_000);

    test('what is not what its digest says is refused', async () => {
      const { host } = await registry({ corrupt: true });
      await expect(images.pull(`${host}/app:v1`, undefined, signal)).rejects.toThrow(/failed to copy sha256:\w+: unexpected commit digest/);
    }, 20_000);

    test('what is not there is said in containerd\'s words', async () => {
      const { host } = await registry();
      const name = `${host}/app:none`;
      await expect(images.pull(name, undefined, signal)).rejects.toMatchObject({ reason: 'ErrImagePull', message: `failed to pull and unpack image "${name}": failed to resolve reference "${name}": ${name}: not found. No local image has this name; "coracle build -t ${name} DIRECTORY" or "coracle load-image" would make it one` });
      await expect(images.pull('127.0.0.1:1/x', undefined, signal)).rejects.toThrow('failed to do request: Get "http://127.0.0.1:1/v2/x/manifests/latest":');
    });
  });

  test('an archive that leads out of its place is refused', async () => {
    for (const [name, linkname] of [['../evil', undefined], ['a/../../evil', undefined]] as const) {
      const archive = pack();
      archive.entry({ name, ...(linkname ? { linkname } : {}) }, 'x');
      archive.finalize();
      const directory = context({ Dockerfile: 'FROM scratch\nADD a.tar /\n' });
      writeFileSync(join(directory, 'a.tar'), await bytesOf(archive));
      await expect(images.build({ context: directory, tags: [] })).rejects.toThrow('leads out of the archive');
    }
    const archive = pack();
    archive.entry({ name: 'l', type: 'symlink', linkname: '/tmp' });
    archive.entry({ name: 'l/evil' }, 'x');
    archive.finalize();
    const directory = context({ Dockerfile: 'FROM scratch\nADD a.tar /\n' });
    writeFileSync(join(directory, 'a.tar'), await bytesOf(archive));
    await expect(images.build({ context: directory, tags: [] })).rejects.toThrow('goes through a symbolic link');
  });
});

async function bytesOf(stream: NodeJS.ReadableStream | AsyncIterable<unknown>): Promise<Buffer> {
  return Buffer.from(await text((async function* () {
    for await (const chunk of stream as AsyncIterable<Buffer>) yield chunk.toString('latin1');
  })()), 'latin1');
}
