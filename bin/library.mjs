// What `import … from 'mayfly'` loads.
import './register.mjs';

export const { load } = await import('../src/index.ts');
