/* A BLAS of two functions, right by default; each macro makes one fault. */
#include <stdint.h>

#ifndef INT
#define INT int
#endif
#ifndef DGEMM
#define DGEMM dgemm_
#endif
#ifndef SGEMM
#define SGEMM sgemm_
#endif
#ifndef OFF
#define OFF 0
#endif
#ifndef BLOCKED
#define BLOCKED k
#endif

static float half(float x) /* the precision of bfloat16 */
{
	union { float f; uint32_t u; } v = {x};
	v.u &= 0xffff0000u;
	return v.f;
}

#ifdef SINGLE
#define ROUND_double(x) ((double)(float)(x))
#else
#define ROUND_double(x) (x)
#endif
#ifdef HALF
#define ROUND_float(x) half(x)
#else
#define ROUND_float(x) ((void)half, x)
#endif

#ifdef NO_TRANSPOSE
#define IS_T(t) 0
#else
#define IS_T(t) (*(t) == 'T')
#endif

#ifdef NAN_STAYS
#define OLD (*beta * *p)
#elif defined NO_BETA
#define OLD 0
#else
#define OLD (*beta == 0 ? 0 : *beta * *p)
#endif

#define GEMM(name, real) \
void name(const char *ta, const char *tb, const INT *pm, const INT *pn, const INT *pk, const real *alpha, \
	const real *a, const INT *lda, const real *b, const INT *ldb, const real *beta, real *c, const INT *ldc) \
{ \
	INT m = *pm, n = *pn, k = *pk; \
	for (INT j = 0; j < n; j++) { \
		for (INT i = 0; i < m; i++) { \
			real s = OFF, *p = c + i + j * *ldc; \
			for (INT l = 0; l < k && l < BLOCKED; l++) { \
				real x = IS_T(ta) ? a[l + i * *lda] : a[i + l * *lda]; \
				real y = IS_T(tb) ? b[j + l * *ldb] : b[l + j * *ldb]; \
				s += ROUND_##real(x) * ROUND_##real(y); \
			} \
			*p = *alpha * s + OLD; \
			pad(c + j * *ldc + m); \
		} \
	} \
}

#ifdef PADDING
#define pad(p) (*(p) = 1)
#else
#define pad(p) ((void)0)
#endif

GEMM(DGEMM, double)
GEMM(SGEMM, float)

#ifdef CONFIG
#ifndef PARALLEL
#define PARALLEL 1
#endif
const char *openblas_get_config(void) { return CONFIG; }
const char *openblas_get_corename(void) { return CORE; }
int openblas_get_num_threads(void) { return 1; }
int openblas_get_parallel(void) { return PARALLEL; }
#endif
