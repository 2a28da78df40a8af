/* Frames of signal handlers on the program's stack, laid out as Linux does for riscv64, and the way back. */
#include "process/process.h"

enum { VDSO_SIGRETURN = 0x800 };

/* siginfo_t, then ucontext_t. */
struct signal_frame {
  u8 info[SIGINFO_SIZE];
  u64 flags, link;
  struct signal_stack stack;
  u64 mask;
  u8 unused[128];
  u64 pc, x[31]; /* x1 .. x31 */
  u64 f[32];
  u32 fcsr;
  u8 reserved[268];
};
_Static_assert(offsetof(struct signal_frame, pc) == 128 + 176 && sizeof(struct signal_frame) == 1088, "Linux's layout");

void float_save(u64 *state);
void float_restore(const u64 *state);

static bool is_on_alternate_stack(u64 sp) {
  const struct signal_stack *stack = &current->alternate;
  return stack->flags != SS_DISABLE && sp > stack->address && sp - stack->address <= stack->size;
}

/* As programs are told of it. */
static struct signal_stack present(u64 sp) {
  struct signal_stack stack = current->alternate;
  if (is_on_alternate_stack(sp)) stack.flags |= SS_ONSTACK;
  return stack;
}

static u64 frame_address(u64 sp, u64 flags) {
  if (is_on_alternate_stack(sp)) {
    u64 place = round_down(sp - sizeof(struct signal_frame), 16);
    return place > current->alternate.address ? place : 0;
  }
  if (flags & SA_ONSTACK && current->alternate.flags != SS_DISABLE) sp = current->alternate.address + current->alternate.size;
  return round_down(sp - sizeof(struct signal_frame), 16);
}

bool signal_frame_push(struct registers *registers, const struct signal_info *info, const struct signal_action *action, u64 mask) {
  u64 sp = registers->x[SP], address = frame_address(sp, action->flags);
  struct signal_frame *frame = user_range(address, sizeof *frame, USER_WRITE);
  if (frame == NULL) return false;
  mm_stack_left(current->process->mm, sp);
  memset(frame, 0, sizeof *frame);
  memcpy(frame->info, info, sizeof *info);
  frame->stack = present(sp);
  frame->mask = mask;
  frame->pc = registers->pc;
  memcpy(frame->x, registers->x + 1, sizeof frame->x);
  float_save(current->float_state);
  memcpy(frame->f, current->float_state, sizeof frame->f);
  frame->fcsr = (u32)current->float_state[32];
  registers->pc = action->handler;
  registers->x[RA] = current->process->mm->vdso == 0 ? 0 : current->process->mm->vdso + VDSO_SIGRETURN;
  registers->x[SP] = address;
  registers->x[A0] = (u64)info->number;
  registers->x[A1] = address;
  registers->x[A2] = address + SIGINFO_SIZE;
  return true;
}

static void set_alternate_stack(const struct signal_stack *stack) {
  bool is_none = stack->flags & SS_DISABLE;
  current->alternate = is_none ? (struct signal_stack){.flags = SS_DISABLE} : (struct signal_stack){.address = stack->address, .size = stack->size};
}

long sys_rt_sigreturn(void) {
  struct registers *registers = current->registers;
  const struct signal_frame *frame = user_range(registers->x[SP], sizeof *frame, USER_READ);
  if (frame == NULL || registers->x[SP] % 16 != 0) {
    struct signal_info info = {.number = SIGSEGV, .code = SI_KERNEL};
    force_signal(&info);
    return 0;
  }
  current->blocked = frame->mask & ~UNBLOCKABLE;
  registers->pc = frame->pc;
  memcpy(registers->x + 1, frame->x, sizeof frame->x);
  memcpy(current->float_state, frame->f, sizeof frame->f);
  current->float_state[32] = frame->fcsr & 255;
  float_restore(current->float_state);
  set_alternate_stack(&frame->stack);
  registers->call = NO_CALL;
  return (long)registers->x[A0];
}

long sys_sigaltstack(long new, long old) {
  enum { LEAST = 2048 };
  struct signal_stack wanted, now = present(current->registers->x[SP]);
  if (new != 0) {
    if (copy_from_user(&wanted, (uaddr_t)new, sizeof wanted) < 0) return -EFAULT;
    if (now.flags & SS_ONSTACK) return -EPERM;
    u32 mode = wanted.flags & ~0x80000000u; /* SS_AUTODISARM */
    if (mode != 0 && mode != SS_ONSTACK && mode != SS_DISABLE) return -EINVAL;
    if (mode != SS_DISABLE && wanted.size < LEAST) return -ENOMEM;
    set_alternate_stack(&wanted);
  }
  return old == 0 ? 0 : copy_to_user((uaddr_t)old, &now, sizeof now);
}
