// Names of browsers that the types of the package `mqtt` mention, and that Node's types lack.
declare type Worker = never;
declare type Transferable = object;
declare const addEventListener: never;
declare const postMessage: never;
declare const removeEventListener: never;
