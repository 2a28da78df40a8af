# Ways out of U mode, out of DDC and PCC, and into memory that is both written and executed.
#include "../include/cvm-abi.h"
.include "probe.inc"
.option arch, +f, +d

# Every CSR: csr_probes[kind * 4096 + n], 6 bytes each, is `csrrX a0, n, a1; c.jr ra`. kind: 0 read, 1 write.
  .balign 4
  .globl csr_probes
csr_probes:
.macro csr_kind funct3, rs1
  .set number, 0
  .rept 4096
  .half (0x00000573 | (number << 20) | (\rs1 << 15) | (\funct3 << 12)) & 0xffff
  .half (0x00000573 | (number << 20) | (\rs1 << 15) | (\funct3 << 12)) >> 16
  .half 0x8082
  .set number, number + 1
  .endr
.endm
  csr_kind 2, 0
  csr_kind 1, 11

# Every special capability register: special_probes[kind * 32 + n]: read (its tag), or written with DDC.
  .balign 16
  .globl special_read, special_write
.macro special name, scr
  cspecialrw t0, \scr, \name
  cgettag a0, t0
  ret
  nop
.endm
special_read:
  .irp scr, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
  special zero, \scr
  .endr
special_write:
  .irp scr, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
  special a0, \scr                  # ca0 is a capability of its own, see write_special
  .endr
probe write_special                 # a0: its place
  mv   t1, a0
  cspecialrw a0, 1, zero
  jr   t1

# --- instructions of other modes
.macro word name, bits
probe \name
  .word \bits
  li   a0, 1
  ret
.endm
word do_ecall, 0x00000073
word do_ebreak, 0x00100073
word do_uret, 0x00200073
word do_sret, 0x10200073
word do_hret, 0x20200073
word do_mret, 0x30200073
word do_dret, 0x7b200073
word do_mnret, 0x70200073
word do_sfence, 0x12000073
word do_sinval, 0x16000073
word do_hfence, 0x22000073
word do_custom_0, 0x0000000b
word do_custom_1, 0x0000002b
word do_zeros, 0x00000000
word do_ones, 0xffffffff
word do_ccall_trap, 0xfc00005b

probe compressed_ebreak
  .half 0x9002
  .half 0x0001
  ret

# --- memory both written and executed
probe write_text                    # by the address that text has in PCC
  la   t0, write_text
  sw   zero, 0(t0)
  li   a0, 1
  ret
probe write_text_by_pcc             # in capability mode through PCC itself
  cspecialrw t0, 0, zero
  la   t1, 1f
  csetoffset t0, t0, t1
1:
  sd_cap zero, t0
  li   a0, 1
  ret
probe read_text_by_pcc
  cspecialrw t0, 0, zero
  la   t1, read_text_by_pcc
  csetoffset t0, t0, t1
  ld_cap a0, t0
  ret
probe run_data                      # instructions written to data, fence.i, jump by capability
  la   t0, page
  li   t1, 0x00008067               # ret
  sw   t1, 0(t0)
  fence.i
  cspecialrw t1, 1, zero
  cincoffset t1, t1, t0
  jalr_cap ra, t1
  li   a0, 1
  ret
probe run_data_by_address           # the same by address: PCC's offset, not DDC's
  la   t0, page
  jalr t0
  li   a0, 1
  ret
probe run_data_as_entry
  la   t0, page
  cspecialrw t1, 1, zero
  cincoffset t1, t1, t0
  csealentry t1, t1
  jalr_cap ra, t1
  ret
probe pcc_as_ddc                    # Execute only: nothing can be loaded
  cspecialrw t0, 0, zero
  cspecialrw zero, 1, t0
  ld   a0, 2040(zero)
  ret
probe ddc_as_pcc
  cspecialrw t0, 1, zero
  jalr_cap zero, t0

# --- wider. Each ends by loading one byte beyond the end, or before the beginning, of what it derived.
.macro beyond                       # ca0: DDC at its base; a1: its length
  cspecialrw t0, 1, zero
  cgetbase t1, t0
  cgetlen a1, t0
  csetaddr a0, t0, t1
.endm
.macro load_last                    # the last byte of ct0
  cgetbase t1, t0
  cgetlen t2, t0
  add  t1, t1, t2
  addi t1, t1, -1
  csetaddr t0, t0, t1
  lbu_cap t1, t0
  li   a0, 1
  ret
.endm
probe widen_by_one
  beyond
  addi a1, a1, 1
  csetbounds t0, a0, a1
  load_last
probe widen_exactly
  beyond
  addi a1, a1, 1
  csetboundsexact t0, a0, a1
  load_last
probe widen_by_immediate            # CSetBoundsImm from the last byte on
  beyond
  addi a1, a1, -1
  cincoffset t0, a0, a1
  .insn i 0x5b, 2, t0, t0, 16
  load_last
probe widen_below
  beyond
  cincoffsetimm t0, a0, -16
  li   a1, 32
  csetbounds t0, t0, a1
  load_last
probe widen_by_rounding             # the last 5001 bytes but one, in inexact bounds: how far beyond DDC they reach
  beyond
  li   t1, 5001
  sub  t1, a1, t1
  cincoffset t0, a0, t1
  li   t1, 5000
  csetbounds t0, t0, t1
  cgetbase t1, t0
  cgetlen t2, t0
  add  t1, t1, t2
  cgetbase t2, a0
  add  t2, t2, a1
  sub  t1, t2, t1
  slti a0, t1, 0
  ret
probe widen_to_everything
  beyond
  li   a1, -1
  csetbounds t0, a0, a1
  load_last
probe wrap_around                   # address 0 by wrapping, then back
  beyond
  cgetaddr t1, a0
  neg  t1, t1
  cincoffset t0, a0, t1
  neg  t1, t1
  cincoffset t0, t0, t1
  lbu_cap a0, t0
  ret
probe add_permissions
  beyond
  li   t1, -1
  candperm t0, a0, t1
  sc_cap t0, t0
  li   a0, 1
  ret
probe build_with_permissions        # CBuildCap of the almighty from DDC
  beyond
  li   t1, -1
  li   t2, 0x0000ffff
  slli t2, t2, 48
  csethigh t0, a0, t2
  cbuildcap t0, a0, t0
  sc_cap t0, t0
  li   a0, 1
  ret
probe set_high                      # a tagged capability with another upper half
  beyond
  li   t2, 0x0000ffff
  slli t2, t2, 48
  csethigh t0, a0, t2
  lbu_cap a0, t0
  ret
probe from_null
  li   t0, -1
  csetbounds t0, zero, t0
  lbu_cap a0, t0
  ret

# --- capability mode
.macro capability_mode              # goes on at 1: in capability mode, ct5 is the way back
  cspecialrw t1, 0, zero
  la   t2, 1f
  csetoffset t1, t1, t2
  li   t2, 1
  csetflags t1, t1, t2
  jalr_cap t5, t1
1:
.endm
probe capability_mode_integer_base  # a0: absolute
  capability_mode
  lbu  a0, 0(a0)
  jr   t5
probe capability_mode_pcc_relative  # auipc makes a capability of PCC
  capability_mode
  auipc t0, 0
  lbu  a0, 0(t0)
  jr   t5
probe capability_mode_store
  capability_mode
  sc   t5, 0, t5
  jr   t5
probe capability_mode_ecall
  capability_mode
  ecall
probe capability_mode_far_jump
  capability_mode
  lui  t0, 0x7ffff
  auipc t1, 0
  cincoffset t1, t1, t0
  jr   t1
probe capability_mode_store_ddc     # DDC into its own memory
  cspecialrw a2, 1, zero
  la   a1, page
  cincoffset a3, a2, a1
  capability_mode
  sc   a2, 0, a3
  jr   t5
probe capability_mode_amo
  cspecialrw a2, 1, zero
  la   a1, page
  cincoffset a3, a2, a1
  capability_mode
  amoswap_c a2, a2, a3
  jr   t5
probe fall_off_text                 # the last instructions of PCC, then beyond
  cspecialrw t0, 0, zero
  cgetlen t1, t0
  addi t1, t1, -2
  jr   t1

  .bss
  .balign 4096
page: .skip 4096
