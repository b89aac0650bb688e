import { expect } from 'vitest';

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/;
const PROFILE = { username: expect.any(String), bio: expect.any(String), image: expect.any(String), following: expect.any(Boolean) };
const LISTED = {
  slug: expect.any(String), title: expect.any(String), description: expect.any(String), tagList: expect.any(Array),
  createdAt: expect.stringMatching(ISO), updatedAt: expect.stringMatching(ISO), favorited: expect.any(Boolean), favoritesCount: expect.any(Number), author: PROFILE,
};
const ARTICLE = { ...LISTED, body: expect.any(String) };
const COMMENT = { id: expect.any(Number), body: expect.any(String), createdAt: expect.stringMatching(ISO), updatedAt: expect.stringMatching(ISO), author: PROFILE };

/** The RealWorld API as its OpenAPI document has it, asked end to end. `base` is with or without `/api`; `unique` keeps repeated runs apart. */
export async function realWorldCases(base: string, unique: string): Promise<void> {
  const ask = async (method: string, path: string, token?: string, body?: object): Promise<{ status: number; body: unknown }> => {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Token ${token}` }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
  };
  const user = (name: string) => ({ username: `${name}-${unique}`, email: `${name}-${unique}@example.org` });
  const register = async (name: string) => {
    const answer = await ask('POST', '/users', undefined, { user: { ...user(name), password: 'pencil sharp' } });
    expect(answer).toEqual({ status: 201, body: { user: { ...user(name), bio: '', image: '', token: expect.any(String) } } });
    return (answer.body as { user: { token: string } }).user.token;
  };
  const refused = (status: number) => ({ status, body: { errors: { body: [expect.any(String)] } } });

  // Users
  const ada = await register('ada');
  const bob = await register('bob');
  expect(await ask('POST', '/users', undefined, { user: { ...user('ada'), password: 'x' } })).toEqual(refused(422));
  expect(await ask('POST', '/users', undefined, { user: { username: 'x' } })).toEqual(refused(422));
  expect(await ask('POST', '/users', undefined, {})).toEqual(refused(422));
  expect(await ask('POST', '/users/login', undefined, { user: { email: user('ada').email, password: 'pencil sharp' } })).toMatchObject({ status: 200, body: { user: user('ada') } });
  expect(await ask('POST', '/users/login', undefined, { user: { email: user('ada').email, password: 'wrong' } })).toEqual(refused(401));
  expect(await ask('GET', '/user', ada)).toMatchObject({ status: 200, body: { user: user('ada') } });
  expect(await ask('GET', '/user')).toEqual(refused(401));
  expect(await ask('GET', '/user', `${ada.slice(0, -2)}xx`)).toEqual(refused(401));
  expect(await ask('PUT', '/user', ada, { user: { bio: 'counts' } })).toMatchObject({ status: 200, body: { user: { ...user('ada'), bio: 'counts' } } });
  expect(await ask('PUT', '/user', ada, { user: { email: user('bob').email } })).toEqual(refused(422));

  // Profiles
  const profile = `/profiles/${user('ada').username}`;
  expect(await ask('GET', profile)).toEqual({ status: 200, body: { profile: { ...PROFILE, username: user('ada').username, bio: 'counts', following: false } } });
  expect(await ask('GET', `/profiles/nobody-${unique}`)).toEqual(refused(404));
  expect(await ask('POST', `${profile}/follow`)).toEqual(refused(401));
  for (let twice = 0; twice < 2; twice++) expect(await ask('POST', `${profile}/follow`, bob)).toMatchObject({ status: 200, body: { profile: { following: true } } });
  expect(await ask('GET', profile, bob)).toMatchObject({ body: { profile: { following: true } } });

  // Articles
  const tag = `tag-${unique}`;
  const draft = { title: `How to sail ${unique}`, description: 'By wind', body: 'Slowly.', tagList: [tag, 'boats'] };
  expect(await ask('POST', '/articles', undefined, { article: draft })).toEqual(refused(401));
  expect(await ask('POST', '/articles', ada, { article: { title: 'no more' } })).toEqual(refused(422));
  const created = await ask('POST', '/articles', ada, { article: draft });
  expect(created).toEqual({ status: 201, body: { article: { ...ARTICLE, ...draft, slug: `how-to-sail-${unique}`, tagList: ['boats', tag], favorited: false, favoritesCount: 0 } } });
  const again = await ask('POST', '/articles', ada, { article: draft });
  expect(again).toMatchObject({ status: 201, body: { article: { slug: expect.stringMatching(new RegExp(`^how-to-sail-${unique}-[0-9a-f]{6}$`)) } } });
  const article = `/articles/how-to-sail-${unique}`;
  expect(await ask('GET', article)).toMatchObject({ status: 200, body: { article: { body: 'Slowly.' } } });
  expect(await ask('GET', `/articles/none-${unique}`)).toEqual(refused(404));
  for (const [query, count] of [[`author=${user('ada').username}`, 2], [`tag=${tag}`, 2], [`favorited=${user('bob').username}`, 0], [`author=nobody-${unique}`, 0]] as const) {
    expect(await ask('GET', `/articles?${query}`), query).toMatchObject({ status: 200, body: { articlesCount: count, articles: { length: count } } });
  }
  const page = await ask('GET', `/articles?tag=${tag}&limit=1&offset=1`);
  expect(page).toEqual({ status: 200, body: { articlesCount: 2, articles: [{ ...LISTED, slug: `how-to-sail-${unique}` }] } });
  expect(await ask('GET', '/articles?limit=some')).toEqual(refused(422));
  expect(await ask('GET', '/articles/feed')).toEqual(refused(401));
  expect(await ask('GET', '/articles/feed', ada)).toEqual({ status: 200, body: { articlesCount: 0, articles: [] } });
  expect(await ask('GET', '/articles/feed', bob)).toMatchObject({ status: 200, body: { articlesCount: 2, articles: [{ author: { following: true } }, {}] } });
  expect(await ask('PUT', article, bob, { article: { body: 'Mine' } })).toEqual(refused(403));
  expect(await ask('PUT', article, ada, { article: { body: 'Quickly.' } })).toMatchObject({ status: 200, body: { article: { body: 'Quickly.', title: draft.title } } });
  expect(await ask('GET', '/tags')).toMatchObject({ status: 200, body: { tags: expect.arrayContaining(['boats', tag]) } });

  // Favourites
  expect(await ask('POST', `${article}/favorite`, bob)).toMatchObject({ status: 200, body: { article: { favorited: true, favoritesCount: 1 } } });
  expect(await ask('GET', `/articles?favorited=${user('bob').username}`)).toMatchObject({ body: { articlesCount: 1, articles: [{ favorited: false, favoritesCount: 1 }] } });
  expect(await ask('DELETE', `${article}/favorite`, bob)).toMatchObject({ status: 200, body: { article: { favorited: false, favoritesCount: 0 } } });

  // Comments
  const added = await ask('POST', `${article}/comments`, bob, { comment: { body: 'Thanks!' } });
  expect(added).toEqual({ status: 200, body: { comment: { ...COMMENT, body: 'Thanks!' } } });
  expect(await ask('POST', `${article}/comments`, bob, { comment: {} })).toEqual(refused(422));
  expect(await ask('GET', `${article}/comments`)).toEqual({ status: 200, body: { comments: [COMMENT] } });
  const comment = `${article}/comments/${(added.body as { comment: { id: number } }).comment.id}`;
  expect(await ask('DELETE', comment, ada)).toEqual(refused(403));
  expect(await ask('DELETE', comment, bob)).toEqual({ status: 204, body: undefined });
  expect(await ask('DELETE', comment, bob)).toEqual(refused(404));

  // The end
  expect(await ask('DELETE', `${profile}/follow`, bob)).toMatchObject({ status: 200, body: { profile: { following: false } } });
  expect(await ask('DELETE', article, bob)).toEqual(refused(403));
  expect(await ask('DELETE', article, ada)).toEqual({ status: 204, body: undefined });
  expect(await ask('GET', article)).toEqual(refused(404));
  expect(await ask('GET', '/nowhere')).toEqual(refused(404));
}
