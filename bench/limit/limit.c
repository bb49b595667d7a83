/* What one core of this machine can do at most: the figures that the tables give shares of.
 *
 *   limit                   prints all of them as one line of JSON
 *   limit NAME              speaks the line protocol of bench/protocol.ts, so that a limit is measured in the same rounds
 *
 * cc -O2 -march=native -ffp-contract=off -pthread: a compiler fuses the separate multiply and add unless it is told not to.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__x86_64__)
#include <immintrin.h>
typedef __m128 v128;
#define SET128(x) _mm_set1_ps(x)
#define MULADD128(a, b, c) _mm_add_ps(_mm_mul_ps(a, b), c)
#ifdef __FMA__
#define FUSED128(a, b, c) _mm_fmadd_ps(a, b, c)
#define SET256(x) _mm256_set1_ps(x)
#define FUSED256(a, b, c) _mm256_fmadd_ps(a, b, c)
#endif
#ifdef __AVX512F__
#define SET512(x) _mm512_set1_ps(x)
#define FUSED512(a, b, c) _mm512_fmadd_ps(a, b, c)
#endif
#elif defined(__aarch64__)
#include <arm_neon.h>
typedef float32x4_t v128;
#define SET128(x) vdupq_n_f32(x)
#define MULADD128(a, b, c) vaddq_f32(vmulq_f32(a, b), c)
#define FUSED128(a, b, c) vfmaq_f32(c, a, b)
#else
#error "limit.c knows x86-64 and 64-bit ARM only"
#endif

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

static volatile float sink;

/* Twelve chains of their own hide the latency of any multiply-add (8 cycles if separate); variables, to stay in registers. */
#define CHAINS 12
#define STEPS 200000
#define EACH(x) x(0) x(1) x(2) x(3) x(4) x(5) x(6) x(7) x(8) x(9) x(10) x(11)
#define DIFFER(i) c##i = b * (float)i;
#define DECLARE(i) , c##i
#define ADD_UP(i) total += ((float *)&c##i)[0];
#define PEAK(name, vector, set, step)                                       \
  static void name(void) {                                                  \
    vector a = set(0.999999f), b = set(1e-6f) EACH(DECLARE);                \
    EACH(DIFFER)                                                            \
    for (int n = 0; n < STEPS; n++) {                                       \
      EACH(step)                                                            \
    }                                                                       \
    float total = 0;                                                        \
    EACH(ADD_UP)                                                            \
    sink = total;                                                           \
  }
#define STEP_MULADD(i) c##i = MULADD128(c##i, a, b);
#define STEP_FUSED128(i) c##i = FUSED128(c##i, a, b);
#define STEP_FUSED256(i) c##i = FUSED256(c##i, a, b);
#define STEP_FUSED512(i) c##i = FUSED512(c##i, a, b);

PEAK(muladd128, v128, SET128, STEP_MULADD)
#ifdef FUSED128
PEAK(fused128, v128, SET128, STEP_FUSED128)
#endif
#ifdef FUSED256
PEAK(fused256, __m256, SET256, STEP_FUSED256)
#endif
#ifdef FUSED512
PEAK(fused512, __m512, SET512, STEP_FUSED512)
#endif

/* copy: b = a; triad: c = a + 2·b. Streams of 128-bit vectors, as the kernels have them. A processor reads a line of a
   cache before it writes into it, so what is written counts twice: 12 and 16 bytes an element move. */
static float *A, *B, *C;
static size_t length;

static void prepare(size_t bytes) {
  length = bytes / 4;
  A = aligned_alloc(64, bytes), B = aligned_alloc(64, bytes), C = aligned_alloc(64, bytes);
  if (!A || !B || !C) exit(1);
  for (size_t i = 0; i < length; i++) A[i] = B[i] = C[i] = 1;
}
static void copy(void) {
  for (size_t i = 0; i < length; i += 8) {
    *(v128 *)(B + i) = *(v128 *)(A + i);
    *(v128 *)(B + i + 4) = *(v128 *)(A + i + 4);
  }
  __asm__ volatile("" ::: "memory");
}
static void triad(void) {
  v128 two = SET128(2);
  for (size_t i = 0; i < length; i += 8) {
    *(v128 *)(C + i) = MULADD128(*(v128 *)(B + i), two, *(v128 *)(A + i));
    *(v128 *)(C + i + 4) = MULADD128(*(v128 *)(B + i + 4), two, *(v128 *)(A + i + 4));
  }
  __asm__ volatile("" ::: "memory");
}

/* From one core to another and back: what threads pay for whatever one of them writes and another reads. Cores that share a
   cache take a sixth of the time that others take, and where a virtual machine has its cores changes while it runs. The other
   thread is there for a whole turn: it takes a while until a new one has got a core of its own. */
#define TRIPS 20000
static _Alignas(128) atomic_int ball;
static pthread_t other;
static void *give_back(void *unused) {
  for (int at; (at = ball) != 2;)
    if (at == 1) ball = 0;
  return unused;
}
static void handover(void) {
  for (int trip = 0; trip < TRIPS; trip++) {
    ball = 1;
    while (ball)
      ;
  }
}
static void begin_handover(void) {
  ball = 0;
  if (pthread_create(&other, NULL, give_back, NULL)) exit(1);
}
static void end_handover(void) {
  ball = 2;
  pthread_join(other, NULL);
}

/* L2: one array of 64 KiB is larger than the usual L1, three are smaller than any L2. DRAM: 64 MiB each, above an L3. */
#define L2 (64u << 10)
#define DRAM (64u << 20)
#define FLOPS(lanes) (2.0 * lanes * CHAINS * STEPS)

struct limit {
  const char *name;
  void (*call)(void);
  size_t bytes; /* of one array; 0: registers only */
  double work;  /* of one call: floating-point operations, bytes an element, or trips */
};
static const struct limit limits[] = {
    {"muladd128", muladd128, 0, FLOPS(4)},
#ifdef FUSED128
    {"fused128", fused128, 0, FLOPS(4)},
#endif
#ifdef FUSED256
    {"fused256", fused256, 0, FLOPS(8)},
#endif
#ifdef FUSED512
    {"fused512", fused512, 0, FLOPS(16)},
#endif
    {"copyL2", copy, L2, 12},
    {"triadL2", triad, L2, 16},
    {"copyDRAM", copy, DRAM, 12},
    {"triadDRAM", triad, DRAM, 16},
    {"handover", handover, 0, TRIPS}, /* the last: on a single core it would not end */
};
#define COUNT (sizeof limits / sizeof limits[0])

/* Calls for at least 10 ms; seconds a call. */
static double sample(const struct limit *l) {
  for (int calls = 1;; calls *= 2) {
    double start = seconds();
    for (int i = 0; i < calls; i++) l->call();
    double time = seconds() - start;
    if (time > 0.01) return time / calls;
  }
}

static double work(const struct limit *l) { return l->bytes ? l->work * (double)length : l->work; }

static int serve(const struct limit *l) {
  char line[4096];
  if (l->bytes) prepare(l->bytes);
  while (fgets(line, sizeof line, stdin)) {
    if (!strncmp(line, "prepare", 7)) {
      printf("READY {\"work\":%.0f}\n", work(l));
    } else if (!strncmp(line, "run ", 4)) {
      double end = seconds() + atof(line + 4) / 1000;
      if (l->call == handover) begin_handover();
      printf("SAMPLES [%.9g", sample(l));
      while (seconds() < end) printf(",%.9g", sample(l));
      printf("]\n");
      if (l->call == handover) end_handover();
    }
    fflush(stdout);
  }
  return 0;
}

int main(int count, char **arguments) {
  for (size_t i = 0; i < COUNT; i++)
    if (count > 1 && !strcmp(arguments[1], limits[i].name)) return serve(&limits[i]);
  if (count > 1) return fprintf(stderr, "limit: there is no %s here\n", arguments[1]), 2;
  for (size_t i = 0; i < COUNT - 1; i++) {
    if (limits[i].bytes) prepare(limits[i].bytes);
    double best = 1e9;
    for (int round = 0; round < 10; round++) {
      double time = sample(&limits[i]);
      if (time < best) best = time;
    }
    printf("%s\"%s\":%.1f", i ? "," : "{", limits[i].name, work(&limits[i]) / best / 1e9);
    if (limits[i].bytes) free(A), free(B), free(C);
  }
  printf("}\n");
  return 0;
}
