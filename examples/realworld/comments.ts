import type { Database } from './database.ts';
import { Refusal, type Call, type Routes } from './router.ts';
import { part, text, type Sessions } from './session.ts';

interface CommentRow {
  readonly id: string;
}

/** $1 is the viewer's id, or null. */
const SHOWN = `
  SELECT c.id, c.body, c.created_at AS "createdAt", c.updated_at AS "updatedAt",
    json_build_object('username', u.username, 'bio', u.bio, 'image', u.image,
      'following', EXISTS (SELECT FROM follows WHERE follower_id = $1 AND followed_id = u.id)) AS author
  FROM comments c JOIN users u ON u.id = c.author_id`;

/** Comments under an article. */
export function comments(database: Database, sessions: Sessions): Routes {
  async function articleOf(call: Call): Promise<string> {
    const [article] = await database.query<{ id: string }>('SELECT id FROM articles WHERE slug = $1', [call.params['slug']]);
    if (!article) throw new Refusal(404, 'there is no such article');
    return article.id;
  }

  async function list(call: Call) {
    const rows = await database.query<CommentRow>(`${SHOWN} WHERE c.article_id = $2 ORDER BY c.id`, [sessions.visitor(call), await articleOf(call)]);
    return { status: 200, body: { comments: rows.map(shown) } };
  }

  async function add(call: Call) {
    const author = sessions.member(call);
    const [added] = await database.query<CommentRow>('INSERT INTO comments (body, article_id, author_id) VALUES ($1, $2, $3) RETURNING id', [text(part(call, 'comment'), 'body'), await articleOf(call), author]);
    const [row] = await database.query<CommentRow>(`${SHOWN} WHERE c.id = $2`, [author, added!.id]);
    return { status: 200, body: { comment: shown(row!) } };
  }

  async function remove(call: Call) {
    const member = sessions.member(call);
    const id = Number(call.params['id']);
    const article = await articleOf(call);
    const [comment] = Number.isSafeInteger(id) ? await database.query<{ author_id: string }>('SELECT author_id FROM comments WHERE id = $1 AND article_id = $2', [id, article]) : [];
    if (!comment) throw new Refusal(404, 'there is no such comment');
    if (comment.author_id !== member) throw new Refusal(403, "this is someone else's comment");
    await database.query('DELETE FROM comments WHERE id = $1', [id]);
    return { status: 204 };
  }

  return { 'GET /articles/:slug/comments': list, 'POST /articles/:slug/comments': add, 'DELETE /articles/:slug/comments/:id': remove };
}

/** Numbers of 64 bits come as texts; the API wants a number. */
const shown = (row: CommentRow) => ({ ...row, id: Number(row.id) });
