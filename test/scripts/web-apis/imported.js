// What the rows about import() import.
export const word = 'imported';
