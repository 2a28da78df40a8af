/* An interpreter of a small register machine: every instruction is an indirect jump. The interpreted program counts
 * Collatz steps, and fills and sums an array. */
#include "bench.h"

const char bench_name[] = "bytecode";
const uint64_t bench_default_iterations = 40;
const uint64_t bench_expected = 0x7b755d8cf764be82u;

enum operation {
  OP_HALT, OP_LOAD_I, OP_MOVE, OP_ADD, OP_SUB, OP_MUL, OP_AND, OP_XOR, OP_SHR, OP_ADD_I, OP_AND_I, OP_LESS, OP_EQUAL,
  OP_JUMP, OP_JUMP_IF, OP_JUMP_UNLESS, OP_GET, OP_PUT, OP_CALL, OP_RETURN
};

/* One instruction: operation, a, b, c; jump targets are instruction numbers in b. */
struct instruction {
  uint8_t operation, a;
  int16_t b, c;
};

enum { N, STEPS, TOTAL, T, ONE, LIMIT, INDEX, SUM, REGISTERS };
enum { LIMIT_VALUE = 300, CELLS = 256, DEPTH = 16 };

static const struct instruction PROGRAM[] = {
    /*  0 */ {OP_LOAD_I, ONE, 1, 0},
    /*  1 */ {OP_LOAD_I, LIMIT, LIMIT_VALUE, 0},
    /*  2 */ {OP_LOAD_I, INDEX, 1, 0},
    /*  3 */ {OP_LOAD_I, TOTAL, 0, 0},
    /*  4 outer */ {OP_MOVE, N, INDEX, 0},
    /*  5 */ {OP_CALL, 0, 16, 0},
    /*  6 */ {OP_ADD, TOTAL, TOTAL, STEPS},
    /*  7 */ {OP_AND_I, T, INDEX, CELLS - 1},
    /*  8 */ {OP_PUT, STEPS, T, 0},
    /*  9 */ {OP_ADD_I, INDEX, INDEX, 1},
    /* 10 */ {OP_LESS, T, INDEX, LIMIT},
    /* 11 */ {OP_JUMP_IF, T, 4, 0},
    /* 12 */ {OP_LOAD_I, INDEX, 0, 0},
    /* 13 */ {OP_LOAD_I, SUM, 0, 0},
    /* 14 */ {OP_CALL, 0, 27, 0},
    /* 15 */ {OP_HALT, 0, 0, 0},
    /* 16 collatz */ {OP_LOAD_I, STEPS, 0, 0},
    /* 17 loop */ {OP_EQUAL, T, N, ONE},
    /* 18 */ {OP_JUMP_IF, T, 26, 0},
    /* 19 */ {OP_ADD_I, STEPS, STEPS, 1},
    /* 20 */ {OP_AND, T, N, ONE},
    /* 21 */ {OP_JUMP_IF, T, 24, 0},
    /* 22 */ {OP_SHR, N, N, ONE},
    /* 23 */ {OP_JUMP, 0, 17, 0},
    /* 24 odd */ {OP_LOAD_I, T, 3, 0},
    /* 25 */ {OP_JUMP, 0, 35, 0},
    /* 26 */ {OP_RETURN, 0, 0, 0},
    /* 27 sum */ {OP_GET, T, INDEX, 0},
    /* 28 */ {OP_XOR, SUM, SUM, T},
    /* 29 */ {OP_MUL, SUM, SUM, LIMIT},
    /* 30 */ {OP_SUB, SUM, SUM, INDEX},
    /* 31 */ {OP_ADD_I, INDEX, INDEX, 1},
    /* 32 */ {OP_AND_I, T, INDEX, CELLS},
    /* 33 */ {OP_JUMP_UNLESS, T, 27, 0},
    /* 34 */ {OP_RETURN, 0, 0, 0},
    /* 35 */ {OP_MUL, N, N, T},
    /* 36 */ {OP_ADD_I, N, N, 1},
    /* 37 */ {OP_JUMP, 0, 17, 0},
};

static uint64_t cells[CELLS];

__attribute__((noinline)) static uint64_t interpret(const struct instruction *program) {
  uint64_t r[REGISTERS] = {0};
  const struct instruction *stack[DEPTH];
  unsigned depth = 0;
  const struct instruction *pc = program;
  for (;;) {
    const struct instruction i = *pc++;
    switch ((enum operation)i.operation) {
      case OP_HALT: return mixChecksum(r[TOTAL], r[SUM]);
      case OP_LOAD_I: r[i.a] = (uint64_t)i.b; break;
      case OP_MOVE: r[i.a] = r[i.b]; break;
      case OP_ADD: r[i.a] = r[i.b] + r[i.c]; break;
      case OP_SUB: r[i.a] = r[i.b] - r[i.c]; break;
      case OP_MUL: r[i.a] = r[i.b] * r[i.c]; break;
      case OP_AND: r[i.a] = r[i.b] & r[i.c]; break;
      case OP_XOR: r[i.a] = r[i.b] ^ r[i.c]; break;
      case OP_SHR: r[i.a] = r[i.b] >> (r[i.c] & 63); break;
      case OP_ADD_I: r[i.a] = r[i.b] + (uint64_t)i.c; break;
      case OP_AND_I: r[i.a] = r[i.b] & (uint64_t)i.c; break;
      case OP_LESS: r[i.a] = r[i.b] < r[i.c]; break;
      case OP_EQUAL: r[i.a] = r[i.b] == r[i.c]; break;
      case OP_JUMP: pc = program + i.b; break;
      case OP_JUMP_IF: if (r[i.a]) pc = program + i.b; break;
      case OP_JUMP_UNLESS: if (!r[i.a]) pc = program + i.b; break;
      case OP_GET: r[i.a] = cells[r[i.b] % CELLS]; break;
      case OP_PUT: cells[r[i.b] % CELLS] = r[i.a]; break;
      case OP_CALL: stack[depth++ % DEPTH] = pc, pc = program + i.b; break;
      case OP_RETURN: pc = stack[--depth % DEPTH]; break;
    }
  }
}

uint64_t bench_run(uint64_t iterations) { REPEAT_CHECKED(iterations, interpret(PROGRAM)); }
