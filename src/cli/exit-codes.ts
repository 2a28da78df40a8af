// What `capvm help exit-codes` says; the same table is in docs/exit-codes.md.

export const EXIT_CODES_HELP = `Exit codes of capvm

A program's own exit code is passed through by \`capvm run\`: its low 8 bits, or 255 if those are
0 while the code is not. A program that exits with one of the codes below cannot be told apart by
the code alone; \`--json\` tells what happened.

    0  all is well
    1  conform: at least one line differs
   64  wrong command line, an option's value that cannot be used
   65  input that is not what it should be: not an ELF file, RV32, truncated, overlapping or
       out-of-range segments, a broken vector file, no signature symbols
   66  an input file that cannot be opened
   69  not enough memory, or the Wasm core is missing
   70  a bug in capvm
   73  an output file that cannot be written
  120  lockstep: the two engines differ; the message says after which slice, and in what
  121  the guest waits for an interrupt that can never come
  122  a trap that the guest does not handle
  123  --max-time is over
  124  --budget is used up
  130  interrupted by Ctrl-C
  141  the reader of stdout went away
  143  terminated
`;
