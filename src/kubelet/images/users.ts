import type { ImageUser } from '../types.ts';

/** The ids that a USER (`name`, `uid`, either with `:group`) means, by an image's own /etc/passwd and /etc/group; containerd's rules (oci.WithUser). Throws when a name is unknown. */
export function resolveUser(user: string, passwd: string, groupFile: string): ImageUser {
  if (user === '') return { uid: 0, gid: 0, supplementalGroups: groupsOf('root', 0, groupFile) };
  const [who = '', group] = user.split(':');
  const accounts = rows(passwd).map(([name, , uid, gid]) => ({ name: name ?? '', uid: Number(uid), gid: Number(gid) }));
  const account = accounts.find(({ name }) => name === who) ?? accounts.find(({ uid }) => /^\d+$/.test(who) && uid === Number(who));
  if (!account && !/^\d+$/.test(who)) throw new Error(`no users found: unable to find user ${who}: no matching entries in passwd file`);
  const uid = account?.uid ?? Number(who);
  const gid = group === undefined ? (account?.gid ?? 0) : groupId(group, groupFile);
  return { uid, gid, supplementalGroups: account ? groupsOf(account.name, gid, groupFile) : [] };
}

function groupId(group: string, file: string): number {
  const row = rows(file).find(([name]) => name === group);
  if (row) return Number(row[2]);
  if (/^\d+$/.test(group)) return Number(group);
  throw new Error(`no groups found: unable to find group ${group}: no matching entries in group file`);
}

function groupsOf(name: string, gid: number, file: string): number[] {
  return rows(file)
    .filter(([, , id, members]) => (members ?? '').split(',').includes(name) && Number(id) !== gid)
    .map(([, , id]) => Number(id));
}

function rows(text: string): string[][] {
  return text.split('\n').filter(Boolean).map((line) => line.split(':'));
}
