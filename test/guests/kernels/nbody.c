// The n-body problem: five bodies, `size` thousand steps of the leapfrog method.
#include "kernel.h"

#include <math.h>

typedef struct {
  double position[3], velocity[3], mass;
} body;

#define BODIES 5

static void move(body *bodies, double step) {
  for (int i = 0; i < BODIES; i++)
    for (int j = i + 1; j < BODIES; j++) {
      double d[3], distance = 0;
      for (int k = 0; k < 3; k++) {
        d[k] = bodies[i].position[k] - bodies[j].position[k];
        distance += d[k] * d[k];
      }
      double force = step / (distance * sqrt(distance));
      for (int k = 0; k < 3; k++) {
        bodies[i].velocity[k] -= d[k] * bodies[j].mass * force;
        bodies[j].velocity[k] += d[k] * bodies[i].mass * force;
      }
    }
  for (int i = 0; i < BODIES; i++)
    for (int k = 0; k < 3; k++) bodies[i].position[k] += step * bodies[i].velocity[k];
}

KERNEL uint32_t run(uint32_t size) {
  body bodies[BODIES] = {{{0, 0, 0}, {0, 0, 0}, 40},
                         {{4.8, -1.2, -0.1}, {0.6, 2.8, -0.02}, 0.04},
                         {{8.3, 4.1, -0.4}, {-1.0, 1.8, 0.01}, 0.01},
                         {{12.9, -15.1, -0.2}, {1.1, 0.9, -0.01}, 0.002},
                         {{15.4, -25.9, 0.2}, {1.0, 0.6, -0.03}, 0.002}};
  double sum = 0;
  for (uint32_t i = 0; i < size * 1000u; i++) move(bodies, 0.001);
  for (int i = 0; i < BODIES; i++) sum += bodies[i].position[0] + bodies[i].velocity[1];
  return (uint32_t)(int64_t)(sum * 1e6);
}
