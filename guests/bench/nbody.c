/* Five bodies under gravity, leapfrog steps in double: multiply, add, divide and square root with real rounding.
 * GCC fuses multiplications and additions where the target can, so results differ in the last bits between targets:
 * the checksum takes the energy to nine digits, which 400 steps keep. */
#include "bench.h"

const char bench_name[] = "nbody";
const uint64_t bench_default_iterations = 40;
const uint64_t bench_expected = 0xb9bf6e6u;

enum { BODIES = 5, STEPS = 400 };
struct body {
  double x, y, z, vx, vy, vz, mass;
};
static struct body bodies[BODIES];

/* A made-up planetary system: one heavy body and four light ones on inclined orbits (G = 1). */
static void placeBodies(void) {
  static const double PLACES[BODIES][7] = {{0, 0, 0, 0, 0, 0, 40},
                                           {5, 0, 0.1, 0, 2.8, 0.1, 0.04},
                                           {0, 9, -0.2, -2.1, 0, 0.2, 0.012},
                                           {-13, 1, 0.5, -0.1, -1.7, 0.05, 0.0018},
                                           {2, -18, -0.4, 1.5, 0.1, 0.15, 0.0021}};
  for (int n = 0; n < BODIES; n++) {
    const double *p = PLACES[n];
    bodies[n] = (struct body){p[0], p[1], p[2], p[3], p[4], p[5], p[6]};
  }
}

__attribute__((noinline)) static void advance(double dt) {
  for (int i = 0; i < BODIES; i++) {
    struct body *a = &bodies[i];
    for (int j = i + 1; j < BODIES; j++) {
      struct body *b = &bodies[j];
      double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
      double squared = dx * dx + dy * dy + dz * dz;
      double factor = dt / (squared * __builtin_sqrt(squared));
      a->vx -= dx * b->mass * factor, a->vy -= dy * b->mass * factor, a->vz -= dz * b->mass * factor;
      b->vx += dx * a->mass * factor, b->vy += dy * a->mass * factor, b->vz += dz * a->mass * factor;
    }
  }
  for (int i = 0; i < BODIES; i++) {
    struct body *a = &bodies[i];
    a->x += dt * a->vx, a->y += dt * a->vy, a->z += dt * a->vz;
  }
}

static double energy(void) {
  double sum = 0;
  for (int i = 0; i < BODIES; i++) {
    const struct body *a = &bodies[i];
    sum += 0.5 * a->mass * (a->vx * a->vx + a->vy * a->vy + a->vz * a->vz);
    for (int j = i + 1; j < BODIES; j++) {
      const struct body *b = &bodies[j];
      double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
      sum -= a->mass * b->mass / __builtin_sqrt(dx * dx + dy * dy + dz * dz);
    }
  }
  return sum;
}

static uint64_t simulate(void) {
  placeBodies();
  for (int n = 0; n < STEPS; n++) advance(0.01);
  return (uint64_t)(int64_t)(energy() * -1e9);
}

uint64_t bench_run(uint64_t iterations) { REPEAT_CHECKED(iterations, simulate()); }
