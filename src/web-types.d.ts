// Names that libraries take for global, as in browsers, and the types of Node do not make global.
type HeadersInit = ConstructorParameters<typeof Headers>[0];
type BodyInit = ConstructorParameters<typeof Response>[0];
