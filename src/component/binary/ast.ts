// What a decoded component is: its definitions in the order of the binary, indices unresolved. Plain readonly data.
// design/mvp/Binary.md; walking `definitions` in order fills the index spaces, and each kind below says which.
import type { StringEncoding } from '../types/string-encoding.ts';

/** The byte offset in the file where a definition starts, for error messages. */
interface At {
  readonly offset: number;
}

export interface Component {
  readonly definitions: readonly Definition[];
  /** The name in the component's name section. */
  readonly name: string | undefined;
  readonly offset: number;
}

export type CoreSort = 'func' | 'table' | 'memory' | 'global' | 'tag' | 'type' | 'module' | 'instance';
export type Sort = 'func' | 'value' | 'type' | 'component' | 'instance';
/** A sort with `core` in front of core sorts, as in the text format. */
export type AnySort = { readonly core: true; readonly sort: CoreSort } | { readonly core: false; readonly sort: Sort };

export type Definition =
  | (At & { readonly kind: 'core-module'; readonly bytes: Uint8Array }) // core module space; a view of the file
  | (At & { readonly kind: 'core-instance'; readonly expr: CoreInstanceExpr }) // core instance space
  | (At & { readonly kind: 'core-type'; readonly type: CoreType }) // core type space
  | (At & { readonly kind: 'component'; readonly component: Component }) // component space
  | (At & { readonly kind: 'instance'; readonly expr: InstanceExpr }) // instance space
  | (At & { readonly kind: 'alias'; readonly sort: AnySort; readonly target: AliasTarget }) // the space of its sort
  | (At & { readonly kind: 'type'; readonly type: DefType }) // type space
  | (At & { readonly kind: 'canon'; readonly canon: Canon }) // lift: func space; all others: core func space
  | (At & {
      readonly kind: 'start';
      readonly func: number;
      readonly args: readonly number[];
      readonly results: number; // that many entries of the value space
    })
  | (At & { readonly kind: 'import'; readonly name: ExternName; readonly desc: ExternDesc }) // the space of its desc
  | (At & {
      readonly kind: 'export'; // adds to the space of its sort, too
      readonly name: ExternName;
      readonly sort: AnySort; // core only for core modules
      readonly index: number;
      readonly desc: ExternDesc | undefined;
    })
  | (At & { readonly kind: 'value'; readonly type: ValTypeRef; readonly bytes: Uint8Array }); // value space

/** The name as it stands in the binary, for instance `wasi:io/streams@0.2.0`, `run`, `[method]r.m`. */
export interface ExternName {
  readonly name: string;
  /** The `versionsuffix` of the canonicalised form, when present. */
  readonly versionSuffix: string | undefined;
  /** The interface name that an import or export under a plain name implements. */
  readonly implements?: string;
  readonly externalId?: string;
}

export type CoreInstanceExpr =
  | { readonly kind: 'instantiate'; readonly module: number; readonly args: readonly CoreInstantiateArg[] }
  | { readonly kind: 'exports'; readonly exports: readonly CoreInlineExport[] };
export interface CoreInstantiateArg {
  readonly name: string;
  readonly instance: number;
}
export interface CoreInlineExport {
  readonly name: string;
  readonly sort: CoreSort;
  readonly index: number;
}

export type InstanceExpr =
  | { readonly kind: 'instantiate'; readonly component: number; readonly args: readonly InstantiateArg[] }
  | { readonly kind: 'exports'; readonly exports: readonly InlineExport[] };
export interface InstantiateArg {
  readonly name: string;
  readonly sort: AnySort;
  readonly index: number;
}
export interface InlineExport {
  readonly name: ExternName;
  readonly sort: AnySort;
  readonly index: number;
}

export type AliasTarget =
  | { readonly kind: 'export'; readonly instance: number; readonly name: string }
  | { readonly kind: 'core-export'; readonly instance: number; readonly name: string }
  | { readonly kind: 'outer'; readonly count: number; readonly index: number };

// ---- component types

export type ExternDesc =
  | { readonly kind: 'core-module'; readonly type: number } // core type index
  | { readonly kind: 'func'; readonly type: number } // type indices
  | { readonly kind: 'component'; readonly type: number }
  | { readonly kind: 'instance'; readonly type: number }
  | {
      readonly kind: 'type';
      readonly bound: { readonly kind: 'eq'; readonly type: number } | { readonly kind: 'sub-resource' };
    }
  | {
      readonly kind: 'value';
      readonly bound:
        | { readonly kind: 'eq'; readonly value: number }
        | { readonly kind: 'type'; readonly type: ValTypeRef };
    };

export type PrimitiveName =
  | 'bool' | 's8' | 'u8' | 's16' | 'u16' | 's32' | 'u32' | 's64' | 'u64' | 'f32' | 'f64' | 'char' | 'string'
  | 'error-context'; // biome-ignore format: one line per group reads better

/** A value type in the binary: a primitive, or the index of a type definition. */
export type ValTypeRef =
  | { readonly kind: 'primitive'; readonly primitive: PrimitiveName }
  | { readonly kind: 'index'; readonly index: number };

export interface NamedRef {
  readonly name: string;
  readonly type: ValTypeRef;
}
export interface CaseRef {
  readonly name: string;
  readonly type: ValTypeRef | undefined;
}

export type DefType =
  | { readonly kind: 'primitive'; readonly primitive: PrimitiveName }
  | { readonly kind: 'record'; readonly fields: readonly NamedRef[] }
  | { readonly kind: 'variant'; readonly cases: readonly CaseRef[] }
  | { readonly kind: 'list'; readonly element: ValTypeRef; readonly length: number | undefined }
  | { readonly kind: 'map'; readonly key: ValTypeRef; readonly value: ValTypeRef }
  | { readonly kind: 'tuple'; readonly types: readonly ValTypeRef[] }
  | { readonly kind: 'flags'; readonly names: readonly string[] }
  | { readonly kind: 'enum'; readonly names: readonly string[] }
  | { readonly kind: 'option'; readonly type: ValTypeRef }
  | { readonly kind: 'result'; readonly ok: ValTypeRef | undefined; readonly err: ValTypeRef | undefined }
  | { readonly kind: 'own'; readonly resource: number }
  | { readonly kind: 'borrow'; readonly resource: number }
  | { readonly kind: 'stream'; readonly element: ValTypeRef | undefined }
  | { readonly kind: 'future'; readonly element: ValTypeRef | undefined }
  | {
      readonly kind: 'func';
      readonly async: boolean;
      readonly params: readonly NamedRef[];
      readonly result: ValTypeRef | undefined;
    }
  | { readonly kind: 'component'; readonly declarations: readonly Declaration[] }
  | { readonly kind: 'instance'; readonly declarations: readonly Declaration[] }
  | {
      readonly kind: 'resource';
      readonly rep: 'i32' | 'i64';
      readonly dtor: number | undefined;
      readonly dtorAsync: boolean;
    };

/** A declaration in a component or instance type; `import` stands in component types only. */
export type Declaration =
  | { readonly kind: 'core-type'; readonly type: CoreType }
  | { readonly kind: 'type'; readonly type: DefType }
  | { readonly kind: 'alias'; readonly sort: AnySort; readonly target: AliasTarget }
  | { readonly kind: 'import'; readonly name: ExternName; readonly desc: ExternDesc }
  | { readonly kind: 'export'; readonly name: ExternName; readonly desc: ExternDesc };

// ---- core types inside a component

export type CoreValType =
  | 'i32'
  | 'i64'
  | 'f32'
  | 'f64'
  | 'v128'
  | 'funcref'
  | 'externref'
  | { readonly ref: Uint8Array };
export interface CoreFuncType {
  readonly params: readonly CoreValType[];
  readonly results: readonly CoreValType[];
}
export interface CoreLimits {
  readonly min: bigint;
  readonly max: bigint | undefined;
  readonly shared: boolean;
  readonly is64: boolean;
  /** The binary logarithm of the page size, when the custom-page-sizes proposal is used. */
  readonly pageSizeLog2: number | undefined;
}
export type CoreExternDesc =
  | { readonly kind: 'func'; readonly type: CoreFuncType }
  | { readonly kind: 'table'; readonly element: CoreValType; readonly limits: CoreLimits }
  | { readonly kind: 'memory'; readonly limits: CoreLimits }
  | { readonly kind: 'global'; readonly type: CoreValType; readonly mutable: boolean }
  | { readonly kind: 'tag'; readonly type: CoreFuncType };

export interface CoreModuleType {
  readonly imports: readonly { readonly module: string; readonly name: string; readonly desc: CoreExternDesc }[];
  readonly exports: readonly { readonly name: string; readonly desc: CoreExternDesc }[];
}
/** A core type. `other` stands for types (struct, array, rec groups) that no canonical function looks into. */
export type CoreType =
  | { readonly kind: 'func'; readonly type: CoreFuncType }
  | { readonly kind: 'module'; readonly type: CoreModuleType }
  | { readonly kind: 'other'; readonly bytes: Uint8Array };

// ---- canonical functions (design/mvp/Binary.md#canonical-definitions)

export interface CanonOptions {
  readonly encoding: StringEncoding;
  readonly memory: number | undefined;
  readonly realloc: number | undefined;
  readonly postReturn: number | undefined;
  readonly async: boolean;
  readonly callback: number | undefined;
  readonly alwaysTaskReturn: boolean;
}

/**
 * `lift` and `lower` and the resource functions have shapes of their own; every other built-in is `builtin` with its name
 * in the text format (`task.return`, `waitable-set.new`, `stream.read`, `thread.yield` …) and what follows its opcode.
 */
export type Canon =
  | { readonly kind: 'lift'; readonly coreFunc: number; readonly options: CanonOptions; readonly type: number }
  | { readonly kind: 'lower'; readonly func: number; readonly options: CanonOptions }
  | { readonly kind: 'resource.new' | 'resource.rep'; readonly resource: number }
  | { readonly kind: 'resource.drop'; readonly resource: number; readonly async: boolean }
  | {
      readonly kind: 'builtin';
      readonly name: string;
      /** A type index (stream and future built-ins) or core type index (thread.new-*). */
      readonly type: number | undefined;
      /** The result type of task.return. */
      readonly result: ValTypeRef | undefined;
      readonly options: CanonOptions | undefined;
      readonly memory: number | undefined;
      readonly table: number | undefined;
      readonly async: boolean;
      readonly cancellable: boolean;
      /** The slot of context.get and context.set. */
      readonly slot: number | undefined;
      /** The type of the slot of context.get and context.set. */
      readonly valType?: CoreValType;
      /** Set for thread.spawn-* and thread.available-parallelism that are shared. */
      readonly shared?: boolean;
    };
