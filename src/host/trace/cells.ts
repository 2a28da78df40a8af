// CSR cells of the memory map that a trace watches, with their names.
import * as layout from '../../../assembly/layout.ts';

/** Name, linear pointer, whether it has 64 bits. */
export const CSR_CELLS: readonly (readonly [name: string, pointer: number, wide: boolean])[] = [
  ['mstatus', layout.MSTATUS, true],
  ['medeleg', layout.MEDELEG, true],
  ['mideleg', layout.MIDELEG, true],
  ['mie', layout.MIE, true],
  ['mip', layout.MIP, true],
  ['mcause', layout.MCAUSE, true],
  ['mtval', layout.MTVAL, true],
  ['mscratch', layout.MSCRATCH, true],
  ['sedeleg', layout.SEDELEG, true],
  ['sideleg', layout.SIDELEG, true],
  ['scause', layout.SCAUSE, true],
  ['stval', layout.STVAL, true],
  ['sscratch', layout.SSCRATCH, true],
  ['satp', layout.SATP, true],
  ['ucause', layout.UCAUSE, true],
  ['utval', layout.UTVAL, true],
  ['uscratch', layout.USCRATCH, true],
  ['mcounteren', layout.MCOUNTEREN, true],
  ['scounteren', layout.SCOUNTEREN, true],
  ['mcountinhibit', layout.MCOUNTINHIBIT, true],
  ['sccsr', layout.SCCSR, true],
  ['fcsr', layout.FCSR, false],
];

/** All of CSR_CELLS lie below. */
export const CSR_CELLS_END = layout.PMPCFG;
