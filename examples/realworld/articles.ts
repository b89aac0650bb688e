import { randomBytes } from 'node:crypto';
import { isDuplicate, type Database } from './database.ts';
import { Refusal, type Call, type Routes } from './router.ts';
import { optionalText, part, text, type Sessions } from './session.ts';

interface ArticleRow {
  readonly id: string;
  readonly authorId: string;
  readonly slug: string;
  readonly body: string;
}

/** $1 is the viewer's id, or null. */
const SHOWN = `
  SELECT a.id, a.author_id AS "authorId", a.slug, a.title, a.description, a.body, a.tags AS "tagList", a.created_at AS "createdAt", a.updated_at AS "updatedAt",
    EXISTS (SELECT FROM favorites f WHERE f.article_id = a.id AND f.user_id = $1) AS favorited,
    (SELECT count(*)::int FROM favorites f WHERE f.article_id = a.id) AS "favoritesCount",
    json_build_object('username', u.username, 'bio', u.bio, 'image', u.image,
      'following', EXISTS (SELECT FROM follows WHERE follower_id = $1 AND followed_id = u.id)) AS author
  FROM articles a JOIN users u ON u.id = a.author_id`;

const BY_TAG = '($2::text IS NULL OR a.tags @> ARRAY[$2])';
const BY_AUTHOR = '($3::text IS NULL OR u.username = $3)';
const BY_FAVORITE = '($4::text IS NULL OR EXISTS (SELECT FROM favorites f JOIN users fan ON fan.id = f.user_id WHERE f.article_id = a.id AND fan.username = $4))';
const LISTED = `${BY_TAG} AND ${BY_AUTHOR} AND ${BY_FAVORITE}`;
const FED = 'EXISTS (SELECT FROM follows WHERE follower_id = $1 AND followed_id = u.id)';

/** Articles, their favourites and their tags. */
export function articles(database: Database, sessions: Sessions): Routes {
  async function find(call: Call, viewer: string | null): Promise<ArticleRow> {
    const [article] = await database.query<ArticleRow>(`${SHOWN} WHERE a.slug = $2`, [viewer, call.params['slug']]);
    if (!article) throw new Refusal(404, 'there is no such article');
    return article;
  }

  async function own(call: Call): Promise<ArticleRow> {
    const member = sessions.member(call);
    const article = await find(call, member);
    if (article.authorId !== member) throw new Refusal(403, "this is someone else's article");
    return article;
  }

  async function list(condition: string, values: readonly unknown[], call: Call) {
    const [limit, offset] = [number(call, 'limit', 20), number(call, 'offset', 0)];
    const rows = await database.query<ArticleRow>(`${SHOWN} WHERE ${condition} ORDER BY a.created_at DESC, a.id DESC LIMIT ${limit} OFFSET ${offset}`, values);
    const [count] = await database.query<{ all: number }>(`SELECT count(*)::int AS all FROM (${SHOWN} WHERE ${condition}) AS found`, values);
    return { status: 200, body: { articlesCount: count?.all ?? 0, articles: rows.map((row) => ({ ...shown(row), body: undefined })) } };
  }

  async function create(call: Call) {
    const author = sessions.member(call);
    const given = part(call, 'article');
    const values = [text(given, 'title'), text(given, 'description'), text(given, 'body'), tags(given), author];
    const slug = await withSlug(text(given, 'title'), (slug) =>
      database.query('INSERT INTO articles (title, description, body, tags, author_id, slug) VALUES ($1, $2, $3, $4, $5, $6)', [...values, slug]));
    return { status: 201, body: { article: shown(await find({ ...call, params: { slug } }, author)) } };
  }

  async function update(call: Call) {
    const article = await own(call);
    const given = part(call, 'article');
    for (const field of ['title', 'description', 'body']) if (optionalText(given, field) === '') throw new Refusal(422, `${field} can't be blank`);
    const title = optionalText(given, 'title');
    const change = (slug: string) => database.query(
      'UPDATE articles SET title = coalesce($2, title), description = coalesce($3, description), body = coalesce($4, body), slug = $5, updated_at = now() WHERE id = $1',
      [article.id, title, optionalText(given, 'description'), optionalText(given, 'body'), slug]);
    if (title === undefined) await change(article.slug);
    const slug = title === undefined ? article.slug : await withSlug(title, change);
    return { status: 200, body: { article: shown(await find({ ...call, params: { slug } }, article.authorId)) } };
  }

  async function remove(call: Call) {
    await database.query('DELETE FROM articles WHERE id = $1', [(await own(call)).id]);
    return { status: 204 };
  }

  const favorite = (sql: string) => async (call: Call) => {
    const member = sessions.member(call);
    await database.query(sql, [(await find(call, member)).id, member]);
    return { status: 200, body: { article: shown(await find(call, member)) } };
  };

  return {
    'GET /articles': (call) => list(LISTED, [sessions.visitor(call), ...['tag', 'author', 'favorited'].map((name) => call.query.get(name))], call),
    'GET /articles/feed': (call) => list(FED, [sessions.member(call)], call),
    'POST /articles': create,
    'GET /articles/:slug': async (call) => ({ status: 200, body: { article: shown(await find(call, sessions.visitor(call))) } }),
    'PUT /articles/:slug': update,
    'DELETE /articles/:slug': remove,
    'POST /articles/:slug/favorite': favorite('INSERT INTO favorites (article_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING'),
    'DELETE /articles/:slug/favorite': favorite('DELETE FROM favorites WHERE article_id = $1 AND user_id = $2'),
    'GET /tags': async () => ({ status: 200, body: { tags: (await database.query<{ tag: string }>('SELECT DISTINCT unnest(tags) AS tag FROM articles ORDER BY tag')).map(({ tag }) => tag) } }),
  };
}

const shown = ({ id: _id, authorId: _authorId, ...article }: ArticleRow) => article;

/** Tags as they are kept: each once, in order. */
function tags(given: Readonly<Record<string, unknown>>): string[] {
  const list = given['tagList'] ?? [];
  if (!Array.isArray(list) || !list.every((tag) => typeof tag === 'string' && !tag.includes('\0'))) throw new Refusal(422, 'tagList must be a list of texts');
  return [...new Set<string>(list)].sort();
}

/** Writes under the title's slug, or under one of its own when that is taken. */
async function withSlug(title: string, write: (slug: string) => Promise<unknown>): Promise<string> {
  const plain = title.toLowerCase().normalize('NFKD').replace(/[^\p{Letter}\p{Number}]+/gu, '-').replace(/^-|-$/g, '') || 'article';
  for (let slug = plain; ; slug = `${plain}-${randomBytes(3).toString('hex')}`) {
    try {
      await write(slug);
      return slug;
    } catch (error) {
      if (!isDuplicate(error)) throw error;
    }
  }
}

function number(call: Call, name: string, otherwise: number): number {
  const value = Number(call.query.get(name) ?? otherwise);
  if (!Number.isInteger(value) || value < 0 || value > 1_000_000) throw new Refusal(422, `${name} must be a number`);
  return Math.min(value, name === 'limit' ? 100 : value);
}
