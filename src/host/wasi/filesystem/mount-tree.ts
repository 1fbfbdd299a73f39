// The `files` mounts of a component as one tree of directories, some of them only there because a mount lies below.
// Plain data, made once per component: nothing of the host's disk is opened here.
import type { LockedMount } from '../../../app/locked-app.ts';

export interface MountNode {
  /** Tells nodes apart where there is no inode to do so. */
  readonly id: number;
  /** What mounts put below this directory; it hides entries of the same name in `source`. */
  readonly children: Map<string, MountNode>;
  /** The mount that lies exactly here. Without one the node is a directory that exists in the tree only. */
  source: LockedMount | undefined;
}

export interface Preopen {
  readonly path: string;
  readonly node: MountNode;
}

/**
 * Directory mounts are preopened at their destination; `/` is preopened when something is mounted there, or a single
 * file lies outside all directory mounts.
 */
export function preopensOf(mounts: readonly LockedMount[]): readonly Preopen[] {
  const root = emptyNode();
  const preopens = new Map<string, MountNode>();
  for (const mount of mounts) place(root, mount);
  for (const mount of mounts) {
    const path = mount.kind === 'directory' ? normal(mount.destination) : preopenOfFile(mount, mounts);
    preopens.set(path, nodeAt(root, path));
  }
  return [...preopens].map(([path, node]) => ({ path, node }));
}

function place(root: MountNode, mount: LockedMount): void {
  nodeAt(root, mount.destination).source = mount;
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
function preopenOfFile(file: LockedMount, mounts: readonly LockedMount[]): string {
  let best = '/';
  for (const { kind, destination } of mounts) {
    const path = normal(destination);
    const prefix = path === '/' ? '/' : `${path}/`;
    if (kind === 'directory' && normal(file.destination).startsWith(prefix) && path.length > best.length) best = path;
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
