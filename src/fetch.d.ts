// Types of fetch that the declarations of aws4fetch name as those of browsers. Node has them without global names.
type BodyInit = import('undici-types').BodyInit;
type HeadersInit = import('undici-types').HeadersInit;
