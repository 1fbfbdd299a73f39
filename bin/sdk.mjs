// What a plain Node gets of `import … from 'mayfly/sdk'`: compilers find its types, programs that Mayfly runs the services.
throw new Error("'mayfly/sdk' works in programs that Mayfly runs: mayfly up handler.ts");
