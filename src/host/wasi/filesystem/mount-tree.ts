// The `files` mounts of a component as one tree of directories, some of which are there only because a mount lies
// below. It is made once per component, when its app is loaded, and held open until the app is unloaded.
import type { LockedMount } from '../../../app/locked-app.ts';
import { HeldMounts, type Mounted } from './mounted.ts';

export interface MountNode {
  /** The number that tells nodes apart, since they have no inode. */
  readonly id: number;
  /** What mounts put below this directory; it hides entries of the same name in `source`. */
  readonly children: Map<string, MountNode>;
  /** The mount that lies exactly here. Without one the node is a directory that exists in the tree only. */
  source: Mounted | undefined;
}

export interface Preopen {
  readonly path: string;
  readonly node: MountNode;
}

export interface Mounts {
  readonly preopens: readonly Preopen[];
  close(): void;
}

/** Called for a mount whose source cannot be opened: it throws, or the mount is left out. */
export type LeftOut = (mount: LockedMount, error: unknown) => void;

export function openMounts(mounts: readonly LockedMount[], leftOut: LeftOut = raise): Mounts {
  const held = new HeldMounts(mounts);
  try {
    return { preopens: preopensOf(mounts, held, leftOut), close: () => held.close() };
  } catch (error) {
    held.close();
    throw error;
  }
}

/**
 * The preopened directories: directory mounts at their destinations, and `/` when something is mounted there, or a
 * single file lies outside all directory mounts.
 */
function preopensOf(mounts: readonly LockedMount[], held: HeldMounts, leftOut: LeftOut): readonly Preopen[] {
  const root = emptyNode();
  const preopens = new Map<string, MountNode>();
  const there = mounts.filter((mount) => place(root, mount, held, leftOut));
  const folders = there.flatMap(({ kind, destination }) => (kind === 'directory' ? [normal(destination)] : []));
  for (const mount of there) {
    const path = mount.kind === 'directory' ? normal(mount.destination) : preopenOfFile(mount, folders);
    preopens.set(path, nodeAt(root, path));
  }
  return [...preopens].map(([path, node]) => ({ path, node }));
}

function place(root: MountNode, mount: LockedMount, held: HeldMounts, leftOut: LeftOut): boolean {
  try {
    const mounted = held.open(mount);
    nodeAt(root, mount.destination).source = mounted;
    return true;
  } catch (error) {
    leftOut(mount, error);
    return false;
  }
}

function raise(_mount: LockedMount, error: unknown): never {
  throw error;
}

function nodeAt(root: MountNode, path: string): MountNode {
  let node = root;
  for (const name of namesOf(path)) {
    let child = node.children.get(name);
    if (child === undefined) {
      child = emptyNode();
      node.children.set(name, child);
    }
    node = child;
  }
  return node;
}

/** The longest directory mount that the file lies in, else `/`. */
function preopenOfFile(file: LockedMount, folders: readonly string[]): string {
  const destination = normal(file.destination);
  let best = '/';
  for (const path of folders) {
    const prefix = path === '/' ? '/' : `${path}/`;
    if (destination.startsWith(prefix) && path.length > best.length) best = path;
  }
  return best;
}

function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

function normal(path: string): string {
  return `/${namesOf(path).join('/')}`;
}

function emptyNode(): MountNode {
  return { id: ++lastId, children: new Map(), source: undefined };
}

let lastId = 0;
