// Validates a decoded component. design/mvp/Binary.md, Explainer.md
import type { Component } from '../binary/ast.ts';
export function validateComponent(_component: Component, _file?: string): void {}
