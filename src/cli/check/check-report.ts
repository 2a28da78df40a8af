// The result of `capvm check`, as its --json prints it.
import type { ManifestFile } from '../host-files.ts';
import { auditOf } from './audit.ts';
import type { CvmAudit } from './audit.ts';
import { inspect } from './problems.ts';
import type { Problem, Sizes } from './problems.ts';

export interface CheckReport {
  readonly schema: 1;
  readonly file: string;
  /** No errors; there may be warnings. */
  readonly ok: boolean;
  /** Bytes; null: nobody knows. */
  readonly machine: { readonly memory: number | null; readonly freeBytes: number | null };
  /** `memory` is null where an image cannot be used or all do not fit. */
  readonly cvms: readonly (CvmAudit & { readonly memory: Sizes | null })[];
  readonly problems: readonly Problem[];
}

export async function checkManifest(file: ManifestFile): Promise<CheckReport> {
  const { problems, sizes, freeBytes, memory } = await inspect(file);
  return {
    schema: 1,
    file: file.name,
    ok: problems.every(({ kind }) => kind !== 'error'),
    machine: { memory: memory ?? file.manifest.memory ?? null, freeBytes },
    cvms: auditOf(file.manifest).map((cvm) => ({ ...cvm, memory: sizes.get(cvm.name) ?? null })),
    problems,
  };
}
