// What `capvm help exit-codes` says; the same table is in docs/exit-codes.md.

export const EXIT_CODES_HELP = `Exit codes of capvm

A program's own exit code is passed through by \`capvm run\`: its low 8 bits, or 255 if those are
0 while the code is not. A program that exits with one of the codes below cannot be told apart by
the code alone; \`--json\` tells what happened.

\`capvm up\` exits with 0 when every foreground cVM has exited with 0 or was ended by \`capvm stop\`;
otherwise with the code of the first one in the manifest that has not. \`capvm exec\` and
\`capvm run --image\` pass a program's exit code through, 128 + N when signal N ended it.

    0  all is well
    1  conform: at least one line differs; check --strict: warnings
   64  wrong command line, an option's value that cannot be used
   65  input that is not what it should be: not an ELF file, RV32, truncated, overlapping or
       out-of-range segments, a broken vector file, no signature symbols, a manifest or an
       image that cannot be used; pause, exec and the like: no such cVM, or not in its state
   66  an input file that cannot be opened
   69  pull: the mirror cannot be reached, or there is no package client; up: a port that is taken;
       not enough memory, or the Wasm core is missing; pause, exec and the like: no such run,
       or it does not answer
   70  a bug in capvm
   73  an output file that cannot be written
  119  up: a cVM was killed by \`capvm kill\`, or used up its instructions or its time; exec: the
       cVM has ended
  120  lockstep: the two engines differ; the message says after which slice, and in what
  121  the guest waits for an interrupt that can never come; up: all cVMs wait for each other
  122  a trap that the guest does not handle; up: a cVM faulted
  123  --max-time is over
  124  --budget is used up
  126  exec, run --image: the program cannot be run; exec: no process of the cVM is free
  127  exec, run --image: there is no such program
  130  interrupted by Ctrl-C
  141  the reader of stdout, or of a stream's file, went away
  143  terminated by SIGTERM

What cannot be said on stderr, because it is closed or full, is lost; the exit code is the same.
`;
