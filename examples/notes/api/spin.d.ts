// The interfaces of world.wit as TypeScript sees them. A result that is an error is thrown, as `payload` of an Error.
declare module 'fermyon:spin/key-value@2.0.0' {
  export class Store {
    static open(label: string): Store;
    get(key: string): Uint8Array | undefined;
    set(key: string, value: Uint8Array): void;
  }
}

declare module 'fermyon:spin/sqlite@2.0.0' {
  export type Value =
    | { readonly tag: 'integer'; readonly val: bigint }
    | { readonly tag: 'real'; readonly val: number }
    | { readonly tag: 'text'; readonly val: string }
    | { readonly tag: 'blob'; readonly val: Uint8Array }
    | { readonly tag: 'null' };
  export interface QueryResult {
    readonly columns: readonly string[];
    readonly rows: readonly { readonly values: readonly Value[] }[];
  }
  export class Connection {
    static open(database: string): Connection;
    execute(statement: string, parameters: readonly Value[]): QueryResult;
  }
}

interface FetchEvent {
  readonly request: Request;
  respondWith(response: Response | Promise<Response>): void;
}
declare function addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;
