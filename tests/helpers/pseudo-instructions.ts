// Pseudo-instructions of the tests' assembler, as lists of real ones.

type Expansion = readonly (readonly string[])[];

/** Any 64-bit constant; always the shortest sequence, so that its length is known before labels are. */
function loadImmediate(rd: string, text: string): Expansion {
  const negative = text.startsWith('-');
  return constant(rd, BigInt.asIntN(64, negative ? -BigInt(text.slice(1)) : BigInt(text)));
}

function constant(rd: string, value: bigint): string[][] {
  if (value === BigInt.asIntN(12, value)) return [['addi', rd, 'zero', String(value)]];
  const low = BigInt.asIntN(12, value);
  if (value === BigInt.asIntN(32, value)) {
    const upper = ['lui', rd, String(BigInt.asUintN(20, (value - low) >> 12n))];
    return low === 0n ? [upper] : [upper, ['addiw', rd, rd, String(low)]];
  }
  const head = [...constant(rd, (value - low) >> 12n), ['slli', rd, rd, '12']];
  return low === 0n ? head : [...head, ['addi', rd, rd, String(low)]];
}

const PSEUDO: Readonly<Record<string, (operands: readonly string[]) => Expansion>> = {
  li: ([rd = '', value = '']) => loadImmediate(rd, value),
  nop: () => [['addi', 'zero', 'zero', '0']],
  mv: ([rd = '', rs = '']) => [['addi', rd, rs, '0']],
  not: ([rd = '', rs = '']) => [['xori', rd, rs, '-1']],
  j: ([target = '']) => [['jal', 'zero', target]],
  call: ([target = '']) => [['jal', 'ra', target]],
  jr: ([rs = '']) => [['jalr', 'zero', `0(${rs})`]],
  ret: () => [['jalr', 'zero', '0(ra)']],
  beqz: ([rs = '', target = '']) => [['beq', rs, 'zero', target]],
  bnez: ([rs = '', target = '']) => [['bne', rs, 'zero', target]],
  csrr: ([rd = '', csr = '']) => [['csrrs', rd, csr, 'zero']],
  csrw: ([csr = '', rs = '']) => [['csrrw', 'zero', csr, rs]],
  csrs: ([csr = '', rs = '']) => [['csrrs', 'zero', csr, rs]],
  csrc: ([csr = '', rs = '']) => [['csrrc', 'zero', csr, rs]],
  csrwi: ([csr = '', zimm = '']) => [['csrrwi', 'zero', csr, zimm]],
};

export const isPseudo = (mnemonic: string): boolean => mnemonic in PSEUDO;

export function expandPseudo(mnemonic: string, operands: readonly string[]): Expansion {
  return PSEUDO[mnemonic]?.(operands) ?? [];
}
