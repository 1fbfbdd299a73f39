// What a new sandbox takes of the engine's heap before its guest has done anything: core instances with what they import
// and export, and tables. Linear memories lie outside and have a limit of their own.
import type { CoreModuleInfo } from '../component/rewrite/core-module.ts';
import type { Artifact } from './artifact.ts';
import { infoOf } from './state-parts.ts';

/** Bytes that each part takes, measured and rounded up. */
const PER_COMPONENT_INSTANCE = 1024;
const PER_CORE_INSTANCE = 4096;
const PER_ITEM = 256;
const PER_TABLE_ELEMENT = 24;

/** The weight of one sandbox in bytes. `tableElements` is what all tables together may grow to. */
export function weightOf(artifact: Artifact, tableElements: number): number {
  const { plan } = artifact;
  const infos = plan.steps.map((step) => infoOf(artifact, step));
  const items = infos.reduce((sum, info) => sum + itemsOf(info), 0);
  const elements = infos.some(growsTables) ? tableElements : infos.reduce((sum, info) => sum + elementsOf(info), 0);
  return (
    plan.instances.length * PER_COMPONENT_INSTANCE +
    infos.length * PER_CORE_INSTANCE +
    items * PER_ITEM +
    elements * PER_TABLE_ELEMENT
  );
}

function itemsOf({ imports, exports, globals, tables, memories }: CoreModuleInfo): number {
  return imports.length + exports.length + globals.length + tables.length + memories.length;
}

function elementsOf({ tables }: CoreModuleInfo): number {
  return tables.reduce((sum, { imported, min }) => (imported ? sum : sum + Number(min)), 0);
}

/**
 * Whether the module may grow a table. The host does not see what a guest adds to it, so all that it may add counts
 * from the start.
 */
function growsTables({ usesStateThatCannotBeReset }: CoreModuleInfo): boolean {
  return usesStateThatCannotBeReset.some(({ instruction }) => instruction === 'table.grow');
}
